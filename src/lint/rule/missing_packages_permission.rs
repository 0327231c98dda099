//! The rule `missing-packages-permission`: a push to ghcr.io without `packages: write`.

use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::{Leg, Login, Push, Workflows};
use crate::lint::finding::Severity;
use crate::lint::yaml::Node;

pub(super) const RULE: Rule = Rule {
    name: "missing-packages-permission",
    severity: Severity::Warning,
    applies: Applies::Always,
    summary: "a push to ghcr.io without `packages: write`",
    why: "
        Unless `permissions` grant more, the token of a job may only read packages. A login with a
        personal access token does not need the permission, and is not reported.",
    bad: include_str!("missing_packages_permission.bad.yml"),
    good: include_str!("missing_packages_permission.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (at, run) in workflows.job_runs.iter().enumerate() {
        let pushing = run.legs.iter().find(|leg| pushes_with_own_token(leg));
        let Some(leg) = pushing.filter(|_| !may_write(workflows, at)) else { continue };
        let Some(first) = leg.pushes.iter().find(|push| is_to_github(push)) else { continue };
        let id = &run.job.id;
        let problem = Problem::new(
            id.clone(),
            format!("`{id}` pushes to ghcr.io, but its token may not write packages"),
            "add `permissions: { contents: read, packages: write }` to the job",
        );
        out.report(run, first.reference.at, problem);
    }
}

fn is_to_github(push: &Push) -> bool {
    push.reference.host == "ghcr.io" && !push.remote
}

fn pushes_with_own_token(leg: &Leg) -> bool {
    let has_other_token = |login: &Login| login.host == "ghcr.io" && !login.own_token;
    leg.pushes.iter().any(is_to_github) && !leg.logins.iter().any(has_other_token)
}

/// Whether every workflow from the job up to the first caller allows it; an unknown caller may.
fn may_write(workflows: &Workflows<'_>, at: usize) -> bool {
    let mut granted = false;
    for (_, run) in workflows.with_callers(at) {
        let permissions = run.job.permissions.as_ref();
        match permissions.or(run.file.workflow.permissions.as_ref()) {
            Some(node) if !grants(node) => return false,
            Some(_) => granted = true,
            None if run.has_unknown_caller() => return true,
            None => {}
        }
    }
    granted
}

fn grants(node: &Node) -> bool {
    node.text() == Some("write-all") || node.text_of("packages") == Some("write")
}
