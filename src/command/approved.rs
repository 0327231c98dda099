//! The second half of `cleanup` and `apply`: applies an approved plan, and reports the result.

use std::path::PathBuf;
use std::time::Duration;

use super::journals::{close_earlier, journal_path, unwritten};
use super::{CommandError, Session};
use crate::change::journal::{Journal, JournalError, JournalHeader, JournalRecords};
use crate::change::{Application, AppliedEntry, ApplyError, ApplyJob, ApplyResult, Stop, apply};
use crate::report::{Cleanup, CleanupCommand, Exit, Report};
use crate::retention::{ApprovedPlan, Plan};

/// The result of planning.
pub enum Planned {
    /// The plan may be applied now.
    Approved(Approved),
    /// The final report: of a dry run, or of a plan that must not be applied.
    Ended(Ended),
}

/// A plan that may be applied once. Only `cleanup::plan` and `apply::plan` make one.
pub struct Approved {
    pub(super) plan: ApprovedPlan,
    pub(super) command: CleanupCommand,
    pub(super) plan_file: Option<String>,
    /// The state directory.
    pub(super) directory: Option<PathBuf>,
    /// The file that was named for the journal.
    pub(super) journal: Option<PathBuf>,
    /// The journals of earlier runs, which are closed once this run has finished their work.
    pub(super) earlier: Vec<JournalRecords>,
    /// What the reviewed plan deletes and the new one keeps.
    pub(super) withheld: Vec<AppliedEntry>,
}

/// How a plan is applied.
#[derive(Clone, Copy)]
pub struct ApplySettings<'a> {
    /// Asks the run to stop: then no new deletion is begun.
    pub stop: &'a Stop,
    /// How long to wait without progress, such as under a rate limit that does not end.
    pub patience: Duration,
}

/// What was done, and the journal of it.
struct Applied {
    application: Application,
    /// None when there was nothing to delete.
    journal: Option<PathBuf>,
    /// Why the run ended early, if the journal could not be written any more.
    broken: Option<JournalError>,
}

impl Approved {
    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        self.plan.plan()
    }

    /// Whether applying it deletes anything.
    #[must_use]
    pub fn deletes(&self) -> bool {
        self.plan.deletions().next().is_some()
    }

    /// Deletes what the plan says, each manifest recorded in the journal first.
    ///
    /// # Errors
    /// [`CommandError`] when the journal cannot be created; then nothing is deleted.
    pub async fn apply(
        self,
        session: &Session,
        settings: ApplySettings<'_>,
    ) -> Result<Ended, CommandError> {
        let Applied { application, journal, broken } = self.carry_out(session, settings).await?;
        session.finish_requests();
        let journal = journal.map(|path| path.display().to_string());
        let plan = self.plan.into_plan();
        let mut problems: Vec<CommandError> = broken.iter().map(unwritten).collect();
        if broken.is_none() && is_settled(&plan, &application) {
            let by = journal.as_deref().unwrap_or("cleanup --apply");
            problems.extend(close_earlier(&self.earlier, by));
        }
        let report = Cleanup {
            application: Some(application),
            journal,
            plan_file: self.plan_file,
            ..Cleanup::planned(self.command, &session.policy, plan)
        };
        Ok(Ended { problems, journal_broke: broken.is_some(), ..Ended::new(report) })
    }

    async fn carry_out(
        &self,
        session: &Session,
        settings: ApplySettings<'_>,
    ) -> Result<Applied, CommandError> {
        let mut applied = self.delete(session, settings).await?;
        if self.command == CleanupCommand::Apply {
            let entries = &mut applied.application.applied;
            entries.extend_from_slice(&self.withheld);
            entries.sort_by(|a, b| a.repository.cmp(&b.repository));
        }
        Ok(applied)
    }

    async fn delete(
        &self,
        session: &Session,
        settings: ApplySettings<'_>,
    ) -> Result<Applied, CommandError> {
        if !self.deletes() {
            let application = Application::default();
            return Ok(Applied { application, journal: None, broken: None });
        }
        let created = self.plan.plan().created;
        let path = journal_path(self.directory.as_deref(), self.journal.as_deref(), created)?;
        let command = match self.command {
            CleanupCommand::Cleanup => "cleanup --apply",
            CleanupCommand::Apply => "apply",
        };
        let secrets = session.connections.http().secrets();
        let header = JournalHeader {
            created,
            policy: session.policy_digest.clone(),
            command: secrets.redact_text(command).into_owned(),
        };
        let journal = Journal::create(&path, &header).map_err(|error| unwritten(&error))?;
        session.status(format!("journal: {}", path.display()));
        let job = ApplyJob {
            collector: session.collector(),
            plan: &self.plan,
            policy: &session.policy,
            journal: &journal,
            stop: settings.stop,
            patience: settings.patience,
        };
        let (application, broken) = match apply(&job).await {
            Ok(application) => (application, None),
            Err(ApplyError::Journal { source, application }) => (application, Some(source)),
        };
        Ok(Applied { application, journal: Some(path), broken })
    }
}

/// Whether all work is done, that of earlier runs included.
fn is_settled(plan: &Plan, application: &Application) -> bool {
    let failed = |entry: &AppliedEntry| matches!(entry.result, ApplyResult::Failed(_));
    let to_the_end = !application.interrupted && !application.stalled;
    plan.is_whole() && to_the_end && !application.applied.iter().any(failed)
}

/// The end of `cleanup` or `apply`: the report, and errors that are not part of it.
#[derive(Debug)]
pub struct Ended {
    /// The report, a [`Report::Cleanup`].
    pub report: Report,
    /// Errors that are not in the report: a journal that could not be written or closed.
    pub problems: Vec<CommandError>,
    journal_broke: bool,
}

impl Ended {
    /// A report without further errors.
    pub(super) fn new(report: Cleanup) -> Self {
        Self { report: Report::Cleanup(report), problems: Vec::new(), journal_broke: false }
    }

    /// The exit code of the program, given the failures to write the plan or the report. Once
    /// something may have been deleted, the code never says that nothing was.
    #[must_use]
    pub fn exit(&self, failures: &[Exit]) -> Exit {
        let exit = self.report.exit();
        let mut problems =
            self.problems.iter().map(|problem| problem.exit).chain(failures.iter().copied());
        let Some(application) = self.report.application().filter(|done| may_have_changed(done))
        else {
            return problems.next().unwrap_or(exit);
        };
        let problem = problems.next().map_or(Exit::Ok, |_| Exit::Fails);
        let mut exit = Exit::gravest([exit, problem]);
        if application.has_changed() {
            exit = exit.after_changes();
            if self.journal_broke {
                exit = Exit::gravest([exit, Exit::Partly]);
            }
        }
        exit
    }
}

/// Whether something was deleted, or may have been.
fn may_have_changed(application: &Application) -> bool {
    let is_unknown = |entry: &AppliedEntry| matches!(entry.result, ApplyResult::Failed(_));
    let unknown = application.interrupted || application.applied.iter().any(is_unknown);
    application.has_changed() || unknown
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::change::{FailureCause, Survivor};
    use crate::model::{
        Digest, EnvironmentName, RegistryName, Repository, RepositoryPath, TagName,
    };

    const RIGHTS: ApplyResult = ApplyResult::Failed(FailureCause::Rights);
    const REGISTRY: ApplyResult = ApplyResult::Failed(FailureCause::Registry);

    fn repository() -> Repository {
        Repository {
            registry: RegistryName::parse("east").expect("a name"),
            host: "east.example".to_owned(),
            path: RepositoryPath::parse("acme/backend").expect("a path"),
        }
    }

    /// How applying a plan ends, if everything was read.
    fn applied(application: &Application) -> Exit {
        let plan = Plan {
            created: DateTime::UNIX_EPOCH,
            policy: Digest::of(b""),
            images: Vec::new(),
            shard: None,
            coverage: Vec::new(),
            entries: Vec::new(),
            environments: Vec::new(),
            warnings: Vec::new(),
        };
        Exit::of_verdict(application.verdict(&plan))
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
}
