//! The rule `latest-on-pull-request`: a pull request moves a latest tag.

use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::{Event, Workflows};
use crate::lint::finding::Severity;
use crate::lint::images;
use crate::lint::reference::Reference;

pub(super) const RULE: Rule = Rule {
    name: "latest-on-pull-request",
    severity: Severity::Error,
    applies: Applies::MilderWithoutPolicy,
    summary: "a pull request moves a latest tag",
    why: "
        Whoever pulls `latest` then runs code that nobody has merged. It is reported only where every
        condition on the way is known to hold for a pull request: the `if` of job and step, `push:`,
        and the rule of `docker/metadata-action`. Runs for closed pull requests are not reported.",
    bad: include_str!("latest_on_pull_request.bad.yml"),
    good: include_str!("latest_on_pull_request.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (run, leg) in workflows.legs() {
        let open = |event: &Event| event.is_pull_request() && !event.closed;
        if !run.events.iter().any(open) {
            continue;
        }
        for push in &leg.pushes {
            let reference = &push.reference;
            if !is_latest(reference)
                || images::is_exempt(reference, workflows.conventions)
                || !run.surely_pushes(leg, push)
            {
                continue;
            }
            let text = workflows.show(reference);
            let problem = Problem::new(
                text.clone(),
                format!("a pull request moves `{text}`"),
                "push it only when `github.event_name != 'pull_request'`",
            );
            out.report_leg(out.severity(), (run, leg), reference.at, problem);
        }
    }
}

/// Whether a tag is `latest` or ends in it.
pub(super) fn is_latest(reference: &Reference) -> bool {
    let tag = reference.tag();
    tag == "latest" || tag.ends_with("-latest")
}
