//! How `tags cleanup` and `tags apply` report and end, and where they write.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use tags::change::{Application, AppliedEntry, ApplyResult, ChangeVerdict};
use tags::report::human::{Detail, View};
use tags::report::{self, Cleanup, escape};

use crate::ambient;
use crate::args::{Format, Global};
use crate::destination::Destination;
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

/// The end of a run: what is told, and where.
pub(super) struct Ending<'a> {
    pub(super) global: &'a Global,
    pub(super) report: Cleanup<'a>,
    /// Where the plan goes.
    pub(super) out: Option<Destination>,
    /// What went wrong besides.
    pub(super) troubles: Vec<Failure>,
}

impl Ending<'_> {
    /// Writes the plan and the report, everywhere where they can be written, and gives the exit
    /// code. Once something may have been deleted nothing turns it into one that says otherwise.
    pub(super) fn tell(self) -> Result<Exit, Failure> {
        let Self { global, report, out, mut troubles } = self;
        troubles.extend(out.and_then(|out| write_plan(out, &report).err()));
        refuse(&report, global.format);
        troubles.extend(write(&report, global).err());
        let exit = exit(&report);
        let Some(application) = report.application.filter(|done| may_have_changed(done)) else {
            let mut troubles = troubles.into_iter();
            let first = troubles.next();
            troubles.for_each(|trouble| trouble.say());
            return first.map_or(Ok(exit), Err);
        };
        troubles.iter().for_each(Failure::say);
        let trouble = if troubles.is_empty() { Exit::Ok } else { Exit::Fails };
        let exit = Exit::gravest([exit, trouble]);
        Ok(if application.has_changed() { exit.after_changes() } else { exit })
    }
}

/// Whether something was deleted, or may have been for all that is known.
fn may_have_changed(application: &Application) -> bool {
    let is_unknown = |entry: &AppliedEntry| matches!(entry.result, ApplyResult::Failed(_));
    let unknown = application.interrupted || application.applied.iter().any(is_unknown);
    application.has_changed() || unknown
}

/// Says refusals on stderr as well, unless the report stands beside it.
fn refuse(cleanup: &Cleanup<'_>, format: Format) {
    if format == Format::Human && output::width().is_some() {
        return;
    }
    for refusal in cleanup.refusals {
        let message = refusal.to_string();
        let (message, hint) = (escape::terminal(&message), refusal.hint());
        output::talk(&format!("refused: {message}\n  hint: {hint}\n"));
    }
}

/// The plan as a file has it.
pub(super) fn plan_text(cleanup: &Cleanup<'_>) -> Result<String, Failure> {
    report::json::cleanup(cleanup).map_err(|error| Failure::internal("cannot write JSON", error))
}

fn write_plan(out: Destination, cleanup: &Cleanup<'_>) -> Result<(), Failure> {
    let (text, name) = (plan_text(cleanup)?, out.name());
    if sink::secrets().are_in(text.as_bytes()) {
        output::talk(&format!(
            "warning: {name} held a credential of this run, which is *** there now: it can be read, \
             and not applied\n  hint: replace that credential; others can read it in the registry\n"
        ));
    }
    out.write(&text)
        .map_err(|error| Failure::usage(format!("cannot write the plan to {name}: {error}")))
}

/// Reports it.
fn write(cleanup: &Cleanup<'_>, global: &Global) -> Result<(), Failure> {
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
fn exit(cleanup: &Cleanup<'_>) -> Exit {
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
pub(super) fn by_verdict(verdict: ChangeVerdict) -> Exit {
    match verdict {
        ChangeVerdict::Interrupted => Exit::Interrupted,
        ChangeVerdict::Partial => Exit::Partly,
        ChangeVerdict::Rights => Exit::Credentials,
        ChangeVerdict::Unread => Exit::Unreadable,
        ChangeVerdict::Damaged => Exit::Fails,
        ChangeVerdict::Done => Exit::Ok,
    }
}

#[cfg(test)]
mod tests {
    use tags::change::{FailureCause, Survivor};
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
