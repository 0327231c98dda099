//! `tags undo` as JSON.

use serde::Serialize;

use super::render;
use crate::change::{Undone, UndoneManifest, UndoneTag};
use crate::report::undo_outcome;

#[derive(Serialize)]
struct UndoJson<'a> {
    version: u8,
    command: &'static str,
    outcome: &'static str,
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
///
/// # Errors
/// Never in practice: the structures hold nothing that JSON cannot.
pub fn undo(undone: &Undone) -> Result<String, serde_json::Error> {
    render(&UndoJson {
        version: 1,
        command: "undo",
        outcome: undo_outcome(undone),
        manifests: undone.manifests.iter().map(manifest).collect(),
        interrupted: undone.interrupted,
    })
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
