//! Reads answers of the OCI distribution API: digests from bytes, listings, refusals.

use serde::Deserialize;
use url::Url;

use super::super::management::another_repository;
use super::super::{FetchedManifest, ManifestSelector};
use crate::http::{ErrorKind, Reply, RequestError, redacted_url, sanitized};
use crate::model::{
    ByteCheck, Descriptor, Digest, Manifest, ManifestRead, RepositoryPath, media_type,
};

/// `GET /v2/<name>/tags/list`. `tags` is null in repositories that once had some, but it must be
/// there: anything else that is JSON would pass for an empty repository.
#[derive(Deserialize)]
struct TagsWire {
    /// The repository's; some servers leave it out.
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
        let message = format!("{} is no list of tags", redacted_url(url));
        RequestError::new(ErrorKind::BadAnswer, message)
            .with_source(error)
            .with_hint("something else than a registry may answer here: a proxy, or a login page")
    })?;
    match wire.name.filter(|name| !name.is_empty() && name != repository.as_str()) {
        Some(name) => Err(another_repository(url, &sanitized(&name))),
        None => Ok(wire.tags.unwrap_or_default()),
    }
}

/// `manifests` is null on some servers where nothing refers, but it must be there.
#[derive(Deserialize)]
struct ReferrersWire {
    #[serde(rename = "manifests", deserialize_with = "Option::deserialize")]
    _manifests: Option<Vec<serde::de::IgnoredAny>>,
}

/// `GET /v2/<name>/referrers/<digest>`: an index of what refers to the digest.
pub(super) fn referrers(url: &Url, reply: &Reply) -> Result<Vec<Descriptor>, RequestError> {
    let broken = || {
        let message = format!("{} is no list of referrers", redacted_url(url));
        RequestError::new(ErrorKind::BadAnswer, message)
    };
    // Without this list anything that is JSON would pass for no referrers.
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

/// `Docker-Content-Digest`, if the registry sends one that is well-formed.
pub(super) fn digest_header(reply: &Reply) -> Option<Digest> {
    reply.header("docker-content-digest").and_then(|text| Digest::parse(text.trim()).ok())
}

/// A HEAD by digest must be answered with that digest, unless the algorithms differ.
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

/// A manifest whose digest is computed from its bytes and agrees with all that is known of it. What
/// has the digest that was asked for or announced is the manifest, even if nobody can read it; other
/// bytes have to look like one.
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
        let message = format!("{} is no manifest", redacted_url(url));
        return Err(RequestError::new(ErrorKind::BadAnswer, message).with_hint(
            "something else than a registry may answer here: a proxy, or a login page",
        ));
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
    let message = format!("{} answers with something that has another digest", redacted_url(url));
    RequestError::new(ErrorKind::BadAnswer, message)
        .with_hint("a proxy or cache between here and the registry may be broken; do not trust this registry's answers now")
}

/// A status that answers nothing.
pub(super) fn unexpected(url: &Url, reply: &Reply) -> RequestError {
    let said = reply.explanation().map(|text| format!(" ({text})")).unwrap_or_default();
    let status = reply.status;
    let behind = if reply.redirected { ", behind a redirect" } else { "" };
    RequestError::new(
        ErrorKind::Status,
        format!("{} answered {status}{behind}{said}", redacted_url(url)),
    )
    .with_status(status.as_u16())
    .with_hint("check the registry's `url` in the policy; `-vv` shows each request")
}
