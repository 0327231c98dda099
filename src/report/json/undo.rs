//! `tags undo` as JSON.

use serde::Serialize;

use crate::change::{Undone, UndoneManifest, UndoneTag};

#[derive(Serialize)]
struct UndoJson<'a> {
    manifests: Vec<ManifestJson<'a>>,
    interrupted: bool,
}

#[derive(Serialize)]
struct ManifestJson<'a> {
    registry: &'a str,
    repository: String,
    digest: &'a str,
    result: &'static str,
    message: &'a str,
    tags: Vec<TagJson<'a>>,
}

#[derive(Serialize)]
struct TagJson<'a> {
    tag: &'a str,
    result: &'static str,
    message: &'a str,
}

/// `tags undo` as JSON.
pub(super) fn undo(undone: &Undone) -> impl Serialize {
    UndoJson {
        manifests: undone.manifests.iter().map(manifest).collect(),
        interrupted: undone.interrupted,
    }
}

fn manifest(manifest: &UndoneManifest) -> ManifestJson<'_> {
    ManifestJson {
        registry: manifest.repository.registry.as_str(),
        repository: manifest.repository.to_string(),
        digest: manifest.digest.as_str(),
        result: manifest.result.as_str(),
        message: &manifest.message,
        tags: manifest.tags.iter().map(tag).collect(),
    }
}

fn tag(tag: &UndoneTag) -> TagJson<'_> {
    TagJson { tag: tag.tag.as_str(), result: tag.result.as_str(), message: &tag.message }
}
