//! The rule `secret-in-arguments`: a secret on the command line of `docker login`.

use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::Workflows;
use crate::lint::finding::Severity;
use crate::lint::reference::is_local_host;

pub(super) const RULE: Rule = Rule {
    name: "secret-in-arguments",
    severity: Severity::Warning,
    applies: Applies::Always,
    summary: "a secret on the command line of `docker login`",
    why: "
        Arguments are visible to every process of the machine, and end up in logs. Instead,
        `--password-stdin` reads the secret from a pipe. Logins to a registry on the same machine,
        such as one that tests start, are not reported.",
    bad: include_str!("secret_in_arguments.bad.yml"),
    good: include_str!("secret_in_arguments.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (run, leg) in workflows.legs() {
        for login in leg.logins.iter().filter(|login| !is_local_host(&login.host)) {
            let Some(at) = login.argument else { continue };
            let host = workflows.symbols.show(&login.host);
            let problem = Problem::new(
                host.clone(),
                format!("the password for `{host}` is on the command line"),
                "use `echo \"$TOKEN\" | docker login --password-stdin`, or `docker/login-action`",
            );
            out.report(run, at, problem);
        }
    }
}
