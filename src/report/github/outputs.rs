//! The outputs of each command: names with values.

use super::super::undo::counts;
use super::super::{Cleanup, Move, Repair, Report};
use crate::change::Restoration;
use crate::lint::Severity;
use crate::report::{GarbageRun, RepairResult, RollbackTarget};

type Output = (String, String);

/// The outputs of a report.
pub(super) fn of(report: &Report) -> Vec<Output> {
    let mut outputs = vec![output("outcome", report.outcome())];
    match report {
        Report::Verify(verification) => outputs.push(output("sha", &verification.sha)),
        Report::RollbackTarget(answer) => outputs.extend(rollback_target(answer)),
        Report::Cleanup(cleanup) => outputs.extend(self::cleanup(cleanup)),
        Report::Move(moved) => outputs.extend(self::moved(moved)),
        Report::Repair(repair) => outputs.extend(self::repair(repair)),
        Report::Undo(undone) => {
            let (manifests, _) = counts(undone, |result| result == Restoration::Restored);
            outputs.push(output("restored", manifests));
        }
        Report::Gc(run) => outputs.extend(gc(run)),
        Report::Lint(linting) => {
            outputs.push(output("errors", linting.count(Severity::Error)));
            outputs.push(output("warnings", linting.count(Severity::Warning)));
        }
        Report::Runs(runs) => {
            outputs.push(output("errors", runs.count(Severity::Error)));
            outputs.push(output("warnings", runs.count(Severity::Warning)));
        }
        Report::Init(drafted) => {
            outputs.extend(drafted.file.iter().map(|file| output("file", &file.name)));
        }
        Report::List(_) | Report::Doctor(_) | Report::Check(_) | Report::Overview(_) => {}
        Report::Explain(_) => return Vec::new(),
    }
    outputs
}

#[expect(clippy::needless_pass_by_value, reason = "callers have words and counts")]
fn output(name: &str, value: impl ToString) -> Output {
    (name.to_owned(), value.to_string())
}

/// `target-reference-IMAGE` is the reference in the first registry that has the image;
/// `target-reference-IMAGE-REGISTRY` is the reference in that registry.
fn rollback_target(rollback: &RollbackTarget) -> Vec<Output> {
    let current = rollback.current.as_ref();
    let mut outputs: Vec<Output> =
        current.map(|current| output("current-sha", &current.sha)).into_iter().collect();
    let Some(target) = &rollback.target else {
        return outputs;
    };
    outputs.push(output("target-sha", &target.sha));
    let mut last = None;
    for image in &target.images {
        let (name, registry) = (&image.place.image, &image.place.registry);
        let reference = format!("{}@{}", image.reference, image.digest);
        if last != Some(name) {
            outputs.push(output(&format!("target-reference-{name}"), &reference));
        }
        outputs.push(output(&format!("target-reference-{name}-{registry}"), &reference));
        last = Some(name);
    }
    outputs
}

/// The references are those to deploy: there are none where the latest tags do not point to the
/// release, and are not about to.
fn moved(moved: &Move) -> Vec<Output> {
    let mut outputs = Vec::new();
    outputs.extend(moved.from.as_ref().map(|sha| output("from-sha", sha)));
    outputs.extend(moved.to.as_ref().map(|sha| output("to-sha", sha)));
    let mut last = None;
    for (place, reference) in moved.references() {
        let (name, registry) = (&place.place.image, &place.place.registry);
        if last != Some(name) {
            outputs.push(output(&format!("reference-{name}"), &reference));
        }
        outputs.push(output(&format!("reference-{name}-{registry}"), &reference));
        last = Some(name);
    }
    outputs.extend(moved.journal.as_ref().map(|journal| output("journal", journal)));
    outputs
}

/// `bytes` belongs to what was sent, in a dry run to what would be.
fn repair(repair: &Repair) -> [Output; 3] {
    let copied = repair.copies.iter().filter(|copy| copy.result == RepairResult::Copied).count();
    let bytes: u64 = repair.copies.iter().map(|copy| copy.bytes).sum();
    [output("sha", &repair.sha), output("copied", copied), output("bytes", bytes)]
}

/// `planned` is what the plan would delete; `deleted` what is deleted, 0 in a dry run; `bytes`
/// belongs to what is deleted, in a dry run to what would be.
fn cleanup(cleanup: &Cleanup) -> Vec<Output> {
    let totals = cleanup.figures();
    let deleted = if cleanup.application.is_some() { totals.delete } else { 0 };
    let mut outputs = vec![
        output("planned", cleanup.plan.totals().delete),
        output("deleted", deleted),
        output("kept", totals.keep + totals.untag),
        output("bytes", totals.bytes),
    ];
    outputs.extend(cleanup.journal.as_ref().map(|journal| output("journal", journal)));
    outputs
}

fn gc(run: &GarbageRun) -> Vec<Output> {
    let figures = run.collection().into_iter().flat_map(|collection| {
        [("blobs-deleted", collection.blobs_deleted), ("freed-bytes", collection.freed_bytes)]
    });
    figures.filter_map(|(name, figure)| figure.map(|figure| output(name, figure))).collect()
}
