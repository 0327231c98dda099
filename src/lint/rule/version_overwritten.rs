//! The rule `version-overwritten`: a build of one commit is pushed under the name of another.

use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::{Event, JobRun, Leg, Origin, Push, Workflows, words};
use crate::lint::finding::Severity;
use crate::lint::symbol::{Symbol, is_symbol};

pub(super) const RULE: Rule = Rule {
    name: "version-overwritten",
    severity: Severity::Error,
    applies: Applies::MilderWithoutPolicy,
    summary: "a build of one commit is pushed under the name of another",
    why: "
        A workflow that is started by hand for an older release takes its tag, image or SHA as input.
        When it builds the commit that was checked out by default and pushes it under that name, the
        old release is gone, and the rollback deploys new code. The checkout must use the input; a
        copy of the existing image is better still. An input with a default is not reported.",
    bad: include_str!("version_overwritten.bad.yml"),
    good: include_str!("version_overwritten.good.yml"),
    check,
};

/// Words of inputs that name an existing release.
const WORDS: [&str; 3] = ["tag", "image", "sha"];

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (run, leg) in workflows.legs() {
        if !run.events.iter().any(Event::is_dispatch) {
            continue;
        }
        for push in &leg.pushes {
            let Some(input) = input_of(workflows, run, push) else { continue };
            if !is_built_from_default(leg, push, input) {
                continue;
            }
            let text = workflows.show(&push.reference);
            let name = workflows.symbols.show(&input.to_string());
            let problem = Problem::new(
                text.clone(),
                format!("`{text}` is built from another commit than `{name}` names"),
                format!("check out that commit: `with: {{ ref: {name} }}`, or copy the image"),
            );
            out.report_leg(out.severity(), (run, leg), push.reference.at, problem);
        }
    }
}

/// The input that a pushed build is named after.
fn input_of(workflows: &Workflows<'_>, run: &JobRun<'_>, push: &Push) -> Option<char> {
    if !matches!(push.origin, Some(Origin::Build(_))) || push.remote {
        return None;
    }
    let names_release = |symbol: &Symbol| {
        let name = symbol.name.trim_start_matches("${{").trim_end_matches("}}").trim();
        let input = name.strip_prefix("inputs.").filter(|input| !input.contains(' '));
        input.is_some_and(|input| {
            words(input).iter().any(|w| WORDS.contains(&w.as_str())) && !has_default(run, input)
        })
    };
    let tag = push.reference.tag.as_deref().unwrap_or_default();
    tag.chars()
        .filter(|c| is_symbol(*c))
        .find(|c| workflows.symbols.get(*c).is_some_and(|symbol| names_release(&symbol)))
}

/// Whether an input has a default: it then chooses a name, and not an existing release.
fn has_default(run: &JobRun<'_>, input: &str) -> bool {
    let trigger = run.root.workflow.trigger("workflow_dispatch");
    let declared = trigger.into_iter().flat_map(|trigger| &trigger.inputs);
    let mut of_name = declared.filter(|entry| entry.key.text().eq_ignore_ascii_case(input));
    of_name.any(|entry| entry.value.text_of("default").is_some_and(|text| !text.is_empty()))
}

/// Whether the repository was checked out before, and never at the input.
fn is_built_from_default(leg: &Leg, push: &Push, input: char) -> bool {
    let mut before = leg.checkouts.iter().filter(|(step, _)| *step <= push.step).peekable();
    before.peek().is_some() && !before.any(|(_, reference)| reference.contains(input))
}
