//! What a job may be for, and the words of names.

use crate::lint::workflow::Job;

/// What a job is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JobKind {
    Test,
    Migrate,
    Deploy,
    Other,
}

impl JobKind {
    /// Whether a job goes back to an older release, by its name.
    pub(crate) fn is_rollback(job: &Job) -> bool {
        contains(job, "rollback") || contains(job, "roll-back") || contains(job, "roll_back")
    }
}

/// Whether a job's id or name has a word in it.
pub(super) fn contains(job: &Job, word: &str) -> bool {
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
