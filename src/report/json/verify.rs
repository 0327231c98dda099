//! `tags verify` as JSON.

use schemars::JsonSchema;
use serde::Serialize;

use crate::verify::Verification;

#[derive(Serialize, JsonSchema)]
pub(super) struct VerifyJson {
    /// The environment.
    environment: String,
    /// The commit SHA of the release.
    sha: String,
    /// The images that the policy's patterns found; left out where it has none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<String>,
    /// Each tag in each place.
    checks: Vec<CheckJson>,
    /// What is wrong, errors first.
    findings: Vec<FindingJson>,
    /// How many running images belong to no image of the environment.
    running_ignored: usize,
}

#[derive(Serialize, JsonSchema)]
struct CheckJson {
    /// The image.
    image: String,
    /// The registry's name in the policy.
    registry: String,
    /// `host/path:tag`.
    reference: String,
    /// The tag.
    tag: String,
    /// `sha` or `latest`.
    kind: &'static str,
    /// What the tag points to; null if it does not exist or could not be read.
    digest: Option<String>,
    /// `ok`, or the code of the finding.
    status: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct FindingJson {
    /// The code.
    code: &'static str,
    /// `error` or `warning`.
    severity: &'static str,
    /// The image; empty if the finding is about none.
    image: String,
    /// The registry; empty if the finding is about none.
    registry: String,
    /// The tag; empty if the finding is about none.
    tag: String,
    /// What was found, in words.
    message: String,
    /// What to do about it.
    hint: Option<String>,
}

/// `tags verify` as JSON.
pub(super) fn verify(verification: &Verification) -> VerifyJson {
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
