//! Parses the answers of GitHub's packages API.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use url::Url;

use super::super::management::another_repository;
use super::super::pages::Page;
use super::api::OwnerKind;
use crate::http::{ErrorKind, Reply, RequestError, has_next, link_target, redacted_url, sanitized};
use crate::model::{Digest, RepositoryPath, TagName, VersionId};
use crate::registry::VersionManifest;

fn broken(url: &Url, what: &str) -> RequestError {
    RequestError::new(
        ErrorKind::BadAnswer,
        format!("{} did not answer with a {what}", redacted_url(url)),
    )
    .with_hint("check `api-url` in the policy, and whether a proxy answers instead")
}

/// `GET /users/{username}`
#[derive(Deserialize)]
struct OwnerWire {
    r#type: String,
}

pub(super) fn owner_kind(url: &Url, reply: &Reply) -> Result<OwnerKind, RequestError> {
    let wire: OwnerWire = serde_json::from_slice(&reply.body)
        .map_err(|error| broken(url, "user or organisation").with_source(error))?;
    Ok(if wire.r#type == "Organization" { OwnerKind::Organization } else { OwnerKind::User })
}

/// A package; its name is the repository's path without the owner.
#[derive(Deserialize)]
struct PackageWire {
    name: String,
    package_type: String,
    owner: Option<PackageOwnerWire>,
}

#[derive(Deserialize)]
struct PackageOwnerWire {
    login: String,
}

/// A page of the packages of an owner, as repositories without the owner.
pub(super) fn packages(
    url: &Url,
    owner: &RepositoryPath,
    reply: &Reply,
) -> Result<Page<RepositoryPath>, RequestError> {
    let broken = || broken(url, "list of packages");
    let wire: Vec<PackageWire> =
        serde_json::from_slice(&reply.body).map_err(|error| broken().with_source(error))?;
    let path = |package: PackageWire| {
        let login = package.owner.as_ref().map_or(owner.as_str(), |owner| owner.login.as_str());
        if package.package_type != "container" || !login.eq_ignore_ascii_case(owner.as_str()) {
            return Err(another_repository(url, &sanitized(&package.name)));
        }
        RepositoryPath::parse(&package.name.to_ascii_lowercase())
            .map_err(|error| broken().with_source(error))
    };
    let entries = wire.into_iter().map(path).collect::<Result<_, _>>()?;
    Ok(Page { entries, total: None, last: last_page(reply), has_next: has_next(&reply.headers) })
}

/// A version of a package: `name` is the manifest's digest.
#[derive(Deserialize)]
struct VersionWire {
    id: u64,
    name: String,
    /// Its URL, which contains the package's name.
    url: Option<String>,
    /// The first push of the digest; setting a tag later does not change it.
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
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Version {
    pub(super) id: VersionId,
    pub(super) digest: Digest,
    pub(super) tags: Vec<TagName>,
    pub(super) created: Option<DateTime<Utc>>,
    pub(super) updated: Option<DateTime<Utc>>,
}

impl Version {
    /// When the digest was pushed or last changed, whichever is newer; none if the time of the push is
    /// unknown.
    pub(super) fn pushed(&self) -> Option<DateTime<Utc>> {
        self.created.map(|created| self.updated.map_or(created, |updated| created.max(updated)))
    }
}

/// A page of the versions of a package.
pub(super) fn versions(
    url: &Url,
    package: &str,
    reply: &Reply,
) -> Result<Page<Version>, RequestError> {
    let wire: Vec<VersionWire> = serde_json::from_slice(&reply.body)
        .map_err(|error| broken(url, "list of versions").with_source(error))?;
    let version = |wire| version(url, package, wire);
    let entries = wire.into_iter().map(version).collect::<Result<_, _>>()?;
    let has_next = has_next(&reply.headers);
    Ok(Page { entries, total: None, last: last_page(reply), has_next })
}

/// `GET …/versions/{id}`. Without the field for tags it is an error, since it may have any.
pub(super) fn version_manifest(
    url: &Url,
    package: &str,
    reply: &Reply,
) -> Result<VersionManifest, RequestError> {
    let wire: VersionWire = serde_json::from_slice(&reply.body)
        .map_err(|error| broken(url, "version").with_source(error))?;
    let Version { digest, tags, .. } = version(url, package, wire)?;
    Ok(VersionManifest::Found { digest, tags })
}

fn version(url: &Url, package: &str, wire: VersionWire) -> Result<Version, RequestError> {
    let broken = || broken(url, "list of versions");
    let other = wire.url.as_deref().and_then(package_of);
    if let Some(other) = other.filter(|other| !other.eq_ignore_ascii_case(package)) {
        return Err(another_repository(url, &sanitized(&other)));
    }
    let tag = |text: String| TagName::parse(&text).map_err(|error| broken().with_source(error));
    let container = wire.metadata.and_then(|metadata| metadata.container);
    let Some(tags) = container.and_then(|container| container.tags) else {
        return Err(without_tags(url, &wire.name));
    };
    let tags: Vec<TagName> = tags.into_iter().map(tag).collect::<Result<_, _>>()?;
    let digest = Digest::parse(&wire.name).map_err(|error| broken().with_source(error))?;
    // An invalid time only makes the time of this version unknown.
    let time = |text: Option<String>| text.and_then(|time| time.parse::<DateTime<Utc>>().ok());
    Ok(Version {
        id: VersionId(wire.id),
        digest,
        tags,
        created: time(wire.created_at),
        updated: time(wire.updated_at),
    })
}

/// The error of a version without the field for tags: it may have any tags, so it is not untagged.
fn without_tags(url: &Url, name: &str) -> RequestError {
    let name: String = sanitized(name).chars().take(80).collect();
    let message = format!(
        "{} lists {name} without saying which tags it has (`metadata.container.tags`)",
        redacted_url(url)
    );
    RequestError::new(ErrorKind::BadAnswer, message).with_hint(
        "without it every manifest looks untagged, so nothing is deleted there; look at githubstatus.com, and try again",
    )
}

/// The name of the package in the URL of one of its versions; none if the URL has another form.
fn package_of(address: &str) -> Option<String> {
    let path = Url::parse(address).ok()?.path().to_owned();
    let (_, rest) = path.split_once("/packages/container/")?;
    let (name, _) = rest.rsplit_once("/versions/")?;
    let pair = format!("name={}", name.replace('+', "%2B"));
    let (_, name) = url::form_urlencoded::parse(pair.as_bytes()).next()?;
    Some(name.into_owned())
}

/// The number of the last page, if the server states it.
fn last_page(reply: &Reply) -> Option<usize> {
    let (_, query) = link_target(&reply.headers, "last")?.split_once('?')?;
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "page")
        .and_then(|(_, page)| page.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_of_a_version_is_read_from_its_url() {
        for (address, expected) in [
            ("https://api.github.com/orgs/a/packages/container/app/versions/1", Some("app")),
            (
                "https://ghe/api/v3/users/a/packages/container/team%2Fapp/versions/1",
                Some("team/app"),
            ),
            ("https://ghe/orgs/a/packages/container/team/app/versions/1", Some("team/app")),
            ("https://ghe/elsewhere/1", None),
            ("no address", None),
        ] {
            assert_eq!(package_of(address).as_deref(), expected, "{address}");
        }
    }
}
