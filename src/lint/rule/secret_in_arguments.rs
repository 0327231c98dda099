//! The rule `secret-in-arguments`: a secret on the command line of `docker login`.

use super::about::{Reporter, Rule, Say};
use crate::lint::evaluate::Set;
use crate::lint::finding::Severity;
use crate::lint::reference::is_local_host;

pub(super) const RULE: Rule = Rule {
    name: "secret-in-arguments",
    severity: Severity::Warning,
    summary: "a secret on the command line of `docker login`",
    why: "
        Arguments are visible to every process of the machine, and end up in logs. `--password-stdin` takes the
        secret where nobody sees it. A registry on this machine, as tests start one, has no secret to keep.",
    bad: include_str!("secret_in_arguments.bad.yml"),
    good: include_str!("secret_in_arguments.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for task in &set.tasks {
        for login in task.legs.iter().flat_map(|leg| &leg.logins) {
            let Some(at) = login.argument.filter(|_| !is_local_host(&login.host)) else { continue };
            let host = set.symbols.show(&login.host);
            let say = Say::new(
                host.clone(),
                format!("the password for `{host}` stands on the command line"),
                "use `echo \"$TOKEN\" | docker login --password-stdin`, or `docker/login-action`",
            );
            out.at(task, at, say);
        }
    }
}
