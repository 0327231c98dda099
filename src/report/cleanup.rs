//! What `tags cleanup` and `tags apply` report: the plan, whether it may be applied, and the result of
//! applying it.

use super::ReleaseNames;
use crate::change::{Application, ApplyResult, Execution, Survivor};
use crate::model::EnvironmentName;
use crate::policy::Policy;
use crate::retention::{
    Decision, EntryTotals, KeepCode, Plan, PlanOutcome, ReasonCode, Refusal, RuleLabels,
};

/// The command; only `cleanup` writes plan files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
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
        self.into()
    }
}

/// The report of a cleanup.
#[derive(Debug)]
pub struct Cleanup {
    /// The command.
    pub command: CleanupCommand,
    /// Which release each tag belongs to.
    pub releases: ReleaseNames,
    /// The rules, as people look them up.
    pub rules: RuleLabels,
    /// The environments in the order in which people look at them.
    pub environments: Vec<EnvironmentName>,
    /// The plan.
    pub plan: Plan,
    /// Why the plan may not be applied; empty if it may.
    pub refusals: Vec<Refusal>,
    /// The result of applying it; none in a dry run.
    pub application: Option<Application>,
    /// The path of the journal, if one was written.
    pub journal: Option<String>,
    /// The plan file that was written, or that is applied.
    pub plan_file: Option<String>,
    /// Whether the plan is for another time than now, so that it cannot be applied.
    pub at_another_time: bool,
    /// The options with which it is applied as it was planned.
    pub repeat: Repeat,
}

/// The options of the command line that have shaped a plan, each with a blank in front.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repeat {
    /// For `tags cleanup`.
    pub cleanup: String,
    /// For `tags apply`, which takes the rest from the plan file.
    pub apply: String,
}

impl Cleanup {
    /// The report of a dry run that was not refused.
    #[must_use]
    pub fn planned(command: CleanupCommand, policy: &Policy, plan: Plan) -> Self {
        Self {
            command,
            releases: ReleaseNames::new(policy),
            rules: RuleLabels::new(policy),
            environments: policy
                .environments_in_order()
                .into_iter()
                .map(|environment| environment.name.clone())
                .collect(),
            plan,
            refusals: Vec::new(),
            application: None,
            journal: None,
            plan_file: None,
            at_another_time: false,
            repeat: Repeat::default(),
        }
    }

    /// The outcome.
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

    /// How many entries have such a result.
    #[must_use]
    pub fn count(&self, is: impl Fn(ApplyResult) -> bool) -> usize {
        let applied = self.application.as_ref().map_or(&[][..], |application| &application.applied);
        applied.iter().filter(|entry| is(entry.result)).count()
    }

    /// How much was deleted and kept, or would be in a dry run.
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

    /// How many were gone before they could be deleted.
    #[must_use]
    pub fn gone_already(&self) -> usize {
        self.count(|result| result == ApplyResult::AlreadyGone)
    }

    /// How many may be deleted as well, but not in this run.
    #[must_use]
    pub fn remaining(&self) -> usize {
        remaining(&self.plan)
    }

    /// How many entries that this plan changes have such a result. Entries that only the plan file
    /// changes are not counted.
    fn of_plan(&self, is: impl Fn(ApplyResult) -> bool) -> usize {
        let applied = self.application.as_ref().map_or(&[][..], |application| &application.applied);
        let changed = self.plan.entries.iter().filter(|entry| entry.decision != Decision::Keep);
        let known: std::collections::HashSet<_> =
            changed.map(|entry| (&entry.repository, &entry.digest)).collect();
        let of_it = applied.iter().filter(|entry| is(entry.result));
        of_it.filter(|entry| known.contains(&(&entry.repository, &entry.digest))).count()
    }

    /// How many entries were not reached because of an interruption.
    #[must_use]
    pub fn not_reached(&self) -> usize {
        let planned = self.plan.totals();
        let tried = self.of_plan(|_| true);
        (planned.untag + planned.delete).saturating_sub(tried)
    }

    /// Whether everything was done, and all tags that were checked afterwards are complete.
    fn is_sound(&self, application: &Application) -> bool {
        let whole = |survivor: &Survivor| survivor.damage.is_none() && survivor.unread.is_none();
        application.execution(&self.plan) == Execution::Whole
            && application.survivors.iter().all(whole)
    }
}

/// How many entries of a plan may be deleted as well, but not in this run.
pub(super) fn remaining(plan: &Plan) -> usize {
    let not_now = ReasonCode::Keep(KeepCode::NotNow);
    plan.entries.iter().filter(|entry| entry.reason.code == not_now).count()
}
