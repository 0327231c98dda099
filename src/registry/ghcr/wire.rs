//! Reads answers of GitHub's packages API.

use chrono::{DateTime, Utc};
use reqwest::header::LINK;
use serde::Deserialize;
use url::Url;

use super::super::error::{ErrorKind, RegistryError};
use super::super::http::{Reply, link_targets, next_page, shown};
use super::api::OwnerKind;
use crate::model::{Digest, TagName, VersionId};
use crate::registry::NumberedManifest;

fn broken(url: &Url, what: &str) -> RegistryError {
    RegistryError::new(ErrorKind::BadAnswer, format!("{} is no {what}", shown(url)))
        .with_hint("check `api-url` in the policy, and whether a proxy answers in its place")
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
    id: u64,
    name: String,
    /// The first push of the digest; setting a tag later does not move it.
    created_at: Option<String>,
    updated_at: Option<String>,
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

/// A version, which is a manifest.
#[derive(Debug)]
pub(super) struct Version {
    pub(super) id: VersionId,
    /// The digest, as the server has it.
    pub(super) name: String,
    /// The digest; none where the name is none, which no version with tags may be.
    pub(super) digest: Option<Digest>,
    pub(super) tags: Vec<TagName>,
    pub(super) created: Option<DateTime<Utc>>,
    pub(super) updated: Option<DateTime<Utc>>,
}

/// A page of versions.
#[derive(Debug)]
pub(super) struct Page {
    /// All its versions.
    pub(super) versions: Vec<Version>,
    /// The number of the last page, where the server names it.
    pub(super) last: Option<usize>,
    /// Whether another page follows.
    pub(super) goes_on: bool,
}

pub(super) fn versions(url: &Url, reply: &Reply) -> Result<Page, RegistryError> {
    let wire: Vec<VersionWire> = serde_json::from_slice(&reply.body)
        .map_err(|error| broken(url, "list of versions").with_source(error))?;
    let versions = wire.into_iter().map(|wire| version(url, wire)).collect::<Result<_, _>>()?;
    let goes_on = next_page(url, &reply.headers)?.is_some();
    Ok(Page { versions, last: last_page(reply), goes_on })
}

/// `GET …/versions/{id}`. Without the field that carries its tags nothing is known of them.
pub(super) fn numbered(url: &Url, reply: &Reply) -> Result<NumberedManifest, RegistryError> {
    let wire: VersionWire = serde_json::from_slice(&reply.body)
        .map_err(|error| broken(url, "version").with_source(error))?;
    let tells_tags = wire.metadata.as_ref().and_then(|metadata| metadata.container.as_ref());
    if tells_tags.is_none_or(|container| container.tags.is_none()) {
        return Err(broken(url, "version with a list of its tags"));
    }
    let Version { digest, tags, .. } = version(url, wire)?;
    let digest = digest.ok_or_else(|| broken(url, "version named by a digest"))?;
    Ok(NumberedManifest::Found { digest, tags })
}

fn version(url: &Url, wire: VersionWire) -> Result<Version, RegistryError> {
    let broken = || broken(url, "list of versions");
    let tag = |text: String| TagName::parse(&text).map_err(|error| broken().with_source(error));
    let container = wire.metadata.and_then(|metadata| metadata.container);
    let tags = container.and_then(|container| container.tags).unwrap_or_default();
    let tags: Vec<TagName> = tags.into_iter().map(tag).collect::<Result<_, _>>()?;
    let digest = match Digest::parse(&wire.name) {
        Ok(digest) => Some(digest),
        Err(_) if tags.is_empty() => None,
        Err(error) => return Err(broken().with_source(error)),
    };
    // A time that is none makes this version's time unknown, and nothing else.
    let time = |text: Option<String>| text.and_then(|time| time.parse::<DateTime<Utc>>().ok());
    Ok(Version {
        id: VersionId(wire.id),
        name: wire.name,
        digest,
        tags,
        created: time(wire.created_at),
        updated: time(wire.updated_at),
    })
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
