//! The `concurrency` settings of a job.

use crate::lint::evaluate::{JobRun, Workflows};
use crate::lint::yaml::Node;

/// The settings that hold for a job, with the job whose file has them: its own, those of its
/// workflow, and those of its callers.
pub(super) fn concurrency<'s>(
    workflows: &'s Workflows<'_>,
    at: usize,
) -> impl Iterator<Item = (&'s JobRun<'s>, &'s Node)> {
    workflows.with_callers(at).flat_map(|(_, run)| {
        let of_workflow = run.file.workflow.concurrency.as_ref();
        run.job.concurrency.iter().chain(of_workflow).map(move |node| (run, node))
    })
}
