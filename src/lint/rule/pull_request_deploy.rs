//! The rule `pull-request-deploy`: a deploy job runs for pull requests.

use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::{Event, JobKind, JobRun, Leg, Workflows, job_words, words};
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "pull-request-deploy",
    severity: Severity::Warning,
    applies: Applies::Always,
    summary: "a deploy job runs for pull requests",
    why: "
        Code that nobody has merged is rolled out to a server that others use. Previews are fine: a
        job or an `environment` whose name says so, or a deployment whose name contains the number or
        the branch of the pull request. It is reported only where every condition is known to hold.",
    bad: include_str!("pull_request_deploy.bad.yml"),
    good: include_str!("pull_request_deploy.good.yml"),
    check,
};

/// Words for what belongs to one pull request.
const PREVIEWS: [&str; 9] =
    ["preview", "previews", "review", "pr", "ephemeral", "test", "ci", "qa", "e2e"];

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (at, run) in workflows.job_runs.iter().enumerate() {
        let open = |event: &Event| event.is_pull_request() && !event.closed;
        let deploys = run.kind == JobKind::Deploy && run.deploys_surely;
        if !deploys || !run.known || !run.events.iter().any(open) || is_preview(workflows, at) {
            continue;
        }
        let id = &run.job.id;
        let problem = Problem::new(
            id.clone(),
            format!("`{id}` deploys what a pull request has built"),
            "add `if: github.event_name != 'pull_request'` to the job",
        );
        out.report(run, run.job.at, problem);
    }
}

fn is_preview(workflows: &Workflows<'_>, at: usize) -> bool {
    let named = |words: Vec<String>| words.iter().any(|word| PREVIEWS.contains(&word.as_str()));
    let of_run = |run: &JobRun<'_>| named(job_words(run.job));
    let of_leg = |leg: &Leg| {
        leg.environment.as_ref().is_some_and(|name| named(words(name)))
            || leg.mentions.iter().any(|c| names_pull_request(workflows, *c))
            || leg
                .environment
                .iter()
                .flat_map(|name| name.chars())
                .any(|c| names_pull_request(workflows, c))
    };
    workflows.with_callers(at).any(|(_, run)| of_run(run))
        || workflows.job_runs[at].legs.iter().any(of_leg)
}

/// Whether an unknown value is the number or the branch of the pull request.
fn names_pull_request(workflows: &Workflows<'_>, c: char) -> bool {
    workflows.symbols.get(c).is_some_and(|symbol| {
        ["event.number", "pull_request.number", "head_ref", "pull_request.head.ref"]
            .iter()
            .any(|path| symbol.name.contains(path))
    })
}
