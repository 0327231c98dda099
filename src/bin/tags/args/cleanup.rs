//! The arguments of `cleanup`, `apply`, `explain` and `undo`; the doc comments are the help.
#![expect(clippy::doc_markdown, reason = "doc comments are shown to users as they are")]

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Args as ClapArgs;

use super::value::{duration, moment};

/// `tags cleanup`
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
#[derive(ClapArgs)]
pub(crate) struct Cleanup {
    /// Write the plan to a file, to review it and to run it with `tags apply`
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Delete what the plan says, if it is within the limits; on a terminal, ask first
    #[arg(long)]
    pub(crate) apply: bool,
    /// Delete without asking
    #[arg(long, requires = "apply")]
    pub(crate) yes: bool,
    /// Only plan (the default without --apply)
    #[arg(long, conflicts_with = "apply")]
    pub(crate) dry_run: bool,
    /// Delete the oldest whole releases first, up to N manifests and the limits; keep the rest for later runs
    #[arg(long, value_name = "N")]
    pub(crate) batch: Option<NonZeroUsize>,
    /// Keep running images: a list of image references, as docker or kubectl print them (- for stdin)
    #[arg(long, value_name = "FILE|-")]
    pub(crate) in_use: Option<PathBuf>,
    /// Go on even if --in-use names none of the policy's images
    #[arg(long, requires = "in_use")]
    pub(crate) allow_empty_in_use: bool,
    /// Plan as of another time, RFC 3339 or a date; only in a dry run
    // A plan that was made for another day must not be applied, now or from a file.
    #[arg(long, value_name = "TIME", value_parser = moment, conflicts_with_all = ["apply", "out"])]
    pub(crate) at: Option<DateTime<Utc>>,
    /// Where deletions are written down, for `tags undo` [default: a new file in $XDG_STATE_HOME/tags]
    #[arg(long, value_name = "FILE", requires = "apply")]
    pub(crate) journal: Option<PathBuf>,
}

/// `tags apply`
#[derive(ClapArgs)]
pub(crate) struct Apply {
    /// The plan file that `tags cleanup --out` wrote (- for stdin)
    #[arg(value_name = "PLAN")]
    pub(crate) plan: PathBuf,
    /// Refuse a plan that is older than this
    #[arg(long, value_name = "DUR", default_value = "24h", value_parser = duration)]
    pub(crate) max_plan_age: Duration,
    /// Only print what would be deleted
    #[arg(long, conflicts_with = "journal")]
    pub(crate) dry_run: bool,
    /// Keep running images as well: a list of image references, as for `tags cleanup` (- for stdin)
    #[arg(long, value_name = "FILE|-")]
    pub(crate) in_use: Option<PathBuf>,
    /// Go on even if --in-use names none of the policy's images
    #[arg(long, requires = "in_use")]
    pub(crate) allow_empty_in_use: bool,
    /// Where deletions are written down, for `tags undo` [default: a new file in $XDG_STATE_HOME/tags]
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
}

/// `tags explain`
#[derive(ClapArgs)]
pub(crate) struct Explain {
    /// A manifest as REPOSITORY:TAG or REPOSITORY@DIGEST; or an environment, with SHA
    #[arg(value_name = "TARGET")]
    pub(crate) target: String,
    /// The release: a commit SHA or the beginning of one
    #[arg(value_name = "SHA")]
    pub(crate) sha: Option<String>,
    /// Running images, as for `tags cleanup` (- for stdin)
    #[arg(long, value_name = "FILE|-")]
    pub(crate) in_use: Option<PathBuf>,
    /// Explain as of another time, RFC 3339 or a date
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) at: Option<DateTime<Utc>>,
}

/// `tags undo`
#[derive(ClapArgs)]
pub(crate) struct Undo {
    /// The journal file; `tags cleanup --apply` and `tags apply` print its path on stderr
    #[arg(value_name = "JOURNAL")]
    pub(crate) journal: PathBuf,
}

#[cfg(test)]
mod tests {
    use clap::{Args as ClapArgs, Command};

    use super::*;

    fn read<A: ClapArgs>(words: &[&str]) -> Result<A, String> {
        let command = A::augment_args(Command::new("tags").no_binary_name(true));
        command.clone().debug_assert();
        let matches = command.try_get_matches_from(words).map_err(|error| error.to_string())?;
        A::from_arg_matches(&matches).map_err(|error| error.to_string())
    }

    #[test]
    fn a_plan_for_another_time_is_to_look_at_only() {
        let plan = read::<Cleanup>(&["--at", "2026-12-24"]).map(|args| args.at.is_some());
        assert_eq!(plan, Ok(true));
        for other in [&["--apply"][..], &["--out", "p"], &["--apply", "--journal", "j"]] {
            let words = [&["--at", "2026-12-24"], other].concat();
            assert!(
                read::<Cleanup>(&words).is_err_and(|error| error.contains("--at")),
                "{words:?}"
            );
        }
    }

    #[test]
    fn a_plan_may_be_kept_in_a_file_and_applied_at_once() {
        assert!(read::<Cleanup>(&["--apply", "--out", "p", "--journal", "j"]).is_ok());
        assert!(read::<Cleanup>(&["--journal", "j"]).is_err());
        assert!(read::<Cleanup>(&["--allow-empty-in-use"]).is_err());
    }

    #[test]
    fn a_dry_run_may_be_said_and_is_none_with_apply() {
        for words in [&["--dry-run"][..], &["--dry-run", "--out", "p"], &["--apply", "--yes"]] {
            assert!(read::<Cleanup>(words).is_ok(), "{words:?}");
        }
        for words in [&["--dry-run", "--apply"][..], &["--yes"], &["--batch", "0"]] {
            assert!(read::<Cleanup>(words).is_err(), "{words:?}");
        }
        assert!(read::<Apply>(&["plan.json", "--dry-run"]).is_ok());
    }

    #[test]
    fn a_plan_is_good_for_a_day_unless_said_otherwise() {
        let age = |words: &[&str]| read::<Apply>(words).map(|args| args.max_plan_age.as_secs());
        assert_eq!(age(&["plan.json"]), Ok(86_400));
        assert_eq!(age(&["plan.json", "--max-plan-age", "90m"]), Ok(5_400));
        assert!(age(&["plan.json", "--max-plan-age", "0s"]).is_err());
    }
}
