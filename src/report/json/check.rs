//! `tags check` as JSON.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{EnvironmentName, Sha};
use crate::policy::{Environment, EnvironmentImage, Limits, Protect, Retention, RetentionScope};
use crate::report::PolicySummary;

#[derive(Serialize, JsonSchema)]
pub(super) struct CheckJson<'a> {
    /// The policy file.
    policy: &'a str,
    /// The environments: those that are named like production first, then in the order of the file.
    environments: Vec<EnvironmentJson<'a>>,
    /// How many retention rules there are.
    retention_rules: usize,
    /// The retention rules, in the order of the file.
    rules: Vec<RuleJson<'a>>,
    /// How many seconds a manifest without a tag is kept; null means for ever.
    untagged_keep_within_seconds: Option<u64>,
    /// What is never deleted.
    protect: ProtectJson<'a>,
    /// How much one run may delete.
    limits: LimitsJson,
    /// What is valid and yet may not be meant, in words.
    remarks: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct EnvironmentJson<'a> {
    /// The environment.
    environment: &'a str,
    /// The branch that is deployed to it; null if the policy names none.
    branch: Option<&'a str>,
    /// The pattern of its SHA tags: `prod-{sha}`.
    sha_tag: String,
    /// Its latest tag.
    latest_tag: &'a str,
    /// How its releases are ordered: `pushed`, `built`, `git` or `deployed`.
    order: &'static str,
    /// The repositories of each of its images, `host/path`, by the name of the image.
    images: BTreeMap<&'a str, Vec<String>>,
}

#[derive(Serialize, JsonSchema)]
struct RuleJson<'a> {
    /// The environments whose releases it is about; empty for a rule about tags.
    environments: Vec<&'a str>,
    /// The globs of the tags that it is about; empty for a rule about environments.
    tags: Vec<&'a str>,
    /// How many of the newest it keeps; null if it has no such number.
    keep_last: Option<u32>,
    /// For how many seconds it keeps each; null if it has no such time.
    keep_within_seconds: Option<u64>,
    /// Its line in the file, from 1.
    line: usize,
}

#[derive(Serialize, JsonSchema)]
struct ProtectJson<'a> {
    /// How many complete releases before the current one are kept, in each environment.
    rollback_depth: u32,
    /// Nothing younger than this many seconds is deleted.
    min_age_seconds: u64,
    /// Globs of tags that are kept.
    tags: Vec<&'a str>,
    /// SHAs, or beginnings of them, of releases that are kept.
    shas: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the names are those of the policy file")]
struct LimitsJson {
    /// How many manifests one run may delete.
    max_deletions: u32,
    /// Which share of the manifests of a repository one run may delete, from 0 to 1.
    max_share: f64,
    /// How many bytes one repair or promotion may copy; null means any number.
    max_copy_bytes: Option<u64>,
}

/// `tags check` as JSON.
pub(super) fn check(summary: &PolicySummary) -> CheckJson<'_> {
    let policy = &summary.policy;
    CheckJson {
        policy: &summary.name,
        environments: policy.environments_in_order().into_iter().map(environment).collect(),
        retention_rules: policy.retention.len(),
        rules: policy.retention.iter().map(rule).collect(),
        untagged_keep_within_seconds: policy.untagged_keep_within.map(|time| time.as_secs()),
        protect: protect(&policy.protect),
        limits: limits(&policy.limits),
        remarks: summary.remarks().into_iter().map(|remark| remark.text).collect(),
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

fn rule(rule: &Retention) -> RuleJson<'_> {
    let (environments, tags) = match &rule.scope {
        RetentionScope::Environments(names) => {
            (names.iter().map(EnvironmentName::as_str).collect(), Vec::new())
        }
        RetentionScope::Tags(globs) => {
            (Vec::new(), globs.iter().map(|glob| glob.glob().glob()).collect())
        }
    };
    RuleJson {
        environments,
        tags,
        keep_last: rule.keep_last,
        keep_within_seconds: rule.keep_within.as_ref().map(Duration::as_secs),
        line: rule.line,
    }
}

fn protect(protect: &Protect) -> ProtectJson<'_> {
    ProtectJson {
        rollback_depth: protect.rollback_depth,
        min_age_seconds: protect.min_age.as_secs(),
        tags: protect.tags.iter().map(|glob| glob.glob().glob()).collect(),
        shas: protect.shas.iter().map(Sha::to_string).collect(),
    }
}

fn limits(limits: &Limits) -> LimitsJson {
    LimitsJson {
        max_deletions: limits.max_deletions,
        max_share: limits.max_share,
        max_copy_bytes: limits.max_copy,
    }
}
