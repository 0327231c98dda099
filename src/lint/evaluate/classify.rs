//! What a job is for, by what it does.

use super::job_kind::{JobKind, contains, job_words};
use super::job_run::{JobBody, JobRun};
use super::leg::{Leg, RollOut, Use};
use crate::lint::reference::Reference;
use crate::lint::shell::{ImageUse, RollOutTarget};
use crate::lint::workflow::Job;

/// Words in the names of test jobs.
const TESTS: [&str; 12] = [
    "test",
    "tests",
    "testing",
    "e2e",
    "lint",
    "linting",
    "conformance",
    "unittest",
    "unittests",
    "pytest",
    "smoketest",
    "smoketests",
];

/// Whether an image is one of the set.
type IsOwn<'f> = &'f dyn Fn(&Reference) -> bool;

/// The kind of a job.
pub(super) fn kind_of(run: &JobRun<'_>, is_own: IsOwn<'_>) -> JobKind {
    let named_migration = contains(run.job, "migrat");
    if run.body != JobBody::Steps {
        // What the called workflow does is not known, or has jobs of its own.
        let unknown = run.body == JobBody::UnknownWorkflow;
        return if unknown && named_migration { JobKind::Migrate } else { JobKind::Other };
    }
    if is_test(run) {
        return JobKind::Test;
    }
    let named = named_migration && run.legs.iter().any(|leg| leg.runs_named_migration);
    let migrates = named || run.legs.iter().any(|leg| !leg.migrations.is_empty());
    if migrates && (named_migration || !run.legs.iter().any(|leg| stays(leg, is_own))) {
        return JobKind::Migrate;
    }
    if migrates || run.legs.iter().any(|leg| rolls_out(run.job, leg, is_own, |_| true)) {
        return JobKind::Deploy;
    }
    JobKind::Other
}

/// Whether a job surely rolls something out, when it runs.
pub(super) fn deploys_surely(run: &JobRun<'_>, is_own: IsOwn<'_>) -> bool {
    run.legs.iter().any(|leg| rolls_out(run.job, leg, is_own, |sure| sure))
}

fn is_test(run: &JobRun<'_>) -> bool {
    let names = job_words(run.job);
    let is = |word: &String| TESTS.contains(&word.as_str());
    let deploys = names.iter().any(|word| word.starts_with("deploy"));
    (names.iter().any(is) && !deploys) || run.legs.iter().any(|leg| leg.makes_test_cluster)
}

/// Whether a leg starts what stays after it.
fn stays(leg: &Leg, is_own: IsOwn<'_>) -> bool {
    let used = |used: &Use| {
        used.how == ImageUse::RolledOut || (used.how.stays() && is_own(&used.reference))
    };
    leg.uses.iter().any(used) || leg.roll_outs.iter().any(|roll_out| roll_out.stays)
}

/// Whether a leg rolls something out; `counts` says whether a step that may not run counts.
fn rolls_out(job: &Job, leg: &Leg, is_own: IsOwn<'_>, counts: impl Fn(bool) -> bool) -> bool {
    let named = job_words(job).iter().any(|word| {
        ["deploy", "promot", "releas", "rollback"].iter().any(|start| word.starts_with(start))
    });
    let says_so = named || leg.environment.is_some();
    let by_itself = |roll_out: &RollOut| {
        let machine = says_so || roll_out.on_host;
        counts(roll_out.is_sure) && (roll_out.target == RollOutTarget::Cluster || machine)
    };
    let by_image = |used: &Use| {
        let container = matches!(
            used.how,
            ImageUse::Pulled | ImageUse::Run | ImageUse::Started | ImageUse::Created
        );
        counts(used.is_sure)
            && container
            && (says_so || used.on_host)
            && !used.built_here
            && is_own(&used.reference)
    };
    leg.roll_outs.iter().any(by_itself) || leg.uses.iter().any(by_image)
}
