//! Pulling, pushing and deleting manifests, by tag or by digest.
//!
//! <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests>,
//! `#pushing-manifests` and `#deleting-manifests` of the same page.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::header::HeaderName;
use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::super::call::{Answer, Call};
use super::super::content::ManifestBytes;
use super::super::quirk::Quirk;
use super::super::response::DOCKER_CONTENT_DIGEST;
use super::super::settings::{Imitation, TagDelete};
use super::super::shared::Shared;
use super::super::store::{StoredManifest, StoredTag};
use super::route::Reference;
use crate::model::{ByteCheck, Digest, Manifest, RepositoryPath, TagName, media_type};

/// Says that the registry lists the manifest as a referrer.
const OCI_SUBJECT: HeaderName = HeaderName::from_static("oci-subject");

/// The largest manifest that is accepted, as in distribution.
const MAX_MANIFEST: usize = 4 * 1024 * 1024;

pub(super) fn answer(
    shared: &Shared,
    call: &Call,
    repository: &RepositoryPath,
    reference: &Reference,
) -> Answer {
    match call.method {
        Method::GET | Method::HEAD => pull(shared, call, repository, reference),
        Method::PUT => push(shared, call, repository, reference).unwrap_or_else(|refusal| refusal),
        Method::DELETE => delete(shared, repository, reference),
        _ => Answer::unsupported(),
    }
}

fn pull(
    shared: &Shared,
    call: &Call,
    repository: &RepositoryPath,
    reference: &Reference,
) -> Answer {
    let found = find(shared, repository, reference);
    if found.is_none()
        && call.method == Method::HEAD
        && shared.quirks.has(&Quirk::TagsOutliveManifests)
        && let Reference::Tag(tag) = reference
        && let Some(digest) = shared.store.resolve(repository, tag)
    {
        return Answer::new(StatusCode::OK).with(DOCKER_CONTENT_DIGEST, &digest.to_string());
    }
    match found.filter(|(_, manifest)| accepts(call, &manifest.media_type)) {
        Some((digest, manifest)) => Answer::new(StatusCode::OK)
            .with(header::CONTENT_TYPE, &manifest.media_type)
            .with(DOCKER_CONTENT_DIGEST, &digest.to_string())
            .with(header::ETAG, &format!("\"{digest}\""))
            .with_body(Bytes::from_owner(manifest.bytes)),
        None => unknown(),
    }
}

fn find(
    shared: &Shared,
    repository: &RepositoryPath,
    reference: &Reference,
) -> Option<(Digest, StoredManifest)> {
    let digest = match reference {
        Reference::Tag(tag) => shared.store.resolve(repository, tag)?,
        Reference::Digest(digest) => digest.clone(),
    };
    let manifest = shared.store.manifest(repository, &digest)?;
    Some((digest, manifest))
}

/// Whether the client accepts this type. As in distribution, `Accept` must name it, and weights
/// are ignored.
fn accepts(call: &Call, media_type: &str) -> bool {
    let named = call.headers.get_all(header::ACCEPT);
    named
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .any(|range| range.split(';').next().is_some_and(|name| name.trim() == media_type))
}

fn push(
    shared: &Shared,
    call: &Call,
    repository: &RepositoryPath,
    reference: &Reference,
) -> Result<Answer, Answer> {
    let manifest = read(call)?;
    let digest = match reference {
        Reference::Digest(digest) if digest.check(&call.body) == ByteCheck::Match => digest.clone(),
        Reference::Digest(_) => return Err(not_this_digest()),
        Reference::Tag(_) => Digest::of(&call.body),
    };
    let missing = shared.store.missing(repository, &manifest);
    if !missing.is_empty() {
        return Err(missing_content(&missing));
    }
    let bytes = ManifestBytes {
        media_type: manifest.media_type().to_owned(),
        bytes: Arc::from(&*call.body),
        digest: digest.clone(),
    };
    let answer = Answer::new(StatusCode::CREATED).with(DOCKER_CONTENT_DIGEST, &digest.to_string());
    if shared.quirks.has(&Quirk::PushDoesNothing) {
        return Ok(answer);
    }
    if shared.quirks.has(&Quirk::SubjectRequired)
        && subject(&manifest)
            .is_some_and(|subject| shared.store.manifest(repository, subject).is_none())
    {
        return Err(Answer::error(
            StatusCode::BAD_REQUEST,
            "MANIFEST_INVALID",
            "the subject is not known",
        ));
    }
    if shared.quirks.has(&Quirk::ImmutableTags)
        && let Reference::Tag(tag) = reference
        && shared.store.resolve(repository, tag).is_some()
    {
        let message = format!("the tag {tag} is immutable");
        return Err(Answer::error(StatusCode::PRECONDITION_FAILED, "PRECONDITION", &message));
    }
    let now = shared.clock.time();
    shared.store.put_manifest(repository, &bytes, now);
    if let Reference::Tag(tag) = reference {
        let updated = match unmoved(shared, repository, tag, &digest) {
            Some(known) => known.updated,
            None => now,
        };
        let stored = StoredTag { digest: digest.clone(), updated };
        shared.store.set_tag(repository, tag, stored);
    }
    let answer = if shared.quirks.has(&Quirk::PushWithoutLocation) {
        answer
    } else {
        answer.with(header::LOCATION, &format!("/v2/{repository}/manifests/{digest}"))
    };
    Ok(match subject(&manifest).filter(|_| shared.settings.referrers) {
        Some(subject) => answer.with(OCI_SUBJECT, &subject.to_string()),
        None => answer,
    })
}

/// The existing tag, if it already points to the digest and such a push does not update it.
fn unmoved(
    shared: &Shared,
    repository: &RepositoryPath,
    tag: &TagName,
    digest: &Digest,
) -> Option<StoredTag> {
    let Imitation::Docr(docr) = &shared.settings.imitates else { return None };
    let known = shared.store.tags(repository)?.remove(tag)?;
    let same = known.digest == *digest;
    (same && !docr.assumptions.repush_moves_the_time).then_some(known)
}

/// The manifest in a body whose `Content-Type` and `mediaType` agree.
fn read(call: &Call) -> Result<Manifest, Answer> {
    let invalid =
        |message: &str| Answer::error(StatusCode::BAD_REQUEST, "MANIFEST_INVALID", message);
    if call.body.len() > MAX_MANIFEST {
        return Err(Answer::error(
            StatusCode::PAYLOAD_TOO_LARGE,
            "MANIFEST_INVALID",
            "the manifest is too large",
        ));
    }
    let declared = call.header(&header::CONTENT_TYPE).unwrap_or_default();
    let declared = declared.split(';').next().unwrap_or_default().trim();
    let known = [
        media_type::OCI_INDEX,
        media_type::OCI_MANIFEST,
        media_type::DOCKER_LIST,
        media_type::DOCKER_MANIFEST,
    ];
    if !known.contains(&declared) {
        return Err(invalid("the content type is not that of a manifest"));
    }
    let body: Value =
        serde_json::from_slice(&call.body).map_err(|_| invalid("the manifest is not JSON"))?;
    let in_body = body.get("mediaType").and_then(Value::as_str);
    if in_body.is_some_and(|media_type| media_type != declared) {
        return Err(invalid("the manifest says that it is of another type"));
    }
    Manifest::parse(Some(declared), &call.body).map_err(|_| invalid("the manifest cannot be read"))
}

fn subject(manifest: &Manifest) -> Option<&Digest> {
    match manifest {
        Manifest::Image(image) => image.subject.as_ref(),
        Manifest::Index(index) => index.subject.as_ref(),
    }
}

fn delete(shared: &Shared, repository: &RepositoryPath, reference: &Reference) -> Answer {
    if !shared.settings.delete {
        return Answer::unsupported();
    }
    let refuses = shared.settings.tag_delete == TagDelete::Refused;
    let there = match reference {
        Reference::Tag(_) if refuses => return not_this_digest(),
        _ if shared.quirks.has(&Quirk::DeleteDoesNothing) => {
            find(shared, repository, reference).is_some()
        }
        Reference::Tag(tag) if shared.settings.tag_delete == TagDelete::WithManifest => {
            let digest = shared.store.resolve(repository, tag);
            digest.is_some_and(|digest| shared.store.remove_manifest(repository, &digest))
        }
        Reference::Tag(tag) => shared.store.remove_tag(repository, tag),
        Reference::Digest(digest) => match delete_digest(shared, repository, digest) {
            Ok(there) => there,
            Err(refusal) => return refusal,
        },
    };
    if there { Answer::new(StatusCode::ACCEPTED) } else { unknown() }
}

/// Deletes a manifest, with the quirks of the registry; returns whether it existed.
fn delete_digest(
    shared: &Shared,
    repository: &RepositoryPath,
    digest: &Digest,
) -> Result<bool, Answer> {
    if let Some(status) = shared.quirks.locked(digest) {
        return Err(Answer::error(status, "LOCKED", "this manifest is locked"));
    }
    let tags = shared.store.tags(repository).unwrap_or_default();
    let on_it: Vec<(TagName, StoredTag)> =
        tags.into_iter().filter(|(_, tag)| tag.digest == *digest).collect();
    if shared.quirks.has(&Quirk::DeleteOnlyRemovesTags) && !on_it.is_empty() {
        for (tag, _) in &on_it {
            shared.store.remove_tag(repository, tag);
        }
        return Err(Answer::error(StatusCode::BAD_REQUEST, "MANIFEST_TAGS", "too many tags"));
    }
    let there = shared.store.remove_manifest(repository, digest);
    if shared.quirks.has(&Quirk::TagsOutliveManifests) {
        for (tag, stored) in on_it {
            shared.store.set_tag(repository, &tag, stored);
        }
    }
    Ok(there)
}

fn unknown() -> Answer {
    Answer::error(StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN", "manifest unknown")
}

fn not_this_digest() -> Answer {
    Answer::error(
        StatusCode::BAD_REQUEST,
        "DIGEST_INVALID",
        "provided digest did not match uploaded content",
    )
}

fn missing_content(missing: &[Digest]) -> Answer {
    let errors: Vec<Value> = missing
        .iter()
        .map(|digest| {
            json!({
                "code": "MANIFEST_BLOB_UNKNOWN",
                "message": "manifest refers to content unknown to the registry",
                "detail": {"digest": digest.to_string()},
            })
        })
        .collect();
    Answer::json(StatusCode::BAD_REQUEST, &json!({"errors": errors}))
}
