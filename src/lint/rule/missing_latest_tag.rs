//! The rule `missing-latest-tag`: a SHA tag is pushed without a moving tag.

use super::push_group::{OtherAlternatives, PushGroup, is_release, push_groups};
use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::Workflows;
use crate::lint::finding::Severity;
use crate::lint::reference::TagKind;
use crate::model::TagKind as SchemeKind;
use crate::policy::Environment;

pub(super) const RULE: Rule = Rule {
    name: "missing-latest-tag",
    severity: Severity::Error,
    applies: Applies::ByConvention,
    summary: "a SHA tag is pushed without a moving tag",
    why: "
        Whatever uses a moving tag (a droplet that restarts, a cache, `tags rollback-target`) stays
        at the previous build. A policy names the latest tag of each environment; with
        `latest-required = false` this is a warning. Without a policy, any moving tag of the
        repository is enough, and only images that elsewhere have `<env>-<sha>`, `<env>-latest` or
        `latest` are reported.",
    bad: include_str!("missing_latest_tag.bad.yml"),
    good: include_str!("missing_latest_tag.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for group in push_groups(workflows) {
        let missing = missing(workflows, &group);
        if missing.is_empty() {
            continue;
        }
        let repository = workflows.symbols.show(&group.repository);
        let required = missing.iter().any(|(_, required)| *required);
        let severity = if required { out.severity() } else { Severity::Warning };
        let problem = Problem::new(
            repository.clone(),
            format!("a SHA tag is pushed to `{repository}`, but not {{names}}"),
            format!("push {{names}} to `{repository}` as well"),
        );
        let problem = problem.naming(missing.into_iter().map(|(tag, _)| tag).collect());
        out.report_as(severity, group.run, group.anchor, problem);
    }
}

/// The latest tags that are missing beside the tags of a group, and whether each is required.
pub(super) fn missing(workflows: &Workflows<'_>, group: &PushGroup<'_>) -> Vec<(String, bool)> {
    if !is_covered(workflows, group) {
        return Vec::new();
    }
    let environments = environments(workflows, group);
    if environments.is_empty() {
        return without_policy(workflows, group).into_iter().map(|tag| (tag, true)).collect();
    }
    let lacking = environments.into_iter().filter(|env| lacks(workflows, group, env));
    lacking.map(|env| (env.scheme.latest.to_string(), env.latest_required)).collect()
}

fn is_covered(workflows: &Workflows<'_>, group: &PushGroup<'_>) -> bool {
    let latest = &workflows.facts.latest_images;
    group.is_covered(workflows)
        || group.pushes.iter().all(|push| {
            latest.contains(push.reference.image()) && is_release(workflows, group.run, push)
        })
}

/// The environments of the policy whose SHA tags the group has.
fn environments<'p>(workflows: &Workflows<'p>, group: &PushGroup<'_>) -> Vec<&'p Environment> {
    let mut found: Vec<&Environment> = Vec::new();
    for push in &group.pushes {
        let tag = push.reference.tag.clone().unwrap_or_default();
        let environment = workflows.conventions.environment(&tag, workflows.symbols);
        if let Some((environment, SchemeKind::Sha(_))) = environment
            && !found.iter().any(|known| known.name == environment.name)
        {
            found.push(environment);
        }
    }
    found
}

/// Whether the workflow does not push the latest tag of an environment.
fn lacks(workflows: &Workflows<'_>, group: &PushGroup<'_>, environment: &Environment) -> bool {
    let wanted = environment.scheme.latest.to_string();
    let pushed = group.pushed_by_workflow(workflows, OtherAlternatives::Count).any(|push| {
        let apart =
            push.step == group.pushes[0].step && push.reference.repository() != group.repository;
        !apart && workflows.symbols.may_equal(push.reference.tag(), &wanted)
    });
    !pushed && !workflows.is_exhausted()
}

/// The tag that is missing where no environment of a policy is concerned.
fn without_policy(workflows: &Workflows<'_>, group: &PushGroup<'_>) -> Option<String> {
    let moving = |kind: TagKind| kind.is_open() || kind == TagKind::Moving;
    if !group.has(workflows, TagKind::names_commit)
        || group.has(workflows, moving)
        || group.has_elsewhere(workflows, moving, OtherAlternatives::Count)
    {
        return None;
    }
    let prefix = group.pushes.iter().find_map(|push| {
        let tag = push.reference.tag.as_deref()?;
        workflows.conventions.prefix(tag, workflows.symbols)
    });
    let prefix = prefix.map(|prefix| workflows.symbols.show(&prefix));
    Some(prefix.map_or_else(|| "latest".to_owned(), |prefix| format!("{prefix}-latest")))
}
