//! The rule `duplicate-key`: a key twice in one mapping.

use super::about::{Reporter, Rule, Say};
use crate::lint::evaluate::Set;
use crate::lint::finding::Severity;
use crate::lint::yaml::DefectKind;

pub(super) const RULE: Rule = Rule {
    name: "duplicate-key",
    severity: Severity::Error,
    summary: "a key twice in one mapping",
    why: "
        A second `migrate:` under `jobs` makes GitHub refuse the workflow, and other readers of YAML keep
        silently only the last one. It is what a careless merge leaves behind. Nothing else is claimed of
        such a file.",
    bad: include_str!("duplicate_key.bad.yml"),
    good: include_str!("duplicate_key.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for (file, defect) in &set.defects {
        let DefectKind::Duplicate { key, first } = &defect.kind else { continue };
        let say = Say::new(
            key,
            format!(
                "the key `{key}` stands here a second time; the first is in line {}",
                first.line
            ),
            "keep one of the two, or give this one a name of its own",
        );
        out.report(file, defect.at, say);
    }
}
