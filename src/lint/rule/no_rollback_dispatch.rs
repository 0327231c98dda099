//! The rule `no-rollback-dispatch`: a deploy workflow that can be started by hand, but not for an older release.

use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::{JobKind, Workflows};
use crate::lint::finding::Severity;
use crate::lint::workflow::Trigger;
use crate::lint::yaml::Node;

pub(super) const RULE: Rule = Rule {
    name: "no-rollback-dispatch",
    severity: Severity::Warning,
    applies: Applies::ByConvention,
    summary: "a deploy workflow that can be started by hand, but not for an older release",
    why: "
        In an incident, this workflow is started by hand to roll back. If none of its inputs takes a
        commit, a tag, a version or an image, and none has a choice `rollback`, it can only deploy
        the broken release again.",
    bad: include_str!("no_rollback_dispatch.bad.yml"),
    good: include_str!("no_rollback_dispatch.good.yml"),
    check,
};

/// Words for a release in the names of inputs.
const WORDS: [&str; 6] = ["sha", "tag", "ref", "version", "image", "commit"];

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    let shown = !workflows.facts.environment_images.is_empty();
    if workflows.conventions.policy.is_none() && !shown {
        return;
    }
    for file in workflows.files {
        let deploys = workflows.started_by(file).any(|run| run.kind == JobKind::Deploy);
        let trigger = file.workflow.trigger("workflow_dispatch").filter(|_| deploys);
        let Some(trigger) = trigger.filter(|trigger| !takes_release(trigger)) else { continue };
        let problem = Problem::new(
            "workflow_dispatch",
            "this can be started by hand, but has no input for the release to roll back to",
            "add an input such as `sha`, and deploy the image with that tag",
        );
        out.report_in(&file.name, trigger.at, problem);
    }
}

fn takes_release(trigger: &Trigger) -> bool {
    trigger.inputs.iter().any(|input| {
        let options = input.value.get("options").map(Node::texts).unwrap_or_default();
        names_release(input.key.text())
            || options.iter().any(|o| o.to_ascii_lowercase().contains("rollback"))
    })
}

/// Whether one of the words of a name means a release: `image_tag`, `gitRef`, `rollback`.
fn names_release(name: &str) -> bool {
    let mut spaced = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            spaced.push(' ');
        }
        spaced.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' });
    }
    let plain = spaced.replace(' ', "");
    let is = |word: &str| {
        WORDS
            .iter()
            .any(|known| word == *known || word == format!("{known}s") || word.ends_with(known))
    };
    plain.contains("rollback") || is(&plain) || spaced.split(' ').any(is)
}
