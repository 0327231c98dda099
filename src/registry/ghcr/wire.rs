//! Reads answers of GitHub's packages API.

use chrono::{DateTime, Utc};
use reqwest::header::LINK;
use serde::Deserialize;
use url::Url;

use super::super::ListedTag;
use super::super::error::{ErrorKind, RegistryError};
use super::super::http::{Reply, link_targets, shown};
use super::api::OwnerKind;
use crate::model::{Digest, TagName};

fn broken(url: &Url, what: &str) -> RegistryError {
    RegistryError::new(ErrorKind::BadAnswer, format!("{} is no {what}", shown(url)))
}

/// `GET /users/{username}`
#[derive(Deserialize)]
struct OwnerWire {
    r#type: String,
}

pub(super) fn owner_kind(url: &Url, reply: &Reply) -> Result<OwnerKind, RegistryError> {
    let wire: OwnerWire = serde_json::from_slice(&reply.body)
        .map_err(|error| broken(url, "account").with_source(error))?;
    Ok(if wire.r#type == "Organization" { OwnerKind::Organization } else { OwnerKind::User })
}

/// A version of a package: `name` is the manifest's digest.
#[derive(Deserialize)]
struct VersionWire {
    name: String,
    /// The first push of the digest; setting a tag later does not move it.
    created_at: Option<DateTime<Utc>>,
    metadata: Option<MetadataWire>,
}

#[derive(Deserialize)]
struct MetadataWire {
    container: Option<ContainerWire>,
}

#[derive(Deserialize)]
struct ContainerWire {
    tags: Option<Vec<String>>,
}

/// The tags of a page of versions; versions without tags have none to give.
pub(super) fn versions(url: &Url, reply: &Reply) -> Result<Vec<ListedTag>, RegistryError> {
    let wire: Vec<VersionWire> = serde_json::from_slice(&reply.body)
        .map_err(|error| broken(url, "list of versions").with_source(error))?;
    let mut listed = Vec::new();
    for version in wire {
        let container = version.metadata.and_then(|metadata| metadata.container);
        let tags = container.and_then(|container| container.tags).unwrap_or_default();
        for tag in tags {
            let digest = Digest::parse(&version.name)
                .map_err(|error| broken(url, "list of versions").with_source(error))?;
            let tag = TagName::parse(&tag)
                .map_err(|error| broken(url, "list of versions").with_source(error))?;
            listed.push(ListedTag { tag, digest: Some(digest), pushed: version.created_at });
        }
    }
    Ok(listed)
}

/// The number of the last page, where the server names it.
pub(super) fn last_page(reply: &Reply) -> Option<usize> {
    let links = reply.headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
    let last = links.flat_map(|value| link_targets(value, "last")).next()?;
    let (_, query) = last.split_once('?')?;
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "page")
        .and_then(|(_, page)| page.parse().ok())
}
