//! The rule `missing-login`: a push to a host without a login to it earlier in the job.

use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::{Leg, Push, Workflows};
use crate::lint::finding::Severity;
use crate::lint::images;
use crate::lint::position::Position;
use crate::lint::symbol::is_known;

pub(super) const RULE: Rule = Rule {
    name: "missing-login",
    severity: Severity::Error,
    applies: Applies::MilderWithoutPolicy,
    summary: "a push to a host without a login to it earlier in the job",
    why: "
        Each job begins on a new machine without credentials: after minutes of building, the push is
        refused. An action of the same repository may log in, and is assumed to. Registries on this
        machine and registries that keep images only for a short time accept pushes without a login.
        Without a policy this is a warning: the runner may have credentials of its own.",
    bad: include_str!("missing_login.bad.yml"),
    good: include_str!("missing_login.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (run, leg) in workflows.legs() {
        for push in &leg.pushes {
            let host = &push.reference.host;
            // An unknown name without a host may begin with its registry.
            let is_unknown = host.is_empty() || !is_known(host);
            if push.remote || is_unknown || images::is_throw_away(host) {
                continue;
            }
            let is_logged_in = leg.logins.iter().any(|login| {
                login.step <= push.step
                    && (login.host.is_empty() || workflows.symbols.may_equal(&login.host, host))
            });
            if is_logged_in {
                continue;
            }
            let problem = Problem::new(
                host.clone(),
                format!("this pushes to `{host}`, but the job has not logged in there"),
                format!("add a `docker/login-action` step for `{host}` before"),
            );
            let at = first_push(leg, push);
            out.report(run, at, problem);
        }
    }
}

/// The first push of the step to the host.
fn first_push(leg: &Leg, push: &Push) -> Position {
    let same =
        |other: &&Push| other.step == push.step && other.reference.host == push.reference.host;
    leg.pushes.iter().find(same).map_or(push.anchor, |first| first.reference.at)
}
