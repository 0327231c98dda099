//! Parses the answers of the OCI distribution API.

use serde::Deserialize;
use url::Url;

use super::super::management::another_repository;
use super::super::{FetchedManifest, ManifestSelector};
use crate::http::{ErrorKind, Reply, RequestError, redacted_url, sanitized};
use crate::model::{
    ByteCheck, Descriptor, Digest, Manifest, ManifestRead, RepositoryPath, media_type,
};

/// `GET /v2/<name>/tags/list`. `tags` may be null in repositories that once had tags, but the field must
/// exist: otherwise any JSON object would count as an empty repository.
#[derive(Deserialize)]
struct TagsWire {
    /// The repository's name; some servers omit it.
    name: Option<String>,
    #[serde(deserialize_with = "Option::deserialize")]
    tags: Option<Vec<String>>,
}

pub(super) fn tags(
    url: &Url,
    repository: &RepositoryPath,
    reply: &Reply,
) -> Result<Vec<String>, RequestError> {
    let wire: TagsWire = serde_json::from_slice(&reply.body).map_err(|error| {
        let message = format!("{} did not answer with a list of tags", redacted_url(url));
        RequestError::new(ErrorKind::BadAnswer, message)
            .with_source(error)
            .with_hint("a proxy or a login page may answer instead of the registry")
    })?;
    match wire.name.filter(|name| !name.is_empty() && name != repository.as_str()) {
        Some(name) => Err(another_repository(url, &sanitized(&name))),
        None => Ok(wire.tags.unwrap_or_default()),
    }
}

/// `GET /v2/_catalog`. `repositories` may be null, but the field must exist.
#[derive(Deserialize)]
struct CatalogWire {
    #[serde(deserialize_with = "Option::deserialize")]
    repositories: Option<Vec<String>>,
}

/// A page of the catalog.
pub(super) fn repositories(url: &Url, reply: &Reply) -> Result<Vec<RepositoryPath>, RequestError> {
    let broken = || {
        let message = format!("{} did not answer with a list of repositories", redacted_url(url));
        RequestError::new(ErrorKind::BadAnswer, message)
            .with_hint("a proxy or a login page may answer instead of the registry")
    };
    let wire: CatalogWire =
        serde_json::from_slice(&reply.body).map_err(|error| broken().with_source(error))?;
    let names = wire.repositories.unwrap_or_default().into_iter();
    let path =
        |name: String| RepositoryPath::parse(&name).map_err(|error| broken().with_source(error));
    names.map(path).collect()
}

/// `manifests` may be null if there are no referrers, but the field must exist.
#[derive(Deserialize)]
struct ReferrersWire {
    #[serde(rename = "manifests", deserialize_with = "Option::deserialize")]
    _manifests: Option<Vec<serde::de::IgnoredAny>>,
}

/// `GET /v2/<name>/referrers/<digest>`: an index of the referrers.
pub(super) fn referrers(url: &Url, reply: &Reply) -> Result<Vec<Descriptor>, RequestError> {
    let broken = || {
        let message = format!("{} did not answer with a list of referrers", redacted_url(url));
        RequestError::new(ErrorKind::BadAnswer, message)
    };
    // Without this check any JSON object would count as an empty list.
    serde_json::from_slice::<ReferrersWire>(&reply.body)
        .map_err(|error| broken().with_source(error))?;
    let read = ManifestRead::of(Some(media_type::OCI_INDEX), &reply.body)
        .map_err(|error| broken().with_source(error))?;
    match (read.manifest, read.inconsistency) {
        (Manifest::Index(index), None) => {
            Ok(index.children.into_iter().chain(index.blobs).collect())
        }
        _ => Err(broken()),
    }
}

/// The `Docker-Content-Digest` header, if it is a valid digest.
pub(super) fn digest_header(reply: &Reply) -> Option<Digest> {
    reply.header("docker-content-digest").and_then(|text| Digest::parse(text.trim()).ok())
}

/// Checks that the answer to a HEAD by digest has that digest, unless the algorithms differ.
pub(super) fn same_digest(
    url: &Url,
    selector: ManifestSelector<'_>,
    answered: Digest,
) -> Result<Digest, RequestError> {
    match selector {
        ManifestSelector::Digest(asked)
            if asked.algorithm() == answered.algorithm() && *asked != answered =>
        {
            Err(other_bytes(url))
        }
        ManifestSelector::Digest(asked) => Ok(asked.clone()),
        ManifestSelector::Tag(_) => Ok(answered),
    }
}

/// A manifest, with the digest computed from its bytes, which must match the requested and the announced
/// digest. Without a matching digest the bytes must look like a manifest.
pub(super) fn manifest(
    url: &Url,
    selector: ManifestSelector<'_>,
    reply: Reply,
) -> Result<FetchedManifest, RequestError> {
    let announced = digest_header(&reply);
    let media_type = reply.header("content-type").map(str::to_owned);
    let asked = match selector {
        ManifestSelector::Digest(digest) => Some(digest.clone()),
        ManifestSelector::Tag(_) => None,
    };
    let known = || asked.iter().chain(&announced);
    if !known().any(|digest| digest.check(&reply.body) == ByteCheck::Match)
        && !ManifestRead::is_likely(&reply.body)
    {
        let message = format!("{} did not answer with a manifest", redacted_url(url));
        return Err(RequestError::new(ErrorKind::BadAnswer, message)
            .with_hint("a proxy or a login page may answer instead of the registry"));
    }
    if known().any(|digest| digest.check(&reply.body) == ByteCheck::Differ) {
        return Err(other_bytes(url));
    }
    let digest = asked
        .or(announced)
        .filter(|digest| digest.check(&reply.body) == ByteCheck::Match)
        .unwrap_or_else(|| Digest::of(&reply.body));
    Ok(FetchedManifest { digest, media_type, bytes: reply.body.into() })
}

pub(super) fn other_bytes(url: &Url) -> RequestError {
    let message = format!("{} answered with content of another digest", redacted_url(url));
    RequestError::new(ErrorKind::BadAnswer, message)
        .with_hint("a proxy or cache between here and the registry may be broken; do not trust the answers of this registry until that is fixed")
}

/// The error of an unexpected status.
pub(super) fn unexpected(url: &Url, reply: &Reply) -> RequestError {
    let explanation = reply.explanation().map(|text| format!(" ({text})")).unwrap_or_default();
    let status = reply.status;
    let after_redirect = if reply.redirected { ", after a redirect" } else { "" };
    RequestError::new(
        ErrorKind::Status,
        format!("{} answered {status}{after_redirect}{explanation}", redacted_url(url)),
    )
    .with_status(status.as_u16())
    .with_hint("check the registry's `url` in the policy; `-vv` shows each request")
}
