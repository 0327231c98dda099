//! The rule `missing-login`: a push to a host without a login to it earlier in the job.

use super::about::{Reporter, Rule, Say};
use crate::lint::evaluate::Set;
use crate::lint::finding::Severity;
use crate::lint::symbol::is_known;

pub(super) const RULE: Rule = Rule {
    name: "missing-login",
    severity: Severity::Error,
    summary: "a push to a host without a login to it earlier in the job",
    why: "
        Each job begins on a new machine without credentials: the push is refused after the build has taken its
        minutes. An action of this repository may log in and is trusted to.",
    bad: include_str!("missing_login.bad.yml"),
    good: include_str!("missing_login.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for task in &set.tasks {
        for leg in &task.legs {
            for push in &leg.pushes {
                let host = &push.reference.host;
                // A name that nobody knows may hold its registry, and has no host then.
                let unknown = host.is_empty() || !is_known(host);
                if push.remote || unknown || push.reference.is_local() {
                    continue;
                }
                let logged_in = leg.logins.iter().any(|login| {
                    login.step <= push.step
                        && (login.host.is_empty() || set.symbols.may_equal(&login.host, host))
                });
                if logged_in {
                    continue;
                }
                let say = Say::new(
                    host.clone(),
                    format!("this pushes to `{host}`, and the job has not logged in there"),
                    format!("add a `docker/login-action` step for `{host}` before"),
                );
                out.at(task, push.anchor, say);
            }
        }
    }
}
