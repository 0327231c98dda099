//! `tags list` as JSON.

use schemars::JsonSchema;
use serde::Serialize;

use super::time;
use crate::model::{Release, ReleaseCopy};
use crate::releases::Deployed;
use crate::report::Listing;

#[derive(Serialize, JsonSchema)]
pub(super) struct ListJson {
    /// The environment.
    environment: String,
    /// The images that the policy's patterns found; left out where it has none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<String>,
    /// The registries that could not be read.
    unread: Vec<String>,
    /// The releases, newest first.
    releases: Vec<ReleaseJson>,
}

#[derive(Serialize, JsonSchema)]
struct ReleaseJson {
    /// The commit SHA of the release.
    sha: String,
    /// RFC 3339 in UTC; null if it is not known.
    time: Option<String>,
    /// `pushed`, `built` or `git`.
    time_source: Option<&'static str>,
    /// Whether it is the current release.
    current: bool,
    /// Whether a rollback goes to it, by tags and times only.
    rollback_target: bool,
    /// Null where a place could not be asked.
    complete: Option<bool>,
    /// Null where the policy does not say what deploys to the environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    deployed: Option<DeployedJson>,
    /// Every place where it must be.
    images: Vec<CopyJson>,
}

#[derive(Serialize, JsonSchema)]
struct DeployedJson {
    /// When it was last deployed; null if it was not.
    time: Option<String>,
    /// `ok`, `failed`, `none` or `unknown`.
    result: &'static str,
    /// `record` or `run`.
    source: Option<&'static str>,
    /// Its page.
    url: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct CopyJson {
    /// The image.
    image: String,
    /// The registry's name in the policy.
    registry: String,
    /// `host/path:tag`.
    reference: String,
    /// What the tag points to; null if it does not exist or could not be read.
    digest: Option<String>,
}

fn deployed(deployed: Deployed<'_>) -> DeployedJson {
    let deployment = deployed.deployment();
    let was_deployed = deployment.filter(|deployment| deployment.result.is_deployed());
    DeployedJson {
        time: was_deployed.map(|deployment| time(deployment.time)),
        result: match deployed {
            Deployed::Good(_) => "ok",
            Deployed::Failed(_) => "failed",
            Deployed::Never => "none",
            Deployed::Unknown(_) | Deployed::Unread => "unknown",
        },
        source: deployment.map(|deployment| deployment.source.as_str()),
        url: deployment.and_then(|deployment| deployment.url.clone()),
    }
}

/// `tags list` as JSON.
pub(super) fn list(listing: &Listing) -> ListJson {
    let release = |(index, release): (usize, &Release)| ReleaseJson {
        sha: release.sha.to_string(),
        time: release.time().map(|moment| time(moment.time)),
        time_source: release.time().map(|moment| moment.source.as_str()),
        current: listing.current == Some(index),
        rollback_target: listing.rollback_target.as_ref() == Some(&release.sha),
        complete: release.completeness(),
        deployed: listing.deployed(index).map(deployed),
        images: release
            .copies
            .iter()
            .map(|(place, copy)| CopyJson {
                image: place.image.to_string(),
                registry: place.registry.to_string(),
                reference: copy.reference().to_string(),
                digest: ReleaseCopy::digest(copy).map(ToString::to_string),
            })
            .collect(),
    };
    ListJson {
        environment: listing.environment.to_string(),
        images: listing.images.iter().map(ToString::to_string).collect(),
        unread: listing.unread.keys().map(ToString::to_string).collect(),
        releases: listing.timeline.releases().iter().enumerate().map(release).collect(),
    }
}
