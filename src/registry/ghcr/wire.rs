//! Reads answers of GitHub's packages API.

use chrono::{DateTime, Utc};
use reqwest::header::LINK;
use serde::Deserialize;
use url::Url;

use super::super::ListedTag;
use super::super::error::{ErrorKind, RegistryError};
use super::super::http::{Reply, link_targets, next_page, shown};
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
    created_at: Option<String>,
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

/// A page of versions.
#[derive(Debug)]
pub(super) struct Page {
    /// Its tags; versions without tags have none to give.
    pub(super) tags: Vec<ListedTag>,
    /// The digests of all its versions.
    pub(super) versions: Vec<String>,
    /// The number of the last page, where the server names it.
    pub(super) last: Option<usize>,
    /// Whether another page follows.
    pub(super) goes_on: bool,
}

pub(super) fn versions(url: &Url, reply: &Reply) -> Result<Page, RegistryError> {
    let wire: Vec<VersionWire> = serde_json::from_slice(&reply.body)
        .map_err(|error| broken(url, "list of versions").with_source(error))?;
    let mut listed = Vec::new();
    let versions = wire.iter().map(|version| version.name.clone()).collect();
    for version in wire {
        // A time that is none makes this version's time unknown, and nothing else.
        let created =
            version.created_at.as_deref().and_then(|time| time.parse::<DateTime<Utc>>().ok());
        let container = version.metadata.and_then(|metadata| metadata.container);
        let tags = container.and_then(|container| container.tags).unwrap_or_default();
        for tag in tags {
            let digest = Digest::parse(&version.name)
                .map_err(|error| broken(url, "list of versions").with_source(error))?;
            let tag = TagName::parse(&tag)
                .map_err(|error| broken(url, "list of versions").with_source(error))?;
            listed.push(ListedTag { tag, digest: Some(digest), pushed: created });
        }
    }
    let goes_on = next_page(url, &reply.headers)?.is_some();
    Ok(Page { tags: listed, versions, last: last_page(reply), goes_on })
}

/// The number of the last page, where the server names it.
fn last_page(reply: &Reply) -> Option<usize> {
    let links = reply.headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
    let last = links.flat_map(|value| link_targets(value, "last")).next()?;
    let (_, query) = last.split_once('?')?;
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "page")
        .and_then(|(_, page)| page.parse().ok())
}
