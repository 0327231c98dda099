//! `tags doctor` as JSON.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::{Check, DoctorReport};

#[derive(Serialize, JsonSchema)]
pub(super) struct DoctorJson<'a> {
    /// Every registry of the policy.
    registries: Vec<RegistryJson<'a>>,
    /// The repository of `[github]`; null if the policy has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    github: Option<GitHubJson<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct GitHubJson<'a> {
    /// `owner/name`; null if it is not known.
    repository: Option<&'a str>,
    /// The host that was asked.
    host: &'a str,
    /// The checks; later ones depend on earlier ones.
    checks: Vec<CheckJson<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct RegistryJson<'a> {
    /// The registry's name in the policy.
    registry: &'a str,
    /// `docr`, `ghcr` or `oci`.
    kind: &'static str,
    /// The host that was asked.
    host: &'a str,
    /// The checks; later ones depend on earlier ones.
    checks: Vec<CheckJson<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct CheckJson<'a> {
    /// What was checked.
    check: &'static str,
    /// `ok`, `warning`, `missing` or `unknown`.
    status: &'static str,
    /// What was found.
    detail: &'a str,
    /// The commands that it blocks, or may block.
    blocks: &'a [&'static str],
    /// What to do about it.
    hint: Option<&'a str>,
}

/// `tags doctor` as JSON.
pub(super) fn doctor(examination: &DoctorReport) -> DoctorJson<'_> {
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
