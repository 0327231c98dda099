//! The rule `upper-case-reference`: an upper-case letter in a registry path or repository.

use super::report::{Problem, Reporter, Rule};
use crate::lint::evaluate::Workflows;
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "upper-case-reference",
    severity: Severity::Error,
    summary: "an upper-case letter in a registry path or repository",
    why: "
        Docker refuses `ghcr.io/Acme/App`: repositories are lower-case. It shows only when the job
        runs, mostly after an organisation was renamed. A name that is not known here, such as that
        of the owner, is not reported.",
    bad: include_str!("upper_case_reference.bad.yml"),
    good: include_str!("upper_case_reference.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    let pushed = workflows.pushes().map(|(run, push)| (run, &push.reference));
    let used = workflows.uses().map(|(run, used)| (run, &used.reference));
    for (run, reference) in pushed.chain(used) {
        if !reference.path.chars().any(|c| c.is_ascii_uppercase()) {
            continue;
        }
        let repository = workflows.symbols.show(&reference.repository());
        let problem = Problem::new(
            repository.clone(),
            format!("`{repository}` has upper-case letters, which registries refuse"),
            "write it in lower case; in a script, `${NAME,,}` does that",
        );
        out.report(run, reference.at, problem);
    }
}
