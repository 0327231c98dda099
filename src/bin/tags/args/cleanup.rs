//! The arguments of `tags cleanup`; the doc comments are the help.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Args as ClapArgs;

use super::in_use::{InUseSource, in_use};
use super::value::moment;
use super::written_file::written_file;

/// `tags cleanup`
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
#[derive(ClapArgs)]
pub(crate) struct Cleanup {
    /// Write the plan to a file, to review it and to run it with `tags apply`
    #[arg(long, value_name = "FILE", value_parser = written_file())]
    pub(crate) out: Option<PathBuf>,
    /// Delete what the plan says, if it is within the limits; on a terminal, ask for confirmation first
    #[arg(long)]
    pub(crate) apply: bool,
    /// Delete without asking
    #[arg(long, requires = "apply")]
    pub(crate) yes: bool,
    /// Only show the plan (the default without --apply)
    #[arg(long, conflicts_with = "apply")]
    pub(crate) dry_run: bool,
    /// Delete the oldest whole releases first, up to N manifests and within the limits; leave the rest for later runs
    #[arg(long, value_name = "N")]
    pub(crate) batch: Option<NonZeroUsize>,
    /// Only one of N parts of the repositories, from 0/N to N-1/N, which may run at the same time; N alone: part $JOB_COMPLETION_INDEX
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<String>,
    /// Keep what runs: what this list names, image references or IDs as docker or kubectl print them (- for stdin);
    /// or what is found at kubernetes[:CONTEXT], docker[:HOST] or ssh:[USER@]HOST. Can be repeated
    #[arg(long, value_name = "SOURCE", value_parser = in_use())]
    pub(crate) in_use: Vec<InUseSource>,
    /// Continue even if a list of --in-use names none of the policy's images
    #[arg(long, requires = "in_use")]
    pub(crate) allow_empty_in_use: bool,
    /// Plan as of another time, RFC 3339 or a date; for dry runs only
    // A plan that was made for another day must not be applied, now or from a file.
    #[arg(long, value_name = "TIME", value_parser = moment, conflicts_with_all = ["apply", "out"])]
    pub(crate) at: Option<DateTime<Utc>>,
    /// The file in which deletions are recorded, for `tags undo` [default: a new file in $XDG_STATE_HOME/tags]
    #[arg(long, value_name = "FILE", value_parser = written_file(), requires = "apply")]
    pub(crate) journal: Option<PathBuf>,
}
