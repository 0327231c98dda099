//! What GitHub Actions reads: annotations on stdout, and lines for `$GITHUB_OUTPUT`.
//!
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>. Every
//! value from outside is escaped, so that it cannot become a command or a second output.

mod cleanup;
mod explain;
mod undo;

pub use cleanup::{cleanup, cleanup_outputs};
pub use explain::explain;
pub use undo::{undo, undo_outputs};

use super::escape::{self, workflow_message, workflow_property};
use super::human::{gc_hint, gc_sentence};
use super::{Linting, Listing, json};
use crate::doctor::{CheckStatus, DoctorReport};
use crate::garbage::GarbageRun;
use crate::lint;
use crate::rollback::{Rollback, RollbackVerdict};
use crate::verify::{Severity, Verification};

/// GitHub shows ten annotations of a level for a step; the last one stands for the rest.
const SHOWN: usize = 9;

fn annotation(level: &str, title: &str, message: &str) -> String {
    let (title, message) = (escape::terminal(title), escape::terminal(message));
    format!("::{level} title={}::{}\n", workflow_property(&title), workflow_message(&message))
}

/// Annotations for the findings of `tags verify`.
#[must_use]
pub fn verify(verification: &Verification) -> String {
    let mut text = String::new();
    for severity in [Severity::Error, Severity::Warning] {
        let level = severity.as_str();
        let findings: Vec<_> =
            verification.findings.iter().filter(|finding| finding.severity == severity).collect();
        for finding in findings.iter().take(SHOWN) {
            let hint = finding.hint.as_deref().map(|hint| format!(" Hint: {hint}."));
            let message = format!("{}.{}", finding.message, hint.unwrap_or_default());
            text.push_str(&annotation(level, finding.code.as_str(), &message));
        }
        if findings.len() > SHOWN {
            let message = format!("{} more, see the job summary.", findings.len() - SHOWN);
            text.push_str(&annotation(level, "tags verify", &message));
        }
    }
    text
}

/// Annotations for `tags rollback-target`.
#[must_use]
pub fn rollback(rollback: &Rollback) -> String {
    let mut text = String::new();
    for (name, why) in rollback.unread.iter().take(SHOWN) {
        text.push_str(&annotation("warning", &format!("{name} could not be read"), &why.message));
    }
    let environment = &rollback.environment;
    let title = format!("rollback target of {environment}");
    text.push_str(&match (&rollback.target, rollback.verdict()) {
        (Some(target), _) => annotation("notice", &title, target.sha.as_str()),
        (None, RollbackVerdict::Unknown(_)) if !rollback.unread.is_empty() => {
            annotation("error", &title, "unknown, since a registry could not be read")
        }
        (None, _) => {
            let why = rollback.trouble.as_deref().unwrap_or("no release to go back to");
            annotation("error", &title, why)
        }
    });
    text
}

/// Annotations for `tags list`.
#[must_use]
pub fn list(listing: &Listing) -> String {
    let mut text = String::new();
    for (name, why) in listing.unread.iter().take(SHOWN) {
        text.push_str(&annotation("warning", &format!("{name} could not be read"), &why.message));
    }
    let count = super::counted(listing.timeline.releases().len(), "release");
    text + &annotation("notice", &format!("{} releases", listing.environment), &count)
}

/// One output, as a line of `$GITHUB_OUTPUT`.
fn output(name: &str, value: &str) -> String {
    // Names come from the policy and values from validated types: neither can hold a line break.
    let value: String = value.chars().filter(|c| !c.is_control()).collect();
    format!("{name}={value}\n")
}

/// The outputs of `tags verify`.
#[must_use]
pub fn verify_outputs(verification: &Verification) -> String {
    output("outcome", json::verify_outcome(verification))
        + &output("sha", verification.sha.as_str())
}

/// The outputs of `tags rollback-target`: `sha` is the current release. An image's reference is
/// that in the first registry that surely has it; with the registry's name behind, in that one.
#[must_use]
pub fn rollback_outputs(rollback: &Rollback) -> String {
    let mut text = output("outcome", json::rollback_outcome(rollback));
    if let Some(current) = &rollback.current {
        text.push_str(&output("current-sha", current.sha.as_str()));
    }
    let Some(target) = &rollback.target else {
        return text;
    };
    text.push_str(&output("target-sha", target.sha.as_str()));
    let mut last = None;
    for image in &target.images {
        let (name, registry) = (&image.place.image, &image.place.registry);
        let reference = format!("{}@{}", image.reference, image.digest);
        if last != Some(name) {
            text.push_str(&output(&format!("target-reference-{name}"), &reference));
        }
        text.push_str(&output(&format!("target-reference-{name}-{registry}"), &reference));
        last = Some(name);
    }
    text
}

/// The outputs of `tags list`.
#[must_use]
pub fn list_outputs(listing: &Listing) -> String {
    output("outcome", if listing.unread.is_empty() { "ok" } else { "unknown" })
}

/// Annotations for `tags doctor`: what is missing is an error, what is doubtful a warning.
#[must_use]
pub fn doctor(examination: &DoctorReport) -> String {
    let mut lines = [Vec::new(), Vec::new()];
    for (name, registry) in &examination.registries {
        for check in &registry.checks {
            let (level, place) = match (check.status, check.cause) {
                (CheckStatus::Ok, _) | (CheckStatus::Unknown, None) => continue,
                (CheckStatus::Missing, _) | (_, Some(_)) => ("error", 0),
                (CheckStatus::Warning, None) => ("warning", 1),
            };
            let hint = check.hint.as_deref().map(|hint| format!(" Hint: {hint}."));
            let blocks = if check.blocks.is_empty() {
                String::new()
            } else {
                format!(" It {} {}.", check.blocking_word(), check.blocks.join(", "))
            };
            let message = format!("{}.{blocks}{}", check.detail, hint.unwrap_or_default());
            lines[place].push(annotation(level, &format!("{name}: {}", check.name), &message));
        }
    }
    let shown = lines.iter().flat_map(|level| level.iter().take(SHOWN));
    shown.map(String::as_str).collect()
}

/// The outputs of `tags doctor`.
#[must_use]
pub fn doctor_outputs(examination: &DoctorReport) -> String {
    output("outcome", json::doctor_outcome(examination))
}

/// An annotation for `tags gc`.
#[must_use]
pub fn gc(run: &GarbageRun) -> String {
    let level = if matches!(run.outcome(), "ok" | "idle") { "notice" } else { "error" };
    let hint = gc_hint(run).map(|hint| format!(" Hint: {hint}."));
    let message = format!("{}.{}", gc_sentence(run), hint.unwrap_or_default());
    annotation(level, &format!("{}: {}", run.registry, run.outcome()), &message)
}

/// The outputs of `tags gc`.
#[must_use]
pub fn gc_outputs(run: &GarbageRun) -> String {
    let mut text = output("outcome", run.outcome());
    if let Some(collection) = run.collection() {
        let figures =
            [("blobs-deleted", collection.blobs_deleted), ("freed-bytes", collection.freed_bytes)];
        for (name, figure) in figures {
            text.extend(figure.map(|figure| output(name, &figure.to_string())));
        }
    }
    text
}

/// Annotations for the findings of `tags lint`, at their places.
#[must_use]
pub fn lint(linting: &Linting) -> String {
    let mut text = String::new();
    for severity in [lint::Severity::Error, lint::Severity::Warning] {
        let level = severity.as_str();
        let findings: Vec<_> =
            linting.findings.iter().filter(|finding| finding.severity == severity).collect();
        for finding in findings.iter().take(SHOWN) {
            let said = format!("{}. Hint: {}.", finding.message, finding.help);
            text.push_str(&format!(
                "::{level} file={},line={},col={},title={}::{}\n",
                workflow_property(&escape::terminal(&finding.file)),
                finding.at.line,
                finding.at.column,
                workflow_property(finding.rule),
                workflow_message(&escape::terminal(&said)),
            ));
        }
        if findings.len() > SHOWN {
            let message = format!("{} more, see the job summary.", findings.len() - SHOWN);
            text.push_str(&annotation(level, "tags lint", &message));
        }
    }
    text
}

/// The outputs of `tags lint`.
#[must_use]
pub fn lint_outputs(linting: &Linting) -> String {
    output("outcome", linting.outcome())
        + &output("errors", &linting.count(lint::Severity::Error).to_string())
        + &output("warnings", &linting.count(lint::Severity::Warning).to_string())
}
