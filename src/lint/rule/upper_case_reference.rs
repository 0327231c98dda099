//! The rule `upper-case-reference`: an upper-case letter in a registry path or repository.

use std::collections::BTreeSet;

use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::{JobRun, Workflows};
use crate::lint::finding::{Fix, Severity};
use crate::lint::reference::{DOCKER_HUB, Reference};
use crate::lint::symbol::is_known;

pub(super) const RULE: Rule = Rule {
    name: "upper-case-reference",
    severity: Severity::Error,
    applies: Applies::Always,
    summary: "an upper-case letter in a registry path or repository",
    why: "
        Docker refuses `ghcr.io/Acme/App`: repositories are lower-case. The mistake shows only when
        the job runs, often after an organisation was renamed. A name that is not known here, such as
        that of the owner, is not reported.",
    bad: include_str!("upper_case_reference.bad.yml"),
    good: include_str!("upper_case_reference.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (run, leg) in workflows.legs() {
        let pushed = leg.pushes.iter().map(|push| (push.step, &push.reference));
        let used = leg.uses.iter().map(|used| (used.step, &used.reference));
        let mut seen = BTreeSet::new();
        for (step, reference) in pushed.chain(used) {
            let upper = reference.path.chars().any(|c| c.is_ascii_uppercase());
            if upper && seen.insert((step, reference.repository())) {
                report(workflows, run, reference, out);
            }
        }
    }
}

fn report(
    workflows: &Workflows<'_>,
    run: &JobRun<'_>,
    reference: &Reference,
    out: &mut Reporter<'_>,
) {
    let repository = workflows.symbols.show(&reference.repository());
    let problem = Problem::new(
        repository.clone(),
        format!("`{repository}` has upper-case letters, which registries refuse"),
        "write it in lower case; in a script, `${NAME,,}` does that",
    );
    let name = match reference.host.as_str() {
        DOCKER_HUB => reference.path.clone(),
        _ => reference.repository(),
    };
    let fix = is_known(&name).then_some(Fix::LowerCase(name));
    out.report(run, reference.at, problem.fixed_by(fix));
}
