//! `tags verify` as JSON.

use serde::Serialize;

use crate::verify::Verification;

#[derive(Serialize)]
struct VerifyJson {
    environment: String,
    sha: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<String>,
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

/// `tags verify` as JSON.
pub(super) fn verify(verification: &Verification) -> impl Serialize {
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
        image: finding.place.as_ref().map_or_else(String::new, |at| at.image.to_string()),
        registry: finding.place.as_ref().map_or_else(String::new, |at| at.registry.to_string()),
        tag: finding.tag.clone(),
        message: finding.message.clone(),
        hint: finding.hint.clone(),
    });
    VerifyJson {
        environment: verification.environment.to_string(),
        sha: verification.sha.to_string(),
        images: verification.images.iter().map(ToString::to_string).collect(),
        checks: checks.collect(),
        findings: findings.collect(),
        running_ignored: verification.running_ignored,
    }
}
