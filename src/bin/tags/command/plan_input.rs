//! What `tags cleanup` and `tags apply` read: what is in use, and a plan that may still be applied.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tags::model::{CLOCK_SKEW, Digest};
use tags::policy::Policy;
use tags::report;
use tags::retention::{InUse, InUseError, InUseFound, PlanFile, PlanOutcome, in_use, plan_file};

use crate::context::read_input;
use crate::exit::{Exit, Failure};
use crate::output;

/// What is in use, where a list of it is given.
pub(super) async fn in_use_listed(
    path: Option<&Path>,
    allow_empty: bool,
    policy: &Policy,
) -> Result<InUse, Failure> {
    match path {
        Some(path) => read_in_use(path, allow_empty, policy).await,
        None => Ok(InUse::default()),
    }
}

/// Reads what is in use. A list that protects nothing is refused unless that is said to be right.
pub(super) async fn read_in_use(
    path: &Path,
    allow_empty: bool,
    policy: &Policy,
) -> Result<InUse, Failure> {
    let text = read_input(path).await?;
    match in_use::parse(&text, policy) {
        Ok(in_use) => {
            for warning in &in_use.warnings {
                output::talk(&format!("warning: {}\n", report::escape::terminal(warning)));
            }
            Ok(in_use)
        }
        Err(error) if error.protects_nothing() && allow_empty => Ok(InUse::default()),
        Err(error) => Err(unusable(&error)),
    }
}

/// Says what of a list was found. One of which only the content could have told is refused here, if
/// nothing has it.
pub(super) fn check_in_use(found: &InUseFound, allow_empty: bool) -> Result<(), Failure> {
    if let Err(error) = found.checked()
        && !allow_empty
    {
        return Err(unusable(&error));
    }
    if found.others > 0 {
        let InUseFound { known, others, .. } = found;
        output::talk(&format!("in use: {known} of the policy's images, {others} of others\n"));
    }
    Ok(())
}

fn unusable(error: &InUseError) -> Failure {
    let exit = if error.protects_nothing() { Exit::Refused } else { Exit::Usage };
    Failure::new(exit, error.to_string()).hint(error.hint())
}

/// Reads a plan file.
pub(super) async fn read_plan(path: &Path, policy: &Policy) -> Result<PlanFile, Failure> {
    let text = read_input(path).await?;
    plan_file::read(&text, policy).map_err(|error| {
        let name = path.display();
        Failure::usage(format!("{name} is no plan: {error}")).hint(error.hint())
    })
}

/// Against what a plan file is held before it is applied.
pub(super) struct Standing<'a> {
    pub(super) policy: &'a Digest,
    pub(super) now: DateTime<Utc>,
    pub(super) max_age: Duration,
}

/// Refuses a plan that was refused when it was made, or is of another policy or another time.
pub(super) fn check_plan(file: &PlanFile, standing: &Standing<'_>) -> Result<(), Failure> {
    let refused = |message: String, hint: &str| {
        Err(Failure::new(Exit::Refused, message).hint(hint.to_owned()))
    };
    if file.outcome == PlanOutcome::Refused {
        let why = file.refusals.first().map(|why| format!(": {why}")).unwrap_or_default();
        let hint = "look through the plan; if all of it may go, raise the limits and plan anew";
        return refused(format!("the plan was refused when it was made{why}"), hint);
    }
    let anew = "make the plan anew with `tags cleanup --out`, and review that";
    if file.plan.policy != *standing.policy {
        return refused(
            "the plan was made under another policy file than this one".to_owned(),
            anew,
        );
    }
    let age = standing.now - file.plan.created;
    // A plan from the future is as doubtful as an old one.
    if age < -CLOCK_SKEW {
        return refused("the plan is from the future".to_owned(), anew);
    }
    if age.to_std().is_ok_and(|age| age > standing.max_age) {
        let made = report::age(file.plan.created, standing.now);
        let most = humantime::format_duration(standing.max_age);
        return refused(format!("the plan was made {made}, and may be {most} old at most"), anew);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use tags::retention::Plan;

    use super::*;

    fn check(change: impl Fn(&mut PlanFile)) -> Result<(), Failure> {
        let created: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().expect("a time");
        let mut file = PlanFile {
            plan: Plan {
                created,
                policy: Digest::of(b"policy"),
                coverage: Vec::new(),
                entries: Vec::new(),
                outlook: Vec::new(),
                warnings: Vec::new(),
            },
            outcome: PlanOutcome::Ok,
            refusals: Vec::new(),
        };
        change(&mut file);
        let (policy, max_age) = (Digest::of(b"policy"), Duration::from_hours(24));
        check_plan(&file, &Standing { policy: &policy, now: created, max_age })
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
            assert_eq!(refused.map_err(|failure| failure.exit()), Err(Exit::Refused));
        }
        assert!(check(|file| file.outcome = PlanOutcome::Partial).is_ok());
    }
}
