//! The rule `invalid-tag`: a tag that registries refuse.

use super::event_dependence::EventDependence;
use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::{JobRun, Leg, Push, Workflows, why_empty};
use crate::lint::finding::Severity;
use crate::lint::symbol::is_symbol;

pub(super) const RULE: Rule = Rule {
    name: "invalid-tag",
    severity: Severity::Error,
    applies: Applies::Always,
    summary: "a tag that registries refuse",
    why: "
        A tag consists of letters, digits, `_`, `.` and `-`, and does not begin with `.` or `-`. A
        workflow may produce an invalid tag in some runs only: `{{branch}}` of `docker/metadata-action`
        is empty on pull requests and leaves `-<sha>`, and a branch `release/1.2` has a slash. The push
        then fails after the build. In `tags:` of an action, a shell variable such as `$TAG` stays as it
        is written.",
    bad: include_str!("invalid_tag.bad.yml"),
    good: include_str!("invalid_tag.good.yml"),
    check,
};

/// The longest tag.
const LONGEST: usize = 128;

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    let mut events = EventDependence::default();
    let mut found = Vec::new();
    for (run, leg) in workflows.legs() {
        for push in &leg.pushes {
            let why = push.reference.tag.as_deref().and_then(fault);
            events.note((run, leg), push.reference.at, why.is_some());
            found.extend(why.map(|why| (run, leg, push, why)));
        }
    }
    for (run, leg) in workflows.legs() {
        for tag in &leg.unexpanded {
            let text = workflows.symbols.show(&tag.text);
            let variable = &tag.variable;
            let problem = Problem::new(
                text.clone(),
                format!("`{text}` is used as it stands: nothing replaces `{variable}` in an input"),
                "write an expression, such as `${{ env.NAME }}` or `${{ github.sha }}`",
            );
            out.report_leg(out.severity(), (run, leg), tag.at, problem);
        }
    }
    for (run, leg, push, why) in found {
        if happens(run, leg, push, events.at((run, leg), push.reference.at)) {
            let text = workflows.show_in(run, &push.reference);
            let empty = why_empty(run, &push.reference);
            let problem = Problem::new(
                text.clone(),
                format!("registries refuse the tag of `{text}`: {why}{empty}"),
                "use letters, digits, `_`, `.` and `-`; in a script, `${NAME//\\//-}` replaces slashes",
            );
            out.report_leg(out.severity(), (run, leg), push.reference.at, problem);
        }
    }
}

/// Whether some run has the push: a branch of a script may be one that never happens with these
/// values, and so may a step where only the values of some events are wrong.
fn happens(run: &JobRun<'_>, leg: &Leg, push: &Push, by_event: bool) -> bool {
    if by_event {
        run.surely_pushes(leg, push)
    } else {
        push.certain && run.is_in_every_alternative(leg, &push.reference)
    }
}

/// Why registries refuse a tag, as far as its known part tells.
/// What registries do not accept in a tag.
pub(super) fn fault(tag: &str) -> Option<String> {
    let first = tag.chars().next()?;
    if matches!(first, '-' | '.') {
        return Some(format!("it begins with `{first}`"));
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c) || is_symbol(c);
    if let Some(wrong) = tag.chars().find(|c| !fits(*c)) {
        return Some(format!("it has `{wrong}` in it"));
    }
    (tag.chars().count() > LONGEST).then(|| format!("it is longer than {LONGEST} characters"))
}
