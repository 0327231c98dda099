//! What `tags cleanup` and `tags apply` report: the plan, whether it may be applied, and what
//! became of it.

use super::ReleaseNames;
use crate::change::{Application, ApplyResult, Execution, Survivor};
use crate::policy::Policy;
use crate::retention::{Decision, EntryTotals, KeepCode, Plan, PlanOutcome, ReasonCode, Refusal};

/// Which command it was; only the first writes plan files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CleanupCommand {
    /// `tags cleanup`
    Cleanup,
    /// `tags apply`
    Apply,
}

impl CleanupCommand {
    /// The word used in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cleanup => "cleanup",
            Self::Apply => "apply",
        }
    }
}

/// Everything that is reported of a cleanup.
#[derive(Debug)]
pub struct Cleanup {
    /// The command.
    pub command: CleanupCommand,
    /// Which tags are which release.
    pub releases: ReleaseNames,
    /// The plan.
    pub plan: Plan,
    /// Why it may not be applied; empty when it may.
    pub refusals: Vec<Refusal>,
    /// What became of it; none in a dry run.
    pub application: Option<Application>,
    /// The journal's path, where one was written.
    pub journal: Option<String>,
    /// The plan file that was written, or is being applied.
    pub plan_file: Option<String>,
    /// Whether the plan is for another time than now, so that it cannot be applied.
    pub at_another_time: bool,
}

impl Cleanup {
    /// A dry run that nothing refuses.
    #[must_use]
    pub fn planned(command: CleanupCommand, policy: &Policy, plan: Plan) -> Self {
        Self {
            command,
            releases: ReleaseNames::new(policy),
            plan,
            refusals: Vec::new(),
            application: None,
            journal: None,
            plan_file: None,
            at_another_time: false,
        }
    }

    /// How it stands.
    #[must_use]
    pub fn outcome(&self) -> PlanOutcome {
        if !self.refusals.is_empty() {
            PlanOutcome::Refused
        } else if self.plan.is_whole()
            && self.application.as_ref().is_none_or(|done| self.is_sound(done))
        {
            PlanOutcome::Ok
        } else {
            PlanOutcome::Partial
        }
    }

    /// How many entries ended so.
    #[must_use]
    pub fn count(&self, is: impl Fn(ApplyResult) -> bool) -> usize {
        let applied = self.application.as_ref().map_or(&[][..], |application| &application.applied);
        applied.iter().filter(|entry| is(entry.result)).count()
    }

    /// What was deleted and what remains, or in a dry run what would be and would remain.
    #[must_use]
    pub fn figures(&self) -> EntryTotals {
        let planned = self.plan.totals();
        let Some(application) = &self.application else {
            return planned;
        };
        let deleted: std::collections::HashSet<_> = application
            .applied
            .iter()
            .filter(|entry| entry.result == ApplyResult::Deleted)
            .map(|entry| (&entry.repository, &entry.digest))
            .collect();
        let entries = self.plan.entries.iter().filter(|entry| {
            entry.decision == Decision::Delete
                && deleted.contains(&(&entry.repository, &entry.digest))
        });
        let deleted = EntryTotals::of(entries);
        let untag = self.count(|result| result == ApplyResult::Untagged);
        let gone = deleted.delete + self.of_plan(|result| result == ApplyResult::AlreadyGone);
        let all = planned.keep + planned.untag + planned.delete;
        EntryTotals { keep: all.saturating_sub(gone + untag), untag, ..deleted }
    }

    /// How many had gone before they could be deleted.
    #[must_use]
    pub fn gone_already(&self) -> usize {
        self.count(|result| result == ApplyResult::AlreadyGone)
    }

    /// How many may go as well, and stay in this run.
    #[must_use]
    pub fn remaining(&self) -> usize {
        remaining(&self.plan)
    }

    /// How many of the plan's own entries that were to change ended so: what only a plan file
    /// speaks of is told besides.
    fn of_plan(&self, is: impl Fn(ApplyResult) -> bool) -> usize {
        let applied = self.application.as_ref().map_or(&[][..], |application| &application.applied);
        let changed = self.plan.entries.iter().filter(|entry| entry.decision != Decision::Keep);
        let known: std::collections::HashSet<_> =
            changed.map(|entry| (&entry.repository, &entry.digest)).collect();
        let of_it = applied.iter().filter(|entry| is(entry.result));
        of_it.filter(|entry| known.contains(&(&entry.repository, &entry.digest))).count()
    }

    /// How many entries an interruption left untouched.
    #[must_use]
    pub fn not_reached(&self) -> usize {
        let planned = self.plan.totals();
        let tried = self.of_plan(|_| true);
        (planned.untag + planned.delete).saturating_sub(tried)
    }

    /// Whether all was done, and all that must survive is known to have.
    fn is_sound(&self, application: &Application) -> bool {
        let whole = |survivor: &Survivor| survivor.damage.is_none() && survivor.unread.is_none();
        application.execution(&self.plan) == Execution::Whole
            && application.survivors.iter().all(whole)
    }
}

/// How many entries of a plan may go as well, and stay in its run.
pub(super) fn remaining(plan: &Plan) -> usize {
    let not_now = ReasonCode::Keep(KeepCode::NotNow);
    plan.entries.iter().filter(|entry| entry.reason.code == not_now).count()
}
