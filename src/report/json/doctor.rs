//! `tags doctor` as JSON.

use serde::Serialize;

use crate::report::{Check, DoctorReport};

#[derive(Serialize)]
struct DoctorJson<'a> {
    registries: Vec<RegistryJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    github: Option<GitHubJson<'a>>,
}

#[derive(Serialize)]
struct GitHubJson<'a> {
    repository: Option<&'a str>,
    host: &'a str,
    checks: Vec<CheckJson<'a>>,
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

/// `tags doctor` as JSON.
pub(super) fn doctor(examination: &DoctorReport) -> impl Serialize {
    let registries = examination.registries.iter().map(|(name, registry)| RegistryJson {
        registry: name.as_str(),
        kind: registry.kind.as_str(),
        host: &registry.host,
        checks: registry.checks.iter().map(check).collect(),
    });
    let github = examination.github.as_ref().map(|github| GitHubJson {
        repository: github.repository.as_deref(),
        host: &github.host,
        checks: github.checks.iter().map(check).collect(),
    });
    DoctorJson { registries: registries.collect(), github }
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
