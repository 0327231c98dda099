//! The arguments of `rollback` and `promote`; the doc comments are the help.
#![expect(clippy::doc_markdown, reason = "doc comments are shown to users as they are")]

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::written_file::written_file;

/// `tags rollback`
#[derive(ClapArgs)]
pub(crate) struct Rollback {
    /// The environment
    pub(crate) env: String,
    /// The release: a commit SHA or the beginning of one [default: what `tags rollback-target` prints]
    #[arg(long, value_name = "SHA")]
    pub(crate) to: Option<String>,
    /// How many good releases to go back
    #[arg(long, value_name = "N", conflicts_with = "to", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) steps: Option<u32>,
    #[command(flatten)]
    pub(crate) apply: ApplyMove,
}

/// `tags promote`
#[derive(ClapArgs)]
pub(crate) struct Promote {
    /// The environment that has the release
    #[arg(value_name = "ENV")]
    pub(crate) source: String,
    /// The environment that gets it; `promote-from` in its policy must allow this
    #[arg(value_name = "ENV2")]
    pub(crate) env: String,
    /// The release: a commit SHA or the beginning of one [default: the current one of ENV]
    #[arg(long)]
    pub(crate) sha: Option<String>,
    /// Promote it even if it is older than the current release of ENV2
    #[arg(long)]
    pub(crate) backwards: bool,
    #[command(flatten)]
    pub(crate) apply: ApplyMove,
}

/// Whether latest tags are moved.
#[derive(ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "flags of the command line")]
pub(crate) struct ApplyMove {
    /// Move the latest tags; on a terminal, ask first
    #[arg(long)]
    pub(crate) apply: bool,
    /// Move them even while a run of the pipeline may deploy to the environment
    #[arg(long)]
    pub(crate) while_running: bool,
    /// Move them without asking
    #[arg(long, requires = "apply")]
    pub(crate) yes: bool,
    /// Only show what would move (the default without --apply)
    #[arg(long, conflicts_with = "apply")]
    pub(crate) dry_run: bool,
    /// The file in which moves are recorded, for `tags undo` [default: a new file in $XDG_STATE_HOME/tags]
    #[arg(long, value_name = "FILE", value_parser = written_file(), requires = "apply")]
    pub(crate) journal: Option<PathBuf>,
}
