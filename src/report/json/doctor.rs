//! `tags doctor` as JSON.

use serde::Serialize;

use super::render;
use crate::doctor::{Check, DoctorReport};
use crate::model::UnreadCause;

#[derive(Serialize)]
struct DoctorJson<'a> {
    version: u8,
    command: &'static str,
    outcome: &'static str,
    registries: Vec<RegistryJson<'a>>,
}

#[derive(Serialize)]
struct RegistryJson<'a> {
    registry: &'a str,
    kind: &'static str,
    host: &'a str,
    checks: Vec<CheckJson<'a>>,
}

#[derive(Serialize)]
struct CheckJson<'a> {
    check: &'static str,
    status: &'static str,
    detail: &'a str,
    blocks: &'a [&'static str],
    hint: Option<&'a str>,
}

/// The word for the outcome of `tags doctor`.
#[must_use]
pub fn doctor_outcome(examination: &DoctorReport) -> &'static str {
    match examination.missing() {
        None => "ok",
        Some(UnreadCause::Credentials) => "failed",
        Some(UnreadCause::NotFound | UnreadCause::Unreachable) => "unknown",
    }
}

/// `tags doctor` as JSON.
///
/// # Errors
/// Never in practice: the structures hold nothing that JSON cannot.
pub fn doctor(examination: &DoctorReport) -> Result<String, serde_json::Error> {
    let registries = examination.registries.iter().map(|(name, registry)| RegistryJson {
        registry: name.as_str(),
        kind: registry.kind.as_str(),
        host: &registry.host,
        checks: registry.checks.iter().map(check).collect(),
    });
    render(&DoctorJson {
        version: 1,
        command: "doctor",
        outcome: doctor_outcome(examination),
        registries: registries.collect(),
    })
}

fn check(check: &Check) -> CheckJson<'_> {
    CheckJson {
        check: check.name,
        status: check.status.as_str(),
        detail: &check.detail,
        blocks: &check.blocks,
        hint: check.hint.as_deref(),
    }
}
