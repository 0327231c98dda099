//! JSON, version 1: structures of its own, so that the inner types may move.
//!
//! Fields are only ever added; their names and meanings are part of the contract.

mod doctor;
mod gc;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

pub use doctor::{doctor, doctor_outcome};
pub use gc::gc;

use super::{Linting, Listing};
use crate::model::{Copy, Release};
use crate::rollback::{Rollback, RollbackVerdict};
use crate::verify::{Verdict, Verification};

/// RFC 3339 in UTC, with fractions only where there are some.
fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn render(value: &impl Serialize) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(value).map(|text| text + "\n")
}

#[derive(Serialize)]
struct VerifyJson {
    version: u8,
    command: &'static str,
    outcome: &'static str,
    environment: String,
    sha: String,
    checks: Vec<CheckJson>,
    findings: Vec<FindingJson>,
    running_ignored: usize,
}

#[derive(Serialize)]
struct CheckJson {
    image: String,
    registry: String,
    reference: String,
    tag: String,
    kind: &'static str,
    digest: Option<String>,
    status: &'static str,
}

#[derive(Serialize)]
struct FindingJson {
    code: &'static str,
    severity: &'static str,
    image: String,
    registry: String,
    tag: String,
    message: String,
    hint: Option<String>,
}

/// The word for an outcome of `verify`.
#[must_use]
pub fn verify_outcome(verification: &Verification) -> &'static str {
    match verification.verdict() {
        Verdict::Holds => "ok",
        Verdict::Fails => "failed",
        Verdict::Unknown(_) => "unknown",
    }
}

/// `tags verify` as JSON.
///
/// # Errors
/// Never in practice: the structures hold nothing that JSON cannot.
pub fn verify(verification: &Verification) -> Result<String, serde_json::Error> {
    let checks = verification.checks.iter().map(|check| CheckJson {
        image: check.place.image.to_string(),
        registry: check.place.registry.to_string(),
        reference: check.reference.to_string(),
        tag: check.reference.tag.to_string(),
        kind: check.kind.as_str(),
        digest: check.digest.as_ref().map(ToString::to_string),
        status: check.problem.map_or("ok", |code| code.as_str()),
    });
    let findings = verification.findings.iter().map(|finding| FindingJson {
        code: finding.code.as_str(),
        severity: finding.severity.as_str(),
        image: finding.image.to_string(),
        registry: finding.registry.to_string(),
        tag: finding.tag.clone(),
        message: finding.message.clone(),
        hint: finding.hint.clone(),
    });
    render(&VerifyJson {
        version: 1,
        command: "verify",
        outcome: verify_outcome(verification),
        environment: verification.environment.to_string(),
        sha: verification.sha.to_string(),
        checks: checks.collect(),
        findings: findings.collect(),
        running_ignored: verification.running_ignored,
    })
}

#[derive(Serialize)]
struct RollbackJson {
    version: u8,
    command: &'static str,
    outcome: &'static str,
    environment: String,
    order: &'static str,
    unread: Vec<String>,
    current: Option<CurrentJson>,
    target: Option<TargetJson>,
    skipped: Vec<SkippedJson>,
    message: Option<String>,
}

#[derive(Serialize)]
struct CurrentJson {
    sha: String,
    source: &'static str,
}

#[derive(Serialize)]
struct TargetJson {
    sha: String,
    time: Option<String>,
    time_source: Option<&'static str>,
    images: Vec<TargetImageJson>,
}

#[derive(Serialize)]
struct TargetImageJson {
    image: String,
    registry: String,
    reference: String,
    digest: String,
}

#[derive(Serialize)]
struct SkippedJson {
    sha: String,
    code: &'static str,
    message: String,
}

/// The word for an outcome of `rollback-target`.
#[must_use]
pub fn rollback_outcome(rollback: &Rollback) -> &'static str {
    match rollback.verdict() {
        RollbackVerdict::Found => "ok",
        RollbackVerdict::None => "none",
        RollbackVerdict::Unknown(_) => "unknown",
    }
}

/// `tags rollback-target` as JSON.
///
/// # Errors
/// Never in practice: the structures hold nothing that JSON cannot.
pub fn rollback(rollback: &Rollback) -> Result<String, serde_json::Error> {
    let target = rollback.target.as_ref().map(|target| TargetJson {
        sha: target.sha.to_string(),
        time: target.time.map(|moment| time(moment.time)),
        time_source: target.time.map(|moment| moment.source.as_str()),
        images: target
            .images
            .iter()
            .map(|image| TargetImageJson {
                image: image.place.image.to_string(),
                registry: image.place.registry.to_string(),
                reference: format!("{}@{}", image.reference, image.digest),
                digest: image.digest.to_string(),
            })
            .collect(),
    });
    let skipped = rollback.skipped.iter().map(|skipped| SkippedJson {
        sha: skipped.sha.to_string(),
        code: skipped.code.as_str(),
        message: skipped.message.clone(),
    });
    render(&RollbackJson {
        version: 1,
        command: "rollback-target",
        outcome: rollback_outcome(rollback),
        environment: rollback.environment.to_string(),
        order: rollback.order.as_str(),
        unread: rollback.unread.keys().map(ToString::to_string).collect(),
        current: rollback.current.as_ref().map(|current| CurrentJson {
            sha: current.sha.to_string(),
            source: current.current.source.as_str(),
        }),
        target,
        skipped: skipped.collect(),
        message: rollback.trouble.clone(),
    })
}

#[derive(Serialize)]
struct ListJson {
    version: u8,
    command: &'static str,
    outcome: &'static str,
    environment: String,
    unread: Vec<String>,
    releases: Vec<ReleaseJson>,
}

#[derive(Serialize)]
struct ReleaseJson {
    sha: String,
    time: Option<String>,
    time_source: Option<&'static str>,
    current: bool,
    rollback_target: bool,
    complete: bool,
    images: Vec<CopyJson>,
}

#[derive(Serialize)]
struct CopyJson {
    image: String,
    registry: String,
    reference: String,
    digest: Option<String>,
}

/// `tags list` as JSON.
///
/// # Errors
/// Never in practice: the structures hold nothing that JSON cannot.
pub fn list(listing: &Listing) -> Result<String, serde_json::Error> {
    let release = |(index, release): (usize, &Release)| ReleaseJson {
        sha: release.sha.to_string(),
        time: release.time().map(|moment| time(moment.time)),
        time_source: release.time().map(|moment| moment.source.as_str()),
        current: listing.current == Some(index),
        rollback_target: listing.rollback_target.as_ref() == Some(&release.sha),
        complete: release.is_complete(),
        images: release
            .copies
            .iter()
            .map(|(place, copy)| CopyJson {
                image: place.image.to_string(),
                registry: place.registry.to_string(),
                reference: copy.reference().to_string(),
                digest: Copy::digest(copy).map(ToString::to_string),
            })
            .collect(),
    };
    render(&ListJson {
        version: 1,
        command: "list",
        outcome: if listing.unread.is_empty() { "ok" } else { "unknown" },
        environment: listing.environment.to_string(),
        unread: listing.unread.keys().map(ToString::to_string).collect(),
        releases: listing.timeline.releases().iter().enumerate().map(release).collect(),
    })
}

#[derive(Serialize)]
struct LintJson {
    version: u8,
    command: &'static str,
    outcome: &'static str,
    findings: Vec<LintFindingJson>,
}

#[derive(Serialize)]
struct LintFindingJson {
    file: String,
    line: u32,
    column: u32,
    rule: &'static str,
    severity: &'static str,
    subject: String,
    message: String,
    help: String,
}

/// `tags lint` as JSON.
///
/// # Errors
/// Never in practice: the structures hold nothing that JSON cannot.
pub fn lint(linting: &Linting) -> Result<String, serde_json::Error> {
    let finding = |finding: &crate::lint::Finding| LintFindingJson {
        file: finding.file.clone(),
        line: finding.at.line,
        column: finding.at.column,
        rule: finding.rule,
        severity: finding.severity.as_str(),
        subject: finding.subject.clone(),
        message: finding.message.clone(),
        help: finding.help.clone(),
    };
    render(&LintJson {
        version: 1,
        command: "lint",
        outcome: linting.outcome(),
        findings: linting.findings.iter().map(finding).collect(),
    })
}
