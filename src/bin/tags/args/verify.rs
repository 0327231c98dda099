//! The arguments of `tags verify`; the doc comments are the help.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;

use super::value::duration;

/// `tags verify`
#[derive(ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "flags of the command line")]
pub(crate) struct Verify {
    /// The environment [default: the one whose `branch` is $GITHUB_REF_NAME, else the branch of the checkout]
    pub(crate) env: Option<String>,
    /// The release: a commit SHA or a prefix of it [default: $GITHUB_SHA, else the checkout's HEAD]
    #[arg(long)]
    pub(crate) sha: Option<String>,
    /// Retry until all checks pass, for at most DUR
    #[arg(long, value_name = "DUR", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
    /// Check only what the tags point to, not whether the content exists
    #[arg(long)]
    pub(crate) quick: bool,
    /// Also check that the running images belong to this release: image references, one per line (- for stdin)
    #[arg(long, value_name = "FILE|-")]
    pub(crate) running: Option<PathBuf>,
    /// Record the digests if all checks pass, so that a SHA tag that moves later is found; with --running as deployed
    #[arg(long)]
    pub(crate) record: bool,
    /// Only warn of a SHA tag that moved since it was recorded
    #[arg(long)]
    pub(crate) allow_moved: bool,
    /// Fail if the records cannot be read, instead of warning
    #[arg(long)]
    pub(crate) require_record: bool,
}
