//! Markdown tables, for job summaries and comments.

mod cleanup;
mod explain;
mod undo;

use chrono::{DateTime, Utc};

pub use cleanup::cleanup;
pub use explain::explain;
pub use undo::undo;

use super::human::{age, at_risk, gc_hint, gc_sentence};
use super::{Linting, Listing, escape, json};
use crate::doctor::DoctorReport;
use crate::garbage::{GarbageOutcome, GarbageRun};
use crate::model::{Digest, Moment, ReleaseCopy};
use crate::rollback::Rollback;
use crate::verify::Verification;

fn head(title: &str, columns: &[&str]) -> String {
    let line = columns.join(" | ");
    let rule = vec!["---"; columns.len()].join(" | ");
    format!("### {title}\n\n| {line} |\n| {rule} |\n")
}

fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// `tags verify` as a table of checks and a list of findings.
#[must_use]
pub fn verify(verification: &Verification) -> String {
    let (environment, sha) = (&verification.environment, &verification.sha);
    let outcome = json::verify_outcome(verification);
    let title = format!("{} {sha}: {outcome}", escape::markdown(environment.as_str()));
    let mut text = head(&title, &["image", "registry", "tag", "digest", "status"]);
    for check in &verification.checks {
        text.push_str(&row(&[
            escape::markdown(check.place.image.as_str()),
            escape::markdown(check.place.registry.as_str()),
            escape::markdown(check.reference.tag.as_str()),
            check.digest.as_ref().map_or_else(|| "-".to_owned(), Digest::short),
            check.problem.map_or("ok", |code| code.as_str()).to_owned(),
        ]));
    }
    if !verification.findings.is_empty() {
        text.push('\n');
    }
    for finding in &verification.findings {
        let message = escape::markdown(&finding.message);
        let hint = finding.hint.as_deref().map(|hint| format!(" ({})", escape::markdown(hint)));
        let severity = finding.severity.as_str();
        text.push_str(&format!(
            "- {severity} **{}**: {message}{}\n",
            finding.code,
            hint.unwrap_or_default()
        ));
    }
    text
}

/// `tags rollback-target` as a table of references, with what was passed over.
#[must_use]
pub fn rollback(rollback: &Rollback, now: DateTime<Utc>) -> String {
    let environment = escape::markdown(rollback.environment.as_str());
    let told = |moment: Option<Moment>| {
        moment.map_or_else(
            || "at an unknown time".to_owned(),
            |moment| format!("{} ({})", age(moment.time, now), moment.source),
        )
    };
    let mut text = match &rollback.target {
        Some(target) => {
            let title = format!("{environment}: roll back to {}", target.sha);
            let mut text = head(&title, &["image", "registry", "reference"]);
            for image in &target.images {
                text.push_str(&row(&[
                    escape::markdown(image.place.image.as_str()),
                    escape::markdown(image.place.registry.as_str()),
                    escape::markdown(&format!("{}@{}", image.reference, image.digest)),
                ]));
            }
            text + &format!("\nTarget: {}\n", told(target.time))
        }
        None => format!(
            "### {environment}: no rollback target ({})\n",
            json::rollback_outcome(rollback)
        ),
    };
    if let Some(current) = &rollback.current {
        let (sha, source) = (&current.sha, current.current.source);
        text.push_str(&format!("\nCurrent: {sha}, {} ({source})\n", told(current.time)));
    }
    if let Some(trouble) = &rollback.trouble {
        text.push_str(&format!("\n{}\n", escape::markdown(trouble)));
    }
    for (name, why) in &rollback.unread {
        let (name, why) = (escape::markdown(name.as_str()), escape::markdown(&why.message));
        text.push_str(&format!("\n**{name} could not be read**: {why}\n"));
    }
    if !rollback.skipped.is_empty() {
        text.push_str("\nPassed over:\n\n");
    }
    for skipped in &rollback.skipped {
        let message = escape::markdown(&skipped.message);
        text.push_str(&format!("- {} **{}**: {message}\n", skipped.sha, skipped.code));
    }
    text
}

/// `tags list` as a table.
#[must_use]
pub fn list(listing: &Listing) -> String {
    let releases = listing.timeline.releases();
    let places: Vec<String> = releases
        .first()
        .map(|release| {
            let title = |place: &crate::model::Place| escape::markdown(&place.to_string());
            release.copies.keys().map(title).collect()
        })
        .unwrap_or_default();
    let mut columns = vec!["SHA", "time", "from"];
    columns.extend(places.iter().map(String::as_str));
    columns.push("");
    let mut text = head(&escape::markdown(listing.environment.as_str()), &columns);
    for (index, release) in releases.iter().enumerate() {
        let time = release.time();
        let mut cells = vec![
            release.sha.to_string(),
            time.map_or("unknown".to_owned(), |m| m.time.format("%Y-%m-%d %H:%M UTC").to_string()),
            time.map_or("-", |moment| moment.source.as_str()).to_owned(),
        ];
        cells.extend(release.copies.values().map(|copy| match copy {
            ReleaseCopy::Present { .. } => "yes".to_owned(),
            ReleaseCopy::Absent { .. } => "no".to_owned(),
            ReleaseCopy::Unread { .. } => "?".to_owned(),
        }));
        let target = listing.rollback_target.as_ref() == Some(&release.sha);
        cells.push(match (listing.current == Some(index), target) {
            (true, _) => "current".to_owned(),
            (_, true) => "rollback target".to_owned(),
            _ => String::new(),
        });
        text.push_str(&row(&cells));
    }
    for (name, why) in &listing.unread {
        let (name, why) = (escape::markdown(name.as_str()), escape::markdown(&why.message));
        text.push_str(&format!("\n**{name} could not be read**: {why}\n"));
    }
    text
}

/// `tags doctor` as a table a registry.
#[must_use]
pub fn doctor(examination: &DoctorReport) -> String {
    let mut text = String::new();
    for (name, registry) in &examination.registries {
        let title = format!("{name} ({}, {})", registry.kind.as_str(), registry.host);
        let columns = ["check", "status", "detail", "blocks", "hint"];
        text.push_str(&head(&escape::markdown(&title), &columns));
        for check in &registry.checks {
            text.push_str(&row(&[
                check.name.to_owned(),
                check.status.as_str().to_owned(),
                escape::markdown(&check.detail),
                check.blocks.join(", "),
                escape::markdown(check.hint.as_deref().unwrap_or_default()),
            ]));
        }
        text.push('\n');
    }
    text + &format!("Outcome: {}\n", json::doctor_outcome(examination))
}

/// `tags gc` as a paragraph, with a list of what is at risk.
#[must_use]
pub fn gc(run: &GarbageRun) -> String {
    let name = escape::markdown(run.registry.as_str());
    let sentence = escape::markdown(&gc_sentence(run));
    let mut text = format!("### gc {name}: {}\n\n{sentence}\n", run.outcome());
    if let GarbageOutcome::AtRisk(risks) = &run.end {
        text.push('\n');
        for risk in risks {
            text.push_str(&format!("- {}\n", escape::markdown(&at_risk(risk))));
        }
    }
    if let Some(hint) = gc_hint(run) {
        text.push_str(&format!("\n{}\n", escape::markdown(&hint)));
    }
    text
}

/// `tags lint` as a table of findings.
#[must_use]
pub fn lint(linting: &Linting) -> String {
    let title = format!("tags lint: {} ({})", linting.outcome(), linting.summary());
    if linting.findings.is_empty() {
        return format!("### {title}\n");
    }
    let mut text = head(&title, &["where", "severity", "rule", "finding", "help"]);
    for finding in &linting.findings {
        text.push_str(&row(&[
            escape::markdown(&format!("{}:{}", finding.file, finding.at)),
            finding.severity.as_str().to_owned(),
            finding.rule.to_owned(),
            escape::markdown(&finding.message),
            escape::markdown(&finding.help),
        ]));
    }
    text
}
