//! What `tags report` reports: everything that people look at, in one value.

use chrono::{DateTime, Utc};

use super::{Cleanup, Exit, ListedDeployments, Listing, RollbackTarget, RollbackVerdict, Runs};
use crate::change::MoveCommand;
use crate::model::{EnvironmentName, Sha, Unread, UnreadCause};
use crate::retention::{KeepCode, ReasonCode};
use crate::verify::{Verification, VerifyVerdict};

/// The releases, the storage, the plan and the pipeline at one time.
#[derive(Debug)]
pub struct Overview {
    /// The time that ages are counted to.
    pub now: DateTime<Utc>,
    /// The environments.
    pub environments: Vec<EnvironmentOverview>,
    /// What the retention rules keep and delete, or why that is not known.
    pub plan: Result<Box<Cleanup>, Unread>,
    /// The file of a plan that was made with another policy file than this one.
    pub foreign_plan: Option<String>,
    /// The runs of the pipeline, or why they are not known; none where the policy does not say what deploys.
    pub runs: Option<Result<Runs, Unread>>,
    /// What was warned about while reading, sorted.
    pub warnings: Vec<ReadWarning>,
    /// The file that the page is written to.
    pub page: Option<String>,
}

/// Something that should be fixed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReadWarning {
    /// What is wrong.
    pub text: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// One environment.
#[derive(Debug)]
pub struct EnvironmentOverview {
    /// Its releases.
    pub listing: Listing,
    /// What is current, and what a rollback goes to.
    pub target: RollbackTarget,
    /// The check of the current release; none if it is not known which one it is.
    pub verification: Option<Verification>,
    /// The moves of its latest tags that this machine has on record, oldest first.
    pub moves: Vec<RecordedMove>,
}

/// A move of latest tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedMove {
    /// The command that made it.
    pub command: MoveCommand,
    /// When it began.
    pub time: DateTime<Utc>,
    /// The release that the latest tags moved to.
    pub to: Sha,
}

/// Whether the current release is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Wholeness {
    /// All checks passed.
    Whole,
    /// A check failed.
    Broken,
    /// Something could not be read.
    Unknown,
}

impl Wholeness {
    /// The word used in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl EnvironmentOverview {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &EnvironmentName {
        &self.listing.environment
    }

    /// Whether the current release is whole.
    #[must_use]
    pub fn wholeness(&self) -> Wholeness {
        match self.verification.as_ref().map(Verification::verdict) {
            Some(VerifyVerdict::Passed) => Wholeness::Whole,
            Some(VerifyVerdict::Failed) => Wholeness::Broken,
            Some(VerifyVerdict::Unknown(_)) | None => Wholeness::Unknown,
        }
    }

    fn unread_cause(&self) -> Option<UnreadCause> {
        let verified = match self.verification.as_ref().map(Verification::verdict) {
            Some(VerifyVerdict::Unknown(cause)) => Some(cause),
            _ => None,
        };
        let target = match self.target.verdict() {
            RollbackVerdict::Unknown(cause) => Some(cause),
            _ => None,
        };
        self.listing.unread_cause().into_iter().chain(verified).chain(target).min()
    }
}

impl Overview {
    /// The releases that the plan keeps for a rollback.
    #[must_use]
    pub fn floor(&self, of: &EnvironmentOverview) -> Vec<Sha> {
        let Ok(cleanup) = &self.plan else { return Vec::new() };
        // What another policy keeps says nothing of this one's environments.
        if self.foreign_plan.is_some() {
            return Vec::new();
        }
        let plan = &cleanup.plan;
        if let Some(summary) =
            plan.environments.iter().find(|summary| summary.environment == *of.name())
        {
            return summary.floor.clone();
        }
        // A plan from a file has no summary; its reasons say it.
        let code = ReasonCode::Keep(KeepCode::RollbackFloor);
        let kept: std::collections::HashSet<_> = plan
            .entries
            .iter()
            .filter(|entry| entry.reason.code == code)
            .flat_map(|entry| entry.tags.iter().map(|tag| (&entry.repository, tag)))
            .collect();
        let releases = of.listing.timeline.releases().iter();
        let is_kept = |release: &&crate::model::Release| {
            release.copies.values().any(|copy| {
                let reference = copy.reference();
                copy.digest().is_some() && kept.contains(&(&reference.repository, &reference.tag))
            })
        };
        releases.filter(is_kept).map(|release| release.sha.clone()).collect()
    }

    /// What could not be read, each with its reason.
    #[must_use]
    pub fn unread(&self) -> Vec<(String, &Unread)> {
        let mut all = Vec::new();
        for of in &self.environments {
            let name = of.name();
            let unread = of.listing.unread.iter();
            all.extend(unread.map(|(registry, why)| (format!("{registry}, for {name}"), why)));
            if let ListedDeployments::Unread(why) = &of.listing.deployments {
                all.push((format!("what was deployed to {name}"), why));
            }
        }
        match &self.plan {
            Ok(cleanup) => all.extend(
                cleanup
                    .plan
                    .coverage
                    .iter()
                    .filter_map(|of| Some((of.repository.to_string(), of.unread.as_ref()?))),
            ),
            Err(why) => all.push(("the plan".to_owned(), why)),
        }
        match &self.runs {
            Some(Ok(runs)) => {
                all.extend(runs.unread.iter().map(|of| (of.what.clone(), &of.why)));
            }
            Some(Err(why)) => all.push(("the runs of the pipeline".to_owned(), why)),
            None => {}
        }
        all
    }

    /// The gravest cause for which something is unknown.
    #[must_use]
    pub fn unread_cause(&self) -> Option<UnreadCause> {
        let environments = self.environments.iter().filter_map(EnvironmentOverview::unread_cause);
        let coverage = self.plan.iter().flat_map(|cleanup| &cleanup.plan.coverage);
        let coverage = coverage.filter_map(|of| of.unread.as_ref().map(|why| why.cause));
        let plan = self.plan.as_ref().err().map(|why| why.cause);
        let runs = match &self.runs {
            Some(Ok(runs)) => runs.unread_cause(),
            Some(Err(why)) => Some(why.cause),
            None => None,
        };
        environments.chain(coverage).chain(plan).chain(runs).min()
    }

    /// What is wrong with the plan that is shown, and what to do about it: it is one of another policy, so
    /// what stays and goes is not what this policy decides.
    #[must_use]
    pub fn plan_problem(&self) -> Option<(String, &'static str)> {
        let name = self.foreign_plan.as_ref()?;
        let text = format!(
            "the plan {name} was made with another policy file: what stays and goes here is not what this policy decides, and `tags apply` refuses it"
        );
        Some((text, "make a new plan with `tags cleanup --out`, or name its policy with --policy"))
    }

    /// How the program ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.foreign_plan.is_some() {
            return Exit::Refused;
        }
        self.unread_cause().map_or(Exit::Ok, Exit::unread)
    }

    /// The outcome in one word.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        match (&self.foreign_plan, self.unread_cause()) {
            (Some(_), _) => "refused",
            (None, Some(_)) => "unknown",
            (None, None) => "ok",
        }
    }
}
