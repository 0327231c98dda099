//! The rule `missing-sha-tag`: a moving tag is pushed without a tag that never moves.

use super::push_group::{OtherAlternatives, push_groups};
use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::Workflows;
use crate::lint::finding::Severity;
use crate::lint::reference::TagKind;

pub(super) const RULE: Rule = Rule {
    name: "missing-sha-tag",
    severity: Severity::Error,
    applies: Applies::ByConvention,
    summary: "a moving tag is pushed without a tag that never moves",
    why: "
        A rollback needs a tag that never moves: with the commit's SHA, or a version. An image that
        is pushed only as `prod-latest` cannot be found any more after the next build. Each
        alternative of a script is judged by itself. Copies of an image that already has its SHA
        tag need no second one.",
    bad: include_str!("missing_sha_tag.bad.yml"),
    good: include_str!("missing_sha_tag.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    let stays = |kind: TagKind| kind.is_immutable() || kind.is_open();
    for group in push_groups(workflows) {
        if !group.is_covered(workflows)
            || group.has(workflows, stays)
            || group.copies_a_release(workflows)
            || group.has_elsewhere(workflows, stays, OtherAlternatives::DoNotCount)
        {
            continue;
        }
        let repository = workflows.symbols.show(&group.repository);
        let problem = Problem::new(
            repository.clone(),
            format!("{{names}} {{are}} pushed to `{repository}` without a tag that never moves"),
            format!("push `{repository}:<env>-${{{{ github.sha }}}}` as well"),
        );
        let tags = group.pushes.iter().map(|push| workflows.symbols.show(push.reference.tag()));
        out.report(group.run, group.anchor, problem.naming(tags.collect()));
    }
}
