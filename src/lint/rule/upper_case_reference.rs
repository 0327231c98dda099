//! The rule `upper-case-reference`: an upper-case letter in a registry path or repository.

use super::about::{Reporter, Rule, Say};
use crate::lint::evaluate::Set;
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "upper-case-reference",
    severity: Severity::Error,
    summary: "an upper-case letter in a registry path or repository",
    why: "
        Docker refuses `ghcr.io/Acme/App`: repositories are lower-case. It shows only when the job runs, mostly
        after an organisation was renamed. What the owner's name is, is not known here and not claimed.",
    bad: include_str!("upper_case_reference.bad.yml"),
    good: include_str!("upper_case_reference.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for task in &set.tasks {
        for leg in &task.legs {
            let pushed = leg.pushes.iter().map(|push| &push.reference);
            for reference in pushed.chain(leg.uses.iter().map(|used| &used.reference)) {
                if !reference.path.chars().any(|c| c.is_ascii_uppercase()) {
                    continue;
                }
                let repository = set.symbols.show(&reference.repository());
                let say = Say::new(
                    repository.clone(),
                    format!("`{repository}` has upper-case letters, which registries refuse"),
                    "write it in lower case; in a script, `${NAME,,}` does that",
                );
                out.at(task, reference.at, say);
            }
        }
    }
}
