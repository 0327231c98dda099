//! What a job is for, by what it does.

use super::job_run::{JobBody, JobRun};
use super::leg::{Leg, RollOut, Use};
use crate::lint::reference::Reference;
use crate::lint::shell::{ImageUse, RollOutTarget};
use crate::lint::workflow::Job;

/// What a job is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JobKind {
    Test,
    Migrate,
    Deploy,
    Other,
}

/// Whether an image is one of the set.
type IsOwn<'f> = &'f dyn Fn(&Reference) -> bool;

impl JobKind {
    /// The kind of a job.
    pub(super) fn of(run: &JobRun<'_>, is_own: IsOwn<'_>) -> Self {
        let named_migration = contains(run.job, "migrat");
        if run.body != JobBody::Steps {
            // What the called workflow does is not known, or has jobs of its own.
            let unknown = run.body == JobBody::UnknownWorkflow;
            return if unknown && named_migration { Self::Migrate } else { Self::Other };
        }
        if is_test(run) {
            return Self::Test;
        }
        let named = named_migration && run.legs.iter().any(|leg| leg.runs_named_migration);
        let migrates = named || run.legs.iter().any(|leg| !leg.migrations.is_empty());
        if migrates && (named_migration || !run.legs.iter().any(|leg| stays(leg, is_own))) {
            return Self::Migrate;
        }
        if migrates || run.legs.iter().any(|leg| rolls_out(run.job, leg, is_own, |_| true)) {
            return Self::Deploy;
        }
        Self::Other
    }

    /// Whether a job goes back to an older release, by its name.
    pub(crate) fn is_rollback(job: &Job) -> bool {
        contains(job, "rollback") || contains(job, "roll-back") || contains(job, "roll_back")
    }
}

/// Whether a job surely rolls something out, when it runs.
pub(super) fn deploys_surely(run: &JobRun<'_>, is_own: IsOwn<'_>) -> bool {
    run.legs.iter().any(|leg| rolls_out(run.job, leg, is_own, |sure| sure))
}

fn contains(job: &Job, word: &str) -> bool {
    job.id.to_ascii_lowercase().contains(word) || job.name.to_ascii_lowercase().contains(word)
}

/// The words of a name, in lower case: `buildAndDeploy-prod` has four.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut spaced = String::new();
    let mut last = ' ';
    for c in name.chars() {
        if c.is_ascii_uppercase() && last.is_ascii_lowercase() {
            spaced.push(' ');
        }
        spaced.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' });
        last = c;
    }
    spaced.split_whitespace().map(str::to_owned).collect()
}

/// The words of a job's id and name.
pub(crate) fn job_words(job: &Job) -> Vec<String> {
    let mut found = words(&job.id);
    found.extend(words(&job.name));
    found
}

fn is_test(run: &JobRun<'_>) -> bool {
    let names = job_words(run.job);
    let is = |word: &String| {
        matches!(word.as_str(), "e2e" | "lint" | "linting" | "conformance" | "testing")
            || word.ends_with("test")
            || word.ends_with("tests")
    };
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
