//! `apply`: deletes what both a reviewed plan and a new plan delete.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::approved::{Approved, Ended, Planned};
use super::journals::{earlier_journals, finish_earlier_runs, rename_earlier};
use super::planning::Planning;
use super::{CommandError, GitLogs, InUseList, Session, State};
use crate::change::journal::JournalRecords;
use crate::change::report_withheld;
use crate::model::{CLOCK_SKEW, ClockReading, Digest};
use crate::policy::Shard;
use crate::report::{self, Cleanup, CleanupCommand, Exit};
use crate::retention::{
    Agreement, ApprovedPlan, Decision, Plan, PlanFile, PlanFileError, PlanOutcome, Refusal,
    RefusedPlan, agree, approve, plan_file, refuse_also,
};

/// Asks to apply a reviewed plan.
pub struct Request<'a> {
    /// The name of the plan file, for messages and the report.
    pub plan_name: String,
    /// The text of the plan file, as `cleanup` wrote it.
    pub plan: &'a str,
    /// The greatest age that the plan may have.
    pub max_age: Duration,
    /// Whether to apply it, or only to report what would be deleted.
    pub purpose: Purpose,
    /// Running images, which are kept.
    pub in_use: InUseList,
    /// What git says about the branch of each environment.
    pub git: GitLogs,
    /// Where this machine keeps its state.
    pub state: &'a dyn State,
    /// The file to record deletions in; by default a new one in the state directory.
    pub journal: Option<PathBuf>,
}

/// Why a reviewed plan is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To report what would be deleted.
    DryRun,
    /// To apply it.
    Apply,
}

/// Makes a new plan, and approves what both it and the reviewed plan delete.
///
/// # Errors
/// [`CommandError`] when the text is not a plan, or is a plan that must not be applied any more; when
/// a journal cannot be read; or when the list of running images protects nothing.
pub async fn plan(session: &mut Session, request: &Request<'_>) -> Result<Planned, CommandError> {
    add_images(session, request)?;
    if let Some(shard) = shard(request.plan) {
        session.restrict(shard);
    }
    let session = &*session;
    let file =
        plan_file::read(request.plan, &session.policy).map_err(|error| no_plan(request, &error))?;
    let clocks = clock_reading_of(session, &file.plan).await;
    let now = clocks.latest;
    // While clocks differ, the plan's age is unknown. The plan is refused below.
    if clocks.warnings.is_empty() {
        let max_age = request.max_age;
        check_plan(&file, &Expected { policy: &session.policy_digest, now, max_age })?;
    }
    let named = request.journal.as_deref();
    if request.purpose == Purpose::Apply {
        rename_earlier(session, named)?;
    }
    // A plan over the limits was not approved by `cleanup`: it is refused as a whole.
    let reviewed = match approve_by(session, file.plan, &clocks) {
        Ok(reviewed) => reviewed,
        Err(refused) => return Ok(refuse(session, request, *refused)),
    };
    let earlier = earlier_journals(session, request.state, named)?;
    if request.purpose == Purpose::Apply {
        finish_earlier_runs(session, &earlier).await;
    }
    let (Agreement { plan, withheld }, clocks) =
        compare(session, request, &earlier, reviewed.plan()).await?;
    let approved = match approve_by(session, plan, &clocks) {
        Ok(approved) => approved,
        Err(refused) => return Ok(refuse(session, request, *refused)),
    };
    if request.purpose == Purpose::DryRun {
        session.finish_requests();
        return Ok(Planned::Ended(Ended::new(report_of(session, request, approved.into_plan()))));
    }
    let withheld = report_withheld(session.collector(), &withheld).await;
    Ok(Planned::Approved(Approved {
        plan: approved,
        command: CleanupCommand::Apply,
        plan_file: Some(request.plan_name.clone()),
        directory: request.state.directory(),
        journal: request.journal.clone(),
        earlier: Vec::new(),
        withheld,
    }))
}

/// The shard that a plan is about; none for a plan about all repositories, and for what is no plan.
#[must_use]
pub fn shard(plan: &str) -> Option<Shard> {
    plan_file::shard(plan)
}

fn no_plan(request: &Request<'_>, error: &PlanFileError) -> CommandError {
    let message = format!("{} is not a plan file: {error}", request.plan_name);
    CommandError::usage(message).hint(error.hint())
}

/// Adds the images that the plan names, where the policy finds images by patterns. The new plan is then
/// made about the images of both.
fn add_images(session: &mut Session, request: &Request<'_>) -> Result<(), CommandError> {
    let Some(patterns) = &session.policy.patterns else { return Ok(()) };
    let named = plan_file::images(request.plan, patterns);
    session.add_images(named.map_err(|error| no_plan(request, &error))?)
}

/// Approves a plan, unless clocks differ.
fn approve_by(
    session: &Session,
    plan: Plan,
    clocks: &ClockReading,
) -> Result<ApprovedPlan, Box<RefusedPlan>> {
    let warnings = clocks.warnings.iter().cloned();
    refuse_also(approve(plan, &session.policy), warnings.map(Refusal::Clock))
}

/// Makes a new plan, and compares the reviewed plan with it.
async fn compare(
    session: &Session,
    request: &Request<'_>,
    earlier: &[JournalRecords],
    reviewed: &Plan,
) -> Result<(Agreement, ClockReading), CommandError> {
    let planning = Planning {
        session,
        in_use: &request.in_use,
        git: &request.git,
        journals: earlier,
        state: request.state,
        at: None,
    };
    let decided = planning.run().await?;
    let groups = planning.deletion_groups(&decided);
    Ok((agree(reviewed, decided.plan, &groups), decided.clocks))
}

fn refuse(session: &Session, request: &Request<'_>, refused: RefusedPlan) -> Planned {
    let RefusedPlan { plan, refusals } = refused;
    session.finish_requests();
    Planned::Ended(Ended::new(Cleanup { refusals, ..report_of(session, request, plan) }))
}

fn report_of(session: &Session, request: &Request<'_>, plan: Plan) -> Cleanup {
    let plan_file = Some(request.plan_name.clone());
    Cleanup { plan_file, ..Cleanup::planned(CleanupCommand::Apply, &session.policy, plan) }
}

/// Asks the registries from which a plan deletes for their time, and returns the clock reading.
async fn clock_reading_of(session: &Session, plan: &Plan) -> ClockReading {
    let changed = plan.entries.iter().filter(|entry| entry.decision != Decision::Keep);
    let mut names: Vec<_> = changed.map(|entry| &entry.repository.registry).collect();
    names.sort();
    names.dedup();
    session.connections.read_server_clocks(names).await;
    session.clock_reading()
}

/// What a plan file is checked against.
struct Expected<'a> {
    policy: &'a Digest,
    now: DateTime<Utc>,
    max_age: Duration,
}

/// Refuses a plan that was refused when it was made, was made with another policy, is too old, or is
/// from the future.
fn check_plan(file: &PlanFile, expected: &Expected<'_>) -> Result<(), CommandError> {
    let refused = |message: String, hint: &str| {
        Err(CommandError::new(Exit::Refused, message).hint(hint.to_owned()))
    };
    if file.outcome == PlanOutcome::Refused {
        let why = file.refusals.first().map(|why| format!(": {why}")).unwrap_or_default();
        let hint =
            "review the plan; if all of it may be deleted, raise the limits and make a new plan";
        return refused(format!("the plan was refused when it was made{why}"), hint);
    }
    let anew = "make a new plan with `tags cleanup --out`, and review it";
    if file.plan.policy != *expected.policy {
        return refused("the plan was made with another policy file".to_owned(), anew);
    }
    let age = expected.now - file.plan.created;
    if age < -CLOCK_SKEW {
        return refused("the plan was made in the future, by the servers' clocks".to_owned(), anew);
    }
    if age.to_std().is_ok_and(|age| age > expected.max_age) {
        let made = report::age(file.plan.created, expected.now);
        let most = humantime::format_duration(expected.max_age);
        return refused(
            format!("the plan was made {made}, and must not be older than {most}"),
            anew,
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn check(change: impl Fn(&mut PlanFile)) -> Result<(), Exit> {
        let created: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().expect("a time");
        let mut file = PlanFile {
            plan: Plan {
                created,
                policy: Digest::of(b"policy"),
                images: Vec::new(),
                shard: None,
                coverage: Vec::new(),
                entries: Vec::new(),
                environments: Vec::new(),
                warnings: Vec::new(),
            },
            outcome: PlanOutcome::Ok,
            refusals: Vec::new(),
        };
        change(&mut file);
        let (policy, max_age) = (Digest::of(b"policy"), Duration::from_hours(24));
        check_plan(&file, &Expected { policy: &policy, now: created, max_age })
            .map_err(|error| error.exit)
    }

    #[test]
    fn only_a_fresh_plan_of_this_policy_is_applied() {
        let aged = |hours: i64| check(move |file| file.plan.created -= TimeDelta::hours(hours));
        assert!(aged(0).is_ok() && aged(24).is_ok());
        for refused in [
            aged(25),
            aged(-1),
            check(|file| file.plan.policy = Digest::of(b"another")),
            check(|file| file.outcome = PlanOutcome::Refused),
        ] {
            assert_eq!(refused, Err(Exit::Refused));
        }
        assert!(check(|file| file.outcome = PlanOutcome::Partial).is_ok());
    }
}
