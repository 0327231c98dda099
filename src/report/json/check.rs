//! `tags check` as JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::policy::{Environment, EnvironmentImage};
use crate::report::PolicySummary;

#[derive(Serialize)]
struct CheckJson<'a> {
    policy: &'a str,
    environments: Vec<EnvironmentJson<'a>>,
    retention_rules: usize,
    remarks: Vec<String>,
}

#[derive(Serialize)]
struct EnvironmentJson<'a> {
    environment: &'a str,
    branch: Option<&'a str>,
    sha_tag: String,
    latest_tag: &'a str,
    order: &'static str,
    images: BTreeMap<&'a str, Vec<String>>,
}

/// `tags check` as JSON.
pub(super) fn check(summary: &PolicySummary) -> impl Serialize {
    CheckJson {
        policy: &summary.name,
        environments: summary.policy.environments.values().map(environment).collect(),
        retention_rules: summary.policy.retention.len(),
        remarks: summary.remarks(),
    }
}

fn environment(environment: &Environment) -> EnvironmentJson<'_> {
    let references = |image: &EnvironmentImage| -> Vec<String> {
        image.repositories.values().map(ToString::to_string).collect()
    };
    let images = environment.images.iter();
    EnvironmentJson {
        environment: environment.name.as_str(),
        branch: environment.branch.as_deref(),
        sha_tag: environment.scheme.sha.to_string(),
        latest_tag: environment.scheme.latest.as_str(),
        order: environment.order.as_str(),
        images: images.map(|(name, image)| (name.as_str(), references(image))).collect(),
    }
}
