//! `tags init` as JSON.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::draft::{DraftBranch, DraftEnvironment, DraftImage, DraftNote, DraftRegistry};
use crate::model::RepositoryPath;
use crate::report::Drafted;

#[derive(Serialize, JsonSchema)]
pub(super) struct InitJson<'a> {
    /// The file that was written.
    file: Option<&'a str>,
    /// What was read: workflows or a registry.
    source: &'a str,
    /// The registries that were found.
    registries: Vec<RegistryJson<'a>>,
    /// The images that were found.
    images: Vec<ImageJson<'a>>,
    /// The environments that were found, those like production first.
    environments: Vec<EnvironmentJson<'a>>,
    /// What is not known, or was not read.
    notes: Vec<NoteJson<'a>>,
    /// The next command to try.
    next: String,
}

#[derive(Serialize, JsonSchema)]
struct RegistryJson<'a> {
    /// Its name in the policy.
    registry: &'a str,
    /// Its kind: `docr`, `ghcr` or `oci`.
    kind: &'static str,
    /// Its host.
    host: String,
    /// The path before all its repositories; null if there is none.
    namespace: Option<&'a str>,
    /// Where it was seen.
    seen: &'a [String],
}

#[derive(Serialize, JsonSchema)]
struct ImageJson<'a> {
    /// Its name in the policy.
    image: &'a str,
    /// Its repository in each registry, by the name of the registry.
    repositories: BTreeMap<&'a str, &'a str>,
    /// Where it was seen.
    seen: &'a [String],
}

#[derive(Serialize, JsonSchema)]
struct EnvironmentJson<'a> {
    /// Its name in the policy.
    environment: &'a str,
    /// The branch whose pushes set its tags; null if it is not known.
    branch: Option<&'a str>,
    /// The pattern of its SHA tags: `prod-{sha}`.
    sha_tag: String,
    /// Its latest tag.
    latest_tag: &'a str,
    /// Whether the latest tag was seen.
    latest_seen: bool,
    /// Where it was seen.
    seen: &'a [String],
}

#[derive(Serialize, JsonSchema)]
struct NoteJson<'a> {
    /// Where: a place in a workflow, or a repository.
    place: &'a str,
    /// What is not known, as a sentence.
    message: &'a str,
}

/// `tags init` as JSON.
pub(super) fn init(drafted: &Drafted) -> InitJson<'_> {
    let draft = &drafted.draft;
    InitJson {
        file: drafted.file.as_ref().map(|file| file.name.as_str()),
        source: &draft.source,
        registries: draft.registries.iter().map(registry).collect(),
        images: draft.images.iter().map(image).collect(),
        environments: draft.environments.iter().map(environment).collect(),
        notes: draft.notes.iter().map(note).collect(),
        next: drafted.next_command(),
    }
}

fn registry(registry: &DraftRegistry) -> RegistryJson<'_> {
    RegistryJson {
        registry: registry.name.as_str(),
        kind: registry.address.kind.as_str(),
        host: registry.address.host(),
        namespace: registry.address.namespace.as_ref().map(RepositoryPath::as_str),
        seen: &registry.places,
    }
}

fn image(image: &DraftImage) -> ImageJson<'_> {
    let repositories = image.repositories.iter();
    let repositories = repositories.map(|(registry, path)| (registry.as_str(), path.as_str()));
    ImageJson {
        image: image.name.as_str(),
        repositories: repositories.collect(),
        seen: &image.places,
    }
}

fn environment(environment: &DraftEnvironment) -> EnvironmentJson<'_> {
    let branch = match &environment.branch {
        DraftBranch::One(name) => Some(name.as_str()),
        DraftBranch::Several(_) | DraftBranch::Unnamed | DraftBranch::Unknown => None,
    };
    EnvironmentJson {
        environment: environment.name.as_str(),
        branch,
        sha_tag: environment.sha_tag.to_string(),
        latest_tag: environment.latest.tag().as_str(),
        latest_seen: environment.latest.is_seen(),
        seen: &environment.places,
    }
}

fn note(note: &DraftNote) -> NoteJson<'_> {
    NoteJson { place: &note.place, message: &note.what }
}
