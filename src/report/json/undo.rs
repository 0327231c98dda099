//! `tags undo` as JSON.

use schemars::JsonSchema;
use serde::Serialize;

use crate::change::{Undone, UndoneManifest, UndoneTag};

#[derive(Serialize, JsonSchema)]
pub(super) struct UndoJson<'a> {
    /// What became of each manifest.
    manifests: Vec<ManifestJson<'a>>,
    /// Whether somebody stopped it before its end.
    interrupted: bool,
}

#[derive(Serialize, JsonSchema)]
struct ManifestJson<'a> {
    /// The registry's name in the policy.
    registry: &'a str,
    /// `host/path`.
    repository: String,
    /// The manifest.
    digest: String,
    /// What became of it.
    result: &'static str,
    /// What was found, in words.
    message: &'a str,
    /// What became of each tag.
    tags: Vec<TagJson<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct TagJson<'a> {
    /// The tag.
    tag: &'a str,
    /// What became of it.
    result: &'static str,
    /// What was found, in words.
    message: &'a str,
}

/// `tags undo` as JSON.
pub(super) fn undo(undone: &Undone) -> UndoJson<'_> {
    UndoJson {
        manifests: undone.manifests.iter().map(manifest).collect(),
        interrupted: undone.interrupted,
    }
}

fn manifest(manifest: &UndoneManifest) -> ManifestJson<'_> {
    ManifestJson {
        registry: manifest.repository.registry.as_str(),
        repository: manifest.repository.to_string(),
        digest: manifest.digest.to_string(),
        result: manifest.result.as_str(),
        message: &manifest.message,
        tags: manifest.tags.iter().map(tag).collect(),
    }
}

fn tag(tag: &UndoneTag) -> TagJson<'_> {
    TagJson { tag: tag.tag.as_str(), result: tag.result.as_str(), message: &tag.message }
}
