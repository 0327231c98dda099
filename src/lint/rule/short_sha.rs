//! The rule `short-sha`: a short SHA in a pushed tag.

use super::about::{Reporter, Rule, Say};
use crate::lint::evaluate::Set;
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "short-sha",
    severity: Severity::Warning,
    summary: "a short SHA in a pushed tag",
    why: "
        Seven digits are unique today and ambiguous in a year, and what looks for the whole SHA does not find
        them. `docker/metadata-action` writes seven digits unless its rule says `format=long`.",
    bad: include_str!("short_sha.bad.yml"),
    good: include_str!("short_sha.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for (task, push) in set.pushes() {
        if push.reference.kind != crate::lint::reference::TagKind::Short {
            continue;
        }
        let text = set.symbols.show(&push.reference.text());
        let say = Say::new(
            text.clone(),
            format!("`{text}` has a shortened SHA"),
            "use the whole one: `${{ github.sha }}`, or `type=sha,format=long`",
        );
        out.at(&set.tasks[task], push.reference.at, say);
    }
}
