//! Annotations of a policy file: its problems, and what is valid and yet may not be meant.

use super::{Annotation, Level};
use crate::policy::{PolicyError, Position};
use crate::report::{PolicySummary, counted};

/// That the policy is valid, and what may not be meant in it, at its line.
pub(super) fn check(summary: &PolicySummary) -> Vec<Annotation> {
    let policy = &summary.policy;
    let environments = counted(policy.environments.len(), "environment");
    let rules = counted(policy.retention.len(), "retention rule");
    let valid = Annotation::new(
        Level::Notice,
        "tags check: valid",
        format!("{environments}, {rules}; it may be used"),
    );
    let at = |line| Some((summary.name.clone(), line, 1));
    let remarks = summary.remarks().into_iter().map(|remark| {
        let line = remark.line.map_or(1, narrow);
        Annotation { at: at(line), ..Annotation::new(Level::Notice, "tags check", remark.text) }
    });
    remarks.chain([Annotation { at: at(1), ..valid }]).collect()
}

/// Every problem of a policy file that is not valid, at its place.
pub(super) fn problems(name: &str, error: &PolicyError) -> Vec<Annotation> {
    let problem = |(Position { line, column }, problem): (Position, &crate::policy::Problem)| {
        let annotation = Annotation::new(Level::Error, "tags check", &problem.message);
        let at = Some((name.to_owned(), narrow(line), narrow(column)));
        Annotation { at, ..annotation.with_hint(problem.help.as_deref()) }
    };
    error.problems().map(problem).collect()
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
