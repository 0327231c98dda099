//! The arguments of `repair`; the doc comments are the help.
#![expect(clippy::doc_markdown, reason = "doc comments are shown to users as they are")]

use clap::Args as ClapArgs;

/// `tags repair`
#[derive(ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub(crate) struct Repair {
    /// The environment
    pub(crate) env: String,
    /// The release: a commit SHA or the beginning of one [default: $GITHUB_SHA, else the checkout's HEAD]
    #[arg(long)]
    pub(crate) sha: Option<String>,
    /// The registry to copy from, if several have different copies of the release
    #[arg(long, value_name = "REGISTRY")]
    pub(crate) from: Option<String>,
    /// Move the latest tags to the release as well, in all images and registries or in none
    #[arg(long)]
    pub(crate) latest: bool,
    /// Copy what is missing; on a terminal, ask first
    #[arg(long)]
    pub(crate) apply: bool,
    /// Copy without asking
    #[arg(long, requires = "apply")]
    pub(crate) yes: bool,
    /// Only show what would be copied (the default without --apply)
    #[arg(long, conflicts_with = "apply")]
    pub(crate) dry_run: bool,
}
