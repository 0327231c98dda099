//! Two registries of two kinds, two images, two environments, and the program run against them.

use std::collections::BTreeMap;
use std::process::Command;

use chrono::TimeDelta;
use serde_json::Value;
use tags::model::{Digest, Manifest, RepositoryPath, TagName};
use tags::policy::RegistryKind;
use tags::sandbox::content::{Build, BuiltImage, Format, Provenance};
use tags::sandbox::{Sandbox, Store};

use crate::support::program::{self, Home, Run};
use crate::support::registries::{self, TOKEN};
use crate::support::{images, path, policy, tag};

/// SHAs whose names say nothing of their order, oldest first.
pub(crate) const OLD: &str = "cccccccccccccccccccccccccccccccccccccc01";
pub(crate) const MID: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa02";
pub(crate) const NEW: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb03";

pub(crate) const IMAGES: [&str; 2] = ["backend", "frontend"];

/// The kinds in pairs.
pub(crate) const PAIRS: [[RegistryKind; 2]; 3] = [
    [RegistryKind::Docr, RegistryKind::Ghcr],
    [RegistryKind::Oci, RegistryKind::Docr],
    [RegistryKind::Ghcr, RegistryKind::Oci],
];

/// The tags of every repository.
pub(crate) type Picture = BTreeMap<(usize, &'static str), BTreeMap<TagName, Digest>>;

pub(crate) struct Pair {
    pub(crate) registries: [Sandbox; 2],
    pub(crate) home: Home,
}

/// The image of a release: the frontend is an index with attestations.
pub(crate) fn built(image: &str, sha: &str) -> BuiltImage {
    let age = [(OLD, 30), (MID, 20), (NEW, 10)].into_iter().find(|(known, _)| *known == sha);
    let created = program::now() - TimeDelta::days(age.map_or(40, |(_, days)| days));
    let build = |architecture| Build {
        revision: sha.to_owned(),
        ..images::build(&format!("{image} {sha}"), architecture, created)
    };
    match image {
        "frontend" => {
            let builds = [build("amd64"), build("arm64")];
            BuiltImage::index(&builds, Format::Oci, Provenance::Artifact)
        }
        _ => BuiltImage::single(&build("amd64"), Format::Docker),
    }
}

impl Pair {
    /// Three releases in uat and prod, the newest of them current in uat and, for a rollback, in
    /// prod; for a promotion prod has the oldest alone.
    pub(crate) fn new(kinds: [RegistryKind; 2], is_for_promotion: bool) -> Self {
        let pair = Self::empty(kinds);
        // Digests hold times: each image is built once.
        for image in IMAGES {
            for sha in [OLD, MID, NEW] {
                let built = built(image, sha);
                for registry in &pair.registries {
                    let mut tags = vec![format!("uat-{sha}"), "uat-latest".to_owned()];
                    if !is_for_promotion || sha == OLD {
                        tags.extend([format!("prod-{sha}"), "prod-latest".to_owned()]);
                    }
                    push(registry.store(), image, (sha, &built), &tags);
                }
            }
        }
        pair
    }

    pub(crate) fn empty(kinds: [RegistryKind; 2]) -> Self {
        let registries =
            kinds.map(|kind| registries::start(registries::settings(kind, program::now())));
        let home = Home::with(&[("DIGITALOCEAN_ACCESS_TOKEN", TOKEN), ("GITHUB_TOKEN", TOKEN)]);
        let [east, west] = [("east", 0), ("west", 1)]
            .map(|(name, index)| policy::registry(name, kinds[index], &registries[index].url()));
        let images = IMAGES.map(|image| policy::image(image, &["east", "west"])).concat();
        let text = [policy::VERSION, &east, &west, &images, ENVIRONMENTS].concat();
        home.policy(&text);
        Self { registries, home }
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        self.home.command(words)
    }

    pub(crate) fn tags(&self, words: &[&str]) -> Run {
        self.home.tags(words)
    }

    pub(crate) fn json(&self, words: &[&str]) -> (Run, Value) {
        let run = self.tags(&[words, &["--format", "json"]].concat());
        let json = run.json();
        (run, json)
    }

    pub(crate) fn picture(&self) -> Picture {
        let mut picture = Picture::new();
        for (index, registry) in self.registries.iter().enumerate() {
            for image in IMAGES {
                let (_, tags) = registries::picture(registry, &repository(image));
                picture.insert((index, image), tags);
            }
        }
        picture
    }

    /// The tags that do not point to something whole.
    pub(crate) fn damaged(&self) -> Vec<String> {
        let mut damaged = Vec::new();
        for ((index, image), tags) in self.picture() {
            let store = self.registries[index].store();
            for (name, digest) in tags {
                if !is_whole(store, &repository(image), &digest) {
                    damaged.push(format!("{image}:{name} in {index}"));
                }
            }
        }
        damaged
    }

    pub(crate) fn requests(&self) -> [usize; 2] {
        [0, 1].map(|index| self.registries[index].requests().len())
    }

    /// The paths of all PUT requests.
    pub(crate) fn puts(&self) -> Vec<String> {
        let all = self.registries.iter().flat_map(tags::sandbox::Sandbox::requests);
        let puts = all.filter(|record| record.method == "PUT");
        puts.map(|record| record.path().to_owned()).collect()
    }

    pub(crate) fn clear(&self) {
        for registry in &self.registries {
            registry.faults().clear();
            registry.clear_requests();
        }
    }
}

pub(crate) fn repository(image: &str) -> RepositoryPath {
    path(&format!("acme/{image}"))
}

pub(crate) fn push(store: &Store, image: &str, (sha, built): (&str, &BuiltImage), tags: &[String]) {
    let age = [(OLD, 30), (MID, 20), (NEW, 10)].into_iter().find(|(known, _)| *known == sha);
    let pushed = program::now() - TimeDelta::days(age.map_or(40, |(_, days)| days));
    let tags: Vec<TagName> = tags.iter().map(|name| tag(name)).collect();
    store.push(&repository(image), built, &tags, Some(pushed));
}

fn is_whole(store: &Store, repository: &RepositoryPath, digest: &Digest) -> bool {
    let Some(stored) = store.manifest(repository, digest) else {
        return false;
    };
    let manifest = Manifest::parse(Some(&stored.media_type), &stored.bytes).expect("a manifest");
    let children = match &manifest {
        Manifest::Index(index) => index.children.iter().map(|child| &child.digest).collect(),
        Manifest::Image(_) => Vec::new(),
    };
    store.missing(repository, &manifest).is_empty()
        && children.into_iter().all(|child| is_whole(store, repository, child))
}

/// Everything but the latest tags of an environment.
pub(crate) fn without_latest(picture: &Picture, environment: &str) -> Picture {
    let mut picture = picture.clone();
    let latest = tag(&format!("{environment}-latest"));
    for tags in picture.values_mut() {
        tags.remove(&latest);
    }
    picture
}

/// Whether the long forms are wanted.
#[expect(clippy::disallowed_methods, reason = "the environment says how much is tried")]
pub(crate) fn is_exhaustive() -> bool {
    std::env::var_os("TAGS_EXHAUSTIVE").is_some_and(|value| value == "1")
}

const ENVIRONMENTS: &str = r#"
[environment.uat]
sha-tag = "uat-{sha}"
latest-tag = "uat-latest"

[environment.prod]
sha-tag = "prod-{sha}"
latest-tag = "prod-latest"
promote-from = ["uat"]
"#;
