//! The arguments of `tags apply`; the doc comments are the help.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;

use super::in_use::{InUseSource, in_use};
use super::value::duration;
use super::written_file::written_file;

/// `tags apply`
#[derive(ClapArgs)]
pub(crate) struct Apply {
    /// The plan file that `tags cleanup --out` wrote (- for stdin)
    #[arg(value_name = "PLAN")]
    pub(crate) plan: PathBuf,
    /// Refuse a plan that is older than this
    #[arg(long, value_name = "DUR", default_value = "24h", value_parser = duration)]
    pub(crate) max_plan_age: Duration,
    /// Only show what would be deleted
    #[arg(long, conflicts_with = "journal")]
    pub(crate) dry_run: bool,
    /// Also keep what runs, as for `tags cleanup`: FILE, -, kubernetes[:CONTEXT], docker[:HOST] or ssh:[USER@]HOST
    #[arg(long, value_name = "SOURCE", value_parser = in_use())]
    pub(crate) in_use: Vec<InUseSource>,
    /// Continue even if a list of --in-use names none of the policy's images
    #[arg(long, requires = "in_use")]
    pub(crate) allow_empty_in_use: bool,
    /// The file in which deletions are recorded, for `tags undo` [default: a new file in $XDG_STATE_HOME/tags]
    #[arg(long, value_name = "FILE", value_parser = written_file())]
    pub(crate) journal: Option<PathBuf>,
}
