//! How `tags cleanup` and `tags apply` report and end, and where they write.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use tags::apply::Verdict;
use tags::report::human::{Detail, View};
use tags::report::{self, Cleanup};

use crate::ambient;
use crate::args::Global;
use crate::exit::{Exit, Failure};
use crate::output::{self, Rendered};
use crate::sink;

/// Where an apply writes down what it deletes: where it was told to, else a new file of its own.
pub(super) fn journal_path(given: Option<&Path>, now: DateTime<Utc>) -> Result<PathBuf, Failure> {
    if let Some(path) = given {
        return Ok(path.to_owned());
    }
    let directory = ambient::state_directory().ok_or_else(|| {
        Failure::usage(
            "there is no place for the journal: neither $XDG_STATE_HOME nor $HOME is set",
        )
        .hint("name a file with --journal FILE")
    })?;
    Ok(directory.join(journal_name(now, std::process::id())))
}

/// Names sort by time, and two runs at once have different ones.
fn journal_name(now: DateTime<Utc>, process: u32) -> String {
    format!("journal-{}-{process}.jsonl", now.format("%Y%m%dT%H%M%SZ"))
}

/// Writes the plan to a file, whole or not at all.
pub(super) fn write_plan(path: &Path, cleanup: &Cleanup<'_>) -> Result<(), Failure> {
    let text = report::json::cleanup(cleanup)
        .map_err(|error| Failure::internal("cannot write JSON", error))?;
    let refused = |error: &dyn std::fmt::Display| {
        Failure::usage(format!("cannot write the plan to {}: {error}", path.display()))
    };
    sink::replace(path, &text).map_err(|error| refused(&error))
}

/// Reports it.
pub(super) fn write(cleanup: &Cleanup<'_>, global: &Global) -> Result<(), Failure> {
    let detail = if global.verbose > 0 { Detail::Whole } else { Detail::Short };
    let rendered = Rendered {
        human: report::human::cleanup(cleanup, View { width: output::width(), detail }),
        json: report::json::cleanup(cleanup),
        annotations: report::github::cleanup(cleanup),
        annotates_by_itself: true,
        outputs: report::github::cleanup_outputs(cleanup),
        markdown: report::markdown::cleanup(cleanup),
    };
    output::write(&rendered, global.format)
}

/// How it ends.
pub(super) fn exit(cleanup: &Cleanup<'_>) -> Exit {
    let unread = cleanup.plan.coverage.iter().filter_map(|coverage| coverage.unread.as_ref());
    let mut exits: Vec<Exit> = unread.map(|why| Exit::unread(why.cause)).collect();
    if !cleanup.refusals.is_empty() {
        exits.push(Exit::Refused);
    }
    exits.extend(
        cleanup.application.map(|application| by_verdict(application.verdict(cleanup.plan))),
    );
    Exit::gravest(exits)
}

/// How an apply or an undoing ends.
pub(super) fn by_verdict(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Interrupted => Exit::Interrupted,
        Verdict::Partial => Exit::Partly,
        Verdict::Rights => Exit::Credentials,
        Verdict::Unread => Exit::Unreadable,
        Verdict::Damaged => Exit::Fails,
        Verdict::Done => Exit::Ok,
    }
}

#[cfg(test)]
mod tests {
    use tags::apply::{Application, AppliedEntry, ApplyResult, FailureCause, Survivor};
    use tags::model::{Digest, EnvironmentName, RegistryName, Repository, RepositoryPath, TagName};
    use tags::retention::Plan;

    use super::*;

    const RIGHTS: ApplyResult = ApplyResult::Failed(FailureCause::Rights);
    const REGISTRY: ApplyResult = ApplyResult::Failed(FailureCause::Registry);

    fn repository() -> Repository {
        Repository {
            registry: RegistryName::parse("east").expect("a name"),
            host: "east.example".to_owned(),
            path: RepositoryPath::parse("acme/backend").expect("a path"),
        }
    }

    /// How an apply of a plan ends of which everything was read.
    fn applied(application: &Application) -> Exit {
        let plan = Plan {
            created: DateTime::UNIX_EPOCH,
            policy: Digest::of(b""),
            coverage: Vec::new(),
            entries: Vec::new(),
            outlook: Vec::new(),
            warnings: Vec::new(),
        };
        by_verdict(application.verdict(&plan))
    }

    fn application(results: &[ApplyResult]) -> Application {
        let entry = |result: &ApplyResult| AppliedEntry {
            repository: repository(),
            digest: Digest::of(b""),
            result: *result,
            message: String::new(),
        };
        Application { applied: results.iter().map(entry).collect(), ..Application::default() }
    }

    #[test]
    fn an_apply_ends_by_what_failed_and_whether_something_was_deleted() {
        use ApplyResult::{AlreadyGone, Deleted, Retained, Skipped, Untagged};
        for (results, exit) in [
            (&[][..], Exit::Ok),
            (&[Deleted, Untagged, AlreadyGone, Skipped, Retained], Exit::Ok),
            (&[Deleted, REGISTRY], Exit::Partly),
            (&[Untagged, RIGHTS], Exit::Partly),
            (&[Skipped, RIGHTS, REGISTRY], Exit::Credentials),
            (&[AlreadyGone, REGISTRY], Exit::Unreadable),
        ] {
            assert_eq!(applied(&application(results)), exit, "{results:?}");
        }
    }

    #[test]
    fn damage_is_told_unless_something_graver_is() {
        let survivor = |damage: Option<&str>, unread: Option<&str>| Survivor {
            environment: EnvironmentName::parse("prod").expect("a name"),
            repository: repository(),
            tag: TagName::parse("prod-latest").expect("a tag"),
            damage: damage.map(str::to_owned),
            unread: unread.map(str::to_owned),
        };
        let mut whole = application(&[ApplyResult::Deleted]);
        whole.survivors = vec![survivor(None, None), survivor(Some("a layer is missing"), None)];
        assert_eq!(applied(&whole), Exit::Fails);
        whole.survivors.push(survivor(None, Some("no answer")));
        assert_eq!(applied(&whole), Exit::Unreadable);
        let broken = Application { interrupted: true, ..whole };
        assert_eq!(applied(&broken), Exit::Interrupted);
    }

    #[test]
    fn a_journal_is_named_by_time_and_process() {
        let now = "2026-11-22T03:04:05.678Z".parse().expect("a time");
        assert_eq!(journal_name(now, 42), "journal-20261122T030405Z-42.jsonl");
    }
}
