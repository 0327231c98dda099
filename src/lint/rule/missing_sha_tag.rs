//! The rule `missing-sha-tag`: nothing SHA-tagged is pushed for a registry and repository.

use super::about::{Reporter, Rule, Say};
use super::group::groups;
use crate::lint::evaluate::Set;
use crate::lint::finding::Severity;
use crate::lint::reference::TagKind;

pub(super) const RULE: Rule = Rule {
    name: "missing-sha-tag",
    severity: Severity::Error,
    summary: "nothing SHA-tagged is pushed for a registry and repository",
    why: "
        A rollback needs a tag that never moves. A build that pushes only `prod-latest` is gone with the next
        one. Copies of an image that has its SHA tag already need no second one.",
    bad: include_str!("missing_sha_tag.bad.yml"),
    good: include_str!("missing_sha_tag.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for group in groups(set) {
        let shielded = group.has(|kind| kind.names_commit() || kind.is_open());
        if shielded
            || group.copies_a_release(set)
            || group.has_elsewhere(set, TagKind::names_commit)
        {
            continue;
        }
        let repository = set.symbols.show(&group.repository);
        let say = Say::new(
            repository.clone(),
            format!("no tag with the commit's SHA is pushed to `{repository}`"),
            format!("add `{repository}:<env>-${{{{ github.sha }}}}`"),
        );
        out.at(group.task, group.anchor, say);
    }
}
