//! `tags rollback-target` as JSON.

use serde::Serialize;

use super::time;
use crate::report::RollbackTarget;

#[derive(Serialize)]
struct RollbackJson {
    environment: String,
    order: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<String>,
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

/// `tags rollback-target` as JSON.
pub(super) fn rollback_target(rollback: &RollbackTarget) -> impl Serialize {
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
