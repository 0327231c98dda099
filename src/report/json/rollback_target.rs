//! `tags rollback-target` as JSON.

use schemars::JsonSchema;
use serde::Serialize;

use super::time;
use crate::report::RollbackTarget;

#[derive(Serialize, JsonSchema)]
pub(super) struct RollbackJson {
    /// The environment.
    environment: String,
    /// What "previous" means: `pushed`, `built`, `git` or `deployed`.
    order: &'static str,
    /// The images that the policy's patterns found; left out where it has none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<String>,
    /// The registries that could not be read.
    unread: Vec<String>,
    /// The current release; null if it is not known.
    current: Option<CurrentJson>,
    /// The release to roll back to; null if there is none.
    target: Option<TargetJson>,
    /// The releases that were passed over, newest first.
    skipped: Vec<SkippedJson>,
    /// Why it is not known which release is current; null if it is.
    message: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct CurrentJson {
    /// The commit SHA of the release.
    sha: String,
    /// How it is known: `from`, `running`, `latest-tag` or `newest`.
    source: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct TargetJson {
    /// The commit SHA of the release.
    sha: String,
    /// RFC 3339 in UTC; null if it is not known.
    time: Option<String>,
    /// `pushed`, `built` or `git`.
    time_source: Option<&'static str>,
    /// Every copy that is complete.
    images: Vec<TargetImageJson>,
}

#[derive(Serialize, JsonSchema)]
struct TargetImageJson {
    /// The image.
    image: String,
    /// The registry's name in the policy.
    registry: String,
    /// `host/path:tag@digest`, to deploy.
    reference: String,
    /// Its digest.
    digest: String,
}

#[derive(Serialize, JsonSchema)]
struct SkippedJson {
    /// The commit SHA of the release.
    sha: String,
    /// The code.
    code: &'static str,
    /// Why it was passed over.
    message: String,
}

/// `tags rollback-target` as JSON.
pub(super) fn rollback_target(rollback: &RollbackTarget) -> RollbackJson {
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
    RollbackJson {
        environment: rollback.environment.to_string(),
        order: rollback.order.as_str(),
        images: rollback.images.iter().map(ToString::to_string).collect(),
        unread: rollback.unread.keys().map(ToString::to_string).collect(),
        current: rollback.current.as_ref().map(|current| CurrentJson {
            sha: current.sha.to_string(),
            source: current.current.source.as_str(),
        }),
        target,
        skipped: skipped.collect(),
        message: rollback.message.clone(),
    }
}
