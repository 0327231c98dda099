//! What may push images and could not be read.

use super::UnreadPlace;
use crate::lint::evaluate::{JobBody, JobRun, Workflows};
use crate::lint::workflow::Step;

/// Jobs that may push what cannot be read, and workflows that were not given.
pub(super) fn unread(workflows: &Workflows<'_>) -> Vec<UnreadPlace> {
    let mut found = Vec::new();
    for run in &workflows.job_runs {
        let at = |line: u32| format!("{}:{line}", run.file.name);
        if run.body == JobBody::UnknownWorkflow {
            let (line, uses) = run
                .job
                .uses
                .as_ref()
                .map_or((run.job.at.line, "a workflow"), |uses| (uses.at.line, uses.text()));
            let what = format!("the workflow `{uses}` is not one of those that were read");
            found.push(UnreadPlace { place: at(line), what });
        } else if run.legs.iter().any(|leg| leg.may_push_more) {
            found.extend(steps(run).into_iter().map(|(line, who)| UnreadPlace {
                place: at(line),
                what: format!(
                    "job `{}` may push more images than could be read, by {who}",
                    run.job.id
                ),
            }));
        }
    }
    found
}

/// The steps by which a job may push more: those that push by their names, else all that could not be
/// read.
fn steps(run: &JobRun<'_>) -> Vec<(u32, String)> {
    let legs = || run.legs.iter().filter(|leg| leg.may_push_more);
    let unread = |number: &usize| legs().any(|leg| leg.unread.contains(number));
    let numbered = run.job.steps.iter().enumerate();
    let found: Vec<(u32, String)> = numbered
        .filter(|(number, _)| unread(number))
        .map(|(_, step)| (step.at.line, who(step)))
        .collect();
    if found.is_empty() { vec![(run.job.at.line, "a step of it".to_owned())] } else { found }
}

fn who(step: &Step) -> String {
    step.uses.as_ref().map_or_else(|| "a script".to_owned(), |uses| format!("`{}`", uses.text()))
}
