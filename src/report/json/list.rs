//! `tags list` as JSON.

use serde::Serialize;

use super::time;
use crate::model::{Release, ReleaseCopy};
use crate::report::Listing;

#[derive(Serialize)]
struct ListJson {
    environment: String,
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
    images: Vec<CopyJson>,
}

#[derive(Serialize)]
struct CopyJson {
    image: String,
    registry: String,
    reference: String,
    digest: Option<String>,
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
        unread: listing.unread.keys().map(ToString::to_string).collect(),
        releases: listing.timeline.releases().iter().enumerate().map(release).collect(),
    }
}
