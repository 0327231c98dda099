//! What a request is about, whatever kind of registry it goes to.

use tags::model::{Digest, RepositoryPath, TagName};
use tags::sandbox::{Access, RequestRecord};

use super::content::{IMAGES, path};

/// What is asked, and of which repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// Where a tag points to.
    Tag(TagName),
    /// A manifest by its digest.
    Manifest(Digest),
    /// A listing; whether from its beginning.
    Listing(bool),
    /// One version, with its tags.
    Version(Digest),
    /// To delete a manifest.
    Delete(Digest),
    /// To delete a tag.
    DeleteTag(TagName),
    /// Anything else.
    Other,
}

/// The repository and what is asked of it; none for what belongs to no repository.
pub(super) fn asked(
    request: &RequestRecord,
    access: &Access<'_>,
) -> Option<(RepositoryPath, Asked)> {
    let parts: Vec<&str> = request.path().split('/').skip(1).collect();
    let (image, rest) = match parts.as_slice() {
        ["v2", "registries" | "registry", _, "repositories", image, rest @ ..]
        | ["v2", "acme", image, rest @ ..]
        | [_, _, "packages", "container", image, rest @ ..] => (*image, rest),
        _ => return None,
    };
    let at = path(IMAGES.iter().find(|known| **known == image)?);
    let deletes = request.method == "DELETE";
    let query = request.target.split_once('?').map_or("", |(_, query)| query);
    let first = query.split('&').all(|pair| match pair.split_once('=') {
        Some(("page", number)) => number == "1",
        Some(("last", _)) => false,
        _ => true,
    });
    let what = match rest {
        ["manifests", reference] => match (Digest::parse(reference), TagName::parse(reference)) {
            (Ok(digest), _) if deletes => Asked::Delete(digest),
            (Ok(digest), _) => Asked::Manifest(digest),
            (Err(_), Ok(tag)) if deletes => Asked::DeleteTag(tag),
            (Err(_), Ok(tag)) if reads(request) => Asked::Tag(tag),
            _ => Asked::Other,
        },
        ["tags", "list"] | ["tags" | "digests" | "versions"] => Asked::Listing(first),
        ["tags", tag] if deletes => TagName::parse(tag).map_or(Asked::Other, Asked::DeleteTag),
        ["digests", digest] if deletes => {
            let digest = digest.replace("%3A", ":");
            Digest::parse(&digest).map_or(Asked::Other, Asked::Delete)
        }
        ["versions", id] => match id.parse().ok().and_then(|id| access.version_digest(&at, id)) {
            Some(digest) if deletes => Asked::Delete(digest),
            Some(digest) => Asked::Version(digest),
            None => Asked::Other,
        },
        _ => Asked::Other,
    };
    Some((at, what))
}

fn reads(request: &RequestRecord) -> bool {
    request.method == "GET" || request.method == "HEAD"
}
