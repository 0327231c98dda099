//! Which runs of the pipeline concern an environment, and which commit a run names.

use crate::model::{Run, Sha};
use crate::policy::{Deploys, Environment};

/// Whether a run may deploy to the environment: one of its workflows, on its branch, of its events.
#[must_use]
pub fn is_candidate(environment: &Environment, deploys: &Deploys, run: &Run) -> bool {
    let is_on_branch = environment.branch.is_none() || environment.branch == run.branch;
    is_on_branch && deploys.workflows.contains(&run.workflow) && deploys.events.contains(&run.event)
}

/// The commit that a run built and deployed, if the run names it.
///
/// The title names it where the policy has a pattern for titles. A push without such a title was of its
/// `head_sha`. For other events `head_sha` is the commit of the workflow file: a `workflow_run` has the
/// newest commit of the default branch there, whatever was built.
#[must_use]
pub fn named_sha(deploys: &Deploys, run: &Run) -> Option<Sha> {
    let titled = deploys.title.as_ref().and_then(|title| title.sha(&run.title));
    let by_head = match run.event.as_str() {
        "push" => true,
        "workflow_run" => false,
        // A dispatch deploys its head where the policy lists the event and has no titles.
        _ => deploys.title.is_none(),
    };
    titled.or_else(|| by_head.then(|| run.head_sha.clone()))
}

/// The run that changed last among those that have not ended and may deploy to the environment: of any
/// event, since nothing says what a dispatch deploys.
#[must_use]
pub fn unfinished_run<'a>(environment: &Environment, runs: &'a [Run]) -> Option<&'a Run> {
    let is_on_branch =
        |run: &&Run| environment.branch.is_none() || environment.branch == run.branch;
    let is_unfinished = |run: &&Run| run.state.conclusion().is_none();
    runs.iter().filter(is_on_branch).filter(is_unfinished).max_by_key(|run| (run.updated, run.id))
}
