//! `apply`: deletes what a reviewed plan and a fresh decision both delete.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::approved::{Approved, Ended, Planned};
use super::journals::{earlier_journals, finish_earlier_runs, make_room};
use super::planning::Planning;
use super::{CommandError, GitLogs, InUseList, Session, State};
use crate::change::journal::JournalRecords;
use crate::change::report_withheld;
use crate::model::{CLOCK_SKEW, ClockReading, Digest};
use crate::report::{self, Cleanup, CleanupCommand, Exit};
use crate::retention::{
    Agreement, ApprovedPlan, Decision, Plan, PlanFile, PlanOutcome, Refusal, RefusedPlan, agree,
    approve, plan_file, refuse_also,
};

/// What applying a reviewed plan is asked for.
pub struct Request<'a> {
    /// The name of the plan file, for messages and the report.
    pub plan_name: String,
    /// The text of the plan file, as `cleanup` wrote it.
    pub plan: &'a str,
    /// How old the plan may be.
    pub max_age: Duration,
    /// Whether to apply it, or only to look at what would be deleted.
    pub purpose: Purpose,
    /// What runs and must stay.
    pub in_use: InUseList,
    /// What git says about the branch of each environment.
    pub git: GitLogs,
    /// Where this machine keeps its state.
    pub state: &'a dyn State,
    /// The file to record deletions in; by default a new one in the state directory.
    pub journal: Option<PathBuf>,
}

/// What a reviewed plan is checked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To look at what would be deleted.
    DryRun,
    /// To be applied.
    Apply,
}

/// Checks a reviewed plan against a fresh decision.
///
/// # Errors
/// [`CommandError`] when the text is no plan, or a plan that may not be applied any more; when a
/// journal cannot be read; or when the list of what runs protects nothing.
pub async fn plan(session: &Session, request: &Request<'_>) -> Result<Planned, CommandError> {
    let file = plan_file::read(request.plan, &session.policy).map_err(|error| {
        let message = format!("{} is no plan: {error}", request.plan_name);
        CommandError::usage(message).hint(error.hint())
    })?;
    let clocks = clock_reading_of(session, &file.plan).await;
    let now = clocks.latest;
    // By a wrong clock the plan's age says nothing.
    if clocks.warnings.is_empty() {
        let max_age = request.max_age;
        check_plan(&file, &Expected { policy: &session.policy_digest, now, max_age })?;
    }
    let named = request.journal.as_deref();
    if request.purpose == Purpose::Apply {
        make_room(session, named)?;
    }
    // What exceeds a limit was never approved by `cleanup`, and nothing of it is done.
    let reviewed = match approve_by(session, file.plan, &clocks) {
        Ok(reviewed) => reviewed,
        Err(refused) => return Ok(refuse(session, request, *refused)),
    };
    let earlier = earlier_journals(session, request.state, named)?;
    if request.purpose == Purpose::Apply {
        finish_earlier_runs(session, &earlier).await;
    }
    let (Agreement { plan, left }, clocks) =
        compare(session, request, &earlier, reviewed.plan()).await?;
    let approved = match approve_by(session, plan, &clocks) {
        Ok(approved) => approved,
        Err(refused) => return Ok(refuse(session, request, *refused)),
    };
    if request.purpose == Purpose::DryRun {
        session.finish_requests();
        return Ok(Planned::Ended(Ended::new(report_of(session, request, approved.into_plan()))));
    }
    let withheld = report_withheld(session.collector(), &left).await;
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

/// Approves a plan by these clocks.
fn approve_by(
    session: &Session,
    plan: Plan,
    clocks: &ClockReading,
) -> Result<ApprovedPlan, Box<RefusedPlan>> {
    let warnings = clocks.warnings.iter().cloned();
    refuse_also(approve(plan, &session.policy), warnings.map(Refusal::Clock))
}

/// Reads and decides anew, and compares the reviewed plan with that.
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

/// The time, after the registries from which a plan deletes were asked for theirs.
async fn clock_reading_of(session: &Session, plan: &Plan) -> ClockReading {
    let changed = plan.entries.iter().filter(|entry| entry.decision != Decision::Keep);
    let mut names: Vec<_> = changed.map(|entry| &entry.repository.registry).collect();
    names.sort();
    names.dedup();
    session.connections.clocks_ask(names).await;
    session.clock_reading()
}

/// What a plan file must fit.
struct Expected<'a> {
    policy: &'a Digest,
    now: DateTime<Utc>,
    max_age: Duration,
}

/// Refuses a plan that was refused when it was made, or is of another policy or another time.
fn check_plan(file: &PlanFile, expected: &Expected<'_>) -> Result<(), CommandError> {
    let refused = |message: String, hint: &str| {
        Err(CommandError::new(Exit::Refused, message).hint(hint.to_owned()))
    };
    if file.outcome == PlanOutcome::Refused {
        let why = file.refusals.first().map(|why| format!(": {why}")).unwrap_or_default();
        let hint = "look through the plan; if all of it may go, raise the limits and plan anew";
        return refused(format!("the plan was refused when it was made{why}"), hint);
    }
    let anew = "make the plan anew with `tags cleanup --out`, and review that";
    if file.plan.policy != *expected.policy {
        return refused(
            "the plan was made under another policy file than this one".to_owned(),
            anew,
        );
    }
    let age = expected.now - file.plan.created;
    // A plan from the future is as doubtful as an old one.
    if age < -CLOCK_SKEW {
        return refused("the plan is from the future".to_owned(), anew);
    }
    if age.to_std().is_ok_and(|age| age > expected.max_age) {
        let made = report::age(file.plan.created, expected.now);
        let most = humantime::format_duration(expected.max_age);
        return refused(format!("the plan was made {made}, and may be {most} old at most"), anew);
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
