//! The rule `missing-latest-tag`: no latest tag is pushed for a registry and repository.

use super::about::{Reporter, Rule, Say};
use super::group::groups;
use crate::lint::evaluate::Set;
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "missing-latest-tag",
    severity: Severity::Error,
    summary: "no latest tag is pushed for a registry and repository",
    why: "
        What follows a moving tag (a droplet that restarts, a cache, `tags rollback-target`) goes on with the
        build before. A policy names the latest tag of each environment; with `latest-required = false` this is
        a warning. Without a policy any tag `latest` or `<env>-latest` of the same environment will do.",
    bad: include_str!("missing_latest_tag.bad.yml"),
    good: include_str!("missing_latest_tag.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for group in groups(set) {
        let Some(missing) = group.missing_latest(set) else { continue };
        let repository = set.symbols.show(&group.repository);
        let severity = if missing.required { Severity::Error } else { Severity::Warning };
        let say = Say::new(
            repository.clone(),
            format!("`{}` is not pushed to `{repository}`", missing.tag),
            format!("add `{repository}:{}`", missing.tag),
        );
        out.with(severity, group.task, group.anchor, say);
    }
}
