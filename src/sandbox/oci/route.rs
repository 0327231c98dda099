//! Parses paths. Repository names contain slashes, so paths are parsed from the right.
//!
//! An unknown path is answered as by distribution's router: 404 in plain text.

use axum::http::StatusCode;

use super::super::call::Answer;
use crate::model::{Digest, RepositoryPath, TagName};

/// A parsed path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// `/v2/`
    Ping,
    /// `/v2/_catalog`
    Catalog,
    /// An endpoint of a repository.
    Within(RepositoryPath, Endpoint),
}

/// An endpoint of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// `tags/list`
    Tags,
    /// `manifests/<reference>`
    Manifest(Reference),
    /// `blobs/<digest>`
    Blob(Digest),
    /// `blobs/uploads/`
    Uploads,
    /// `blobs/uploads/<id>`
    Upload(String),
    /// `referrers/<digest>`
    Referrers(Digest),
}

/// How a manifest is requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reference {
    Tag(TagName),
    Digest(Digest),
}

impl Route {
    pub(crate) fn parse(path: &str) -> Result<Self, Answer> {
        let rest = path.strip_prefix("/v2").ok_or_else(Answer::no_such_page)?;
        let rest = match rest {
            "" | "/" => return Ok(Self::Ping),
            "/_catalog" => return Ok(Self::Catalog),
            _ => rest.strip_prefix('/').ok_or_else(Answer::no_such_page)?,
        };
        let (name, endpoint) = split(rest).ok_or_else(Answer::no_such_page)?;
        let repository = RepositoryPath::parse(name).map_err(|_| Answer::no_such_page())?;
        Ok(Self::Within(repository, endpoint?))
    }
}

/// The repository's name, and the endpoint or the error for it.
fn split(rest: &str) -> Option<(&str, Result<Endpoint, Answer>)> {
    if let Some(name) = rest.strip_suffix("/tags/list") {
        return Some((name, Ok(Endpoint::Tags)));
    }
    let uploads = rest.strip_suffix('/').unwrap_or(rest);
    if let Some(name) = uploads.strip_suffix("/blobs/uploads") {
        return Some((name, Ok(Endpoint::Uploads)));
    }
    let (head, last) = rest.rsplit_once('/')?;
    if let Some(name) = head.strip_suffix("/blobs/uploads") {
        return Some((name, Ok(Endpoint::Upload(last.to_owned()))));
    }
    let (name, kind) = head.rsplit_once('/')?;
    let endpoint = match kind {
        "manifests" => reference(last).map(Endpoint::Manifest),
        "blobs" => digest(last).map(Endpoint::Blob),
        "referrers" => digest(last).map(Endpoint::Referrers),
        _ => return None,
    };
    Some((name, endpoint))
}

fn reference(text: &str) -> Result<Reference, Answer> {
    if text.contains(':') {
        digest(text).map(Reference::Digest)
    } else {
        TagName::parse(text).map(Reference::Tag).map_err(|_| Answer::no_such_page())
    }
}

pub(super) fn digest(text: &str) -> Result<Digest, Answer> {
    Digest::parse(text).map_err(|_| {
        Answer::error(
            StatusCode::BAD_REQUEST,
            "DIGEST_INVALID",
            "the digest does not follow the grammar",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_look_like_endpoints() {
        let tag = || Endpoint::Manifest(Reference::Tag(TagName::parse("latest").unwrap()));
        for (path, name, endpoint) in [
            ("/v2/a/tags/list", "a", Endpoint::Tags),
            ("/v2/a/b/c/manifests/latest", "a/b/c", tag()),
            ("/v2/manifests/blobs/manifests/latest", "manifests/blobs", tag()),
            ("/v2/a/tags/list/tags/list", "a/tags/list", Endpoint::Tags),
            ("/v2/a/blobs/uploads/", "a", Endpoint::Uploads),
            ("/v2/a/blobs/uploads", "a", Endpoint::Uploads),
            ("/v2/a/blobs/uploads/1-2", "a", Endpoint::Upload("1-2".to_owned())),
        ] {
            let repository = RepositoryPath::parse(name).unwrap();
            assert_eq!(Route::parse(path).unwrap(), Route::Within(repository, endpoint), "{path}");
        }
        assert_eq!(Route::parse("/v2/").unwrap(), Route::Ping);
        assert_eq!(Route::parse("/v2/_catalog").unwrap(), Route::Catalog);
    }

    #[test]
    fn other_paths_are_not_found_and_bad_digests_are_bad_requests() {
        for path in ["/", "/v1/a", "/v2x/", "/v2/a", "/v2/A/tags/list", "/v2/a/manifests/-x"] {
            assert_eq!(Route::parse(path).unwrap_err().status, StatusCode::NOT_FOUND, "{path}");
        }
        let error = Route::parse("/v2/a/manifests/sha256:00").unwrap_err();
        assert_eq!(error.status, StatusCode::BAD_REQUEST);
    }
}
