//! `tags init` as JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::draft::{DraftBranch, DraftEnvironment, DraftImage, DraftNote, DraftRegistry};
use crate::model::RepositoryPath;
use crate::report::Drafted;

#[derive(Serialize)]
struct InitJson<'a> {
    file: Option<&'a str>,
    source: &'a str,
    registries: Vec<RegistryJson<'a>>,
    images: Vec<ImageJson<'a>>,
    environments: Vec<EnvironmentJson<'a>>,
    notes: Vec<NoteJson<'a>>,
    next: String,
}

#[derive(Serialize)]
struct RegistryJson<'a> {
    registry: &'a str,
    kind: &'static str,
    host: String,
    namespace: Option<&'a str>,
    seen: &'a [String],
}

#[derive(Serialize)]
struct ImageJson<'a> {
    image: &'a str,
    repositories: BTreeMap<&'a str, &'a str>,
    seen: &'a [String],
}

#[derive(Serialize)]
struct EnvironmentJson<'a> {
    environment: &'a str,
    branch: Option<&'a str>,
    sha_tag: String,
    latest_tag: &'a str,
    latest_seen: bool,
    seen: &'a [String],
}

#[derive(Serialize)]
struct NoteJson<'a> {
    place: &'a str,
    message: &'a str,
}

/// `tags init` as JSON.
pub(super) fn init(drafted: &Drafted) -> impl Serialize {
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
