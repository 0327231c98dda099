//! `tags list` as JSON.

use serde::Serialize;

use super::time;
use crate::model::{Release, ReleaseCopy};
use crate::releases::Deployed;
use crate::report::Listing;

#[derive(Serialize)]
struct ListJson {
    environment: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<String>,
    unread: Vec<String>,
    releases: Vec<ReleaseJson>,
}

#[derive(Serialize)]
struct ReleaseJson {
    sha: String,
    time: Option<String>,
    time_source: Option<&'static str>,
    current: bool,
    rollback_target: bool,
    /// None where a place could not be asked.
    complete: Option<bool>,
    /// None where the policy does not say what deploys to the environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    deployed: Option<DeployedJson>,
    images: Vec<CopyJson>,
}

#[derive(Serialize)]
struct DeployedJson {
    time: Option<String>,
    result: &'static str,
    source: Option<&'static str>,
    url: Option<String>,
}

#[derive(Serialize)]
struct CopyJson {
    image: String,
    registry: String,
    reference: String,
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
pub(super) fn list(listing: &Listing) -> impl Serialize {
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
