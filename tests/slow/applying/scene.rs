//! One registry of each kind with an image in it of which two releases expired, and the program
//! run against it.
//!
//! Of the expired, one is an index that shares a child with the current release, has attestations
//! and a cosign signature; the other has a referrer. A tag that expired is on what is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tags::model::{Digest, Manifest, Platform, RepositoryPath, TagName};
use tags::sandbox::content::{Build, BuiltImage, Format, Provenance};
use tags::sandbox::docr::DocrSettings;
use tags::sandbox::ghcr::{GhcrSettings, OwnerKind};
use tags::sandbox::{Face, Sandbox, Settings, Store};
use tempfile::TempDir;

pub(crate) const TOKEN: &str = "dop_v1_0123456789abcdef";

/// The time at which all of this happens.
#[expect(clippy::disallowed_methods, reason = "the program has a clock, and the scenes follow it")]
pub(crate) fn now() -> DateTime<Utc> {
    static NOW: OnceLock<DateTime<Utc>> = OnceLock::new();
    *NOW.get_or_init(Utc::now)
}

/// What the registries' clocks show: a clock that differs from this machine's stops deletions.
#[expect(clippy::disallowed_methods, reason = "the program under test compares it with its own")]
pub(crate) fn today() -> DateTime<Utc> {
    Utc::now()
}

pub(crate) fn oci() -> Settings {
    Settings::default()
}

pub(crate) fn docr() -> Settings {
    Settings::docr(DocrSettings::new("acme", TOKEN), today())
}

pub(crate) fn ghcr() -> Settings {
    Settings::ghcr(GhcrSettings::new("acme", OwnerKind::Organization, TOKEN), today())
}

pub(crate) fn tag(text: &str) -> TagName {
    TagName::parse(text).expect("a tag")
}

pub(crate) fn path() -> RepositoryPath {
    RepositoryPath::parse("acme/backend").expect("a path")
}

/// The releases with their ages in days; the last is the current one.
const RELEASES: [(&str, i64); 4] =
    [("aaaaaaa", 40), ("bbbbbbb", 30), ("ccccccc", 20), ("ddddddd", 10)];

pub(crate) fn build(sha: &str, (architecture, age): (&str, i64)) -> Build {
    Build {
        created: now() - TimeDelta::days(age),
        revision: sha.to_owned(),
        platform: Platform {
            os: "linux".to_owned(),
            architecture: architecture.to_owned(),
            variant: None,
        },
        text: format!("{sha} {architecture}"),
    }
}

/// What the SHA tag of a release points to, with all that belongs to it.
pub(crate) fn built(sha: &str) -> BuiltImage {
    let (_, age) = *RELEASES.iter().find(|(name, _)| *name == sha).expect("a release");
    if matches!(sha, "aaaaaaa" | "ddddddd") {
        let shared = build("shared", ("arm64", 50));
        let builds = [build(sha, ("amd64", age)), shared];
        return BuiltImage::index(&builds, Format::Oci, Provenance::Artifact);
    }
    BuiltImage::single(&build(sha, ("amd64", age)), Format::Oci)
}

/// What an embedded registry holds: the manifests, and where tags point to.
pub(crate) type Picture = (BTreeSet<Digest>, BTreeMap<TagName, Digest>);

pub(crate) struct Scene {
    pub(crate) registry: Sandbox,
    pub(crate) home: TempDir,
}

/// What a run of the program left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Scene {
    pub(crate) fn new(settings: &Settings) -> Self {
        let scene = Self::empty(settings, |text| text);
        scene.fill();
        scene
    }

    /// Nothing in it yet, and the policy changed.
    pub(crate) fn empty(settings: &Settings, change: impl FnOnce(String) -> String) -> Self {
        let listen = ([127, 0, 0, 1], 0).into();
        let registry = Sandbox::start_in_background(listen, settings.clone(), Store::new())
            .expect("a registry");
        let scene = Self { registry, home: tempfile::tempdir().expect("a home") };
        let text = change(policy(&settings.face, &scene.registry.url()));
        std::fs::write(scene.home.path().join("tags.toml"), text).expect("a policy file");
        scene
    }

    fn fill(&self) {
        let store = self.registry.store();
        for (sha, age) in RELEASES {
            let pushed = Some(now() - TimeDelta::days(age));
            let tags = [tag(&format!("prod-{sha}")), tag("prod-latest")];
            store.push(&path(), &built(sha), &tags, pushed);
        }
        let pushed = Some(now() - TimeDelta::days(30));
        let signed = built("aaaaaaa").root;
        let signature = BuiltImage::single(&build("signature", ("amd64", 40)), Format::Oci);
        let name = format!("sha256-{}.sig", signed.digest.encoded());
        store.push(&path(), &signature, &[tag(&name)], pushed);
        let report = BuiltImage::artifact(
            &built("bbbbbbb").root,
            "application/vnd.example.scan",
            b"nothing found",
        );
        store.push(&path(), &report, &[], pushed);
        store.push(&path(), &built("ccccccc"), &[tag("pr-7")], pushed);
    }

    pub(crate) fn picture(&self) -> Picture {
        let store = self.registry.store();
        let tags = store.tags(&path()).unwrap_or_default();
        let tags = tags.into_iter().map(|(name, tag)| (name, tag.digest)).collect();
        (store.manifests(&path()).into_keys().collect(), tags)
    }

    /// What is not there of all that these tags need, at any depth.
    pub(crate) fn missing(&self, tags: &BTreeMap<TagName, Digest>) -> Vec<String> {
        let mut missing = Vec::new();
        for (name, digest) in tags {
            if self.registry.store().resolve(&path(), name).as_ref() != Some(digest) {
                missing.push(name.to_string());
            }
            self.missing_below(digest, &mut missing);
        }
        missing
    }

    fn missing_below(&self, digest: &Digest, missing: &mut Vec<String>) {
        let store = self.registry.store();
        let Some(stored) = store.manifest(&path(), digest) else {
            return missing.push(digest.to_string());
        };
        let manifest =
            Manifest::parse(Some(&stored.media_type), &stored.bytes).expect("a manifest");
        missing.extend(store.missing(&path(), &manifest).iter().map(Digest::to_string));
        if let Manifest::Index(index) = &manifest {
            index.children.iter().for_each(|child| self.missing_below(&child.digest, missing));
        }
    }

    /// Runs the program to its end.
    pub(crate) fn tags(&self, arguments: &[&str]) -> Run {
        let output = self.command(arguments).output().expect("a run");
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
        }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        #[expect(
            clippy::disallowed_methods,
            reason = "git is found by the path of who runs the tests"
        )]
        let path = std::env::var_os("PATH").unwrap_or_default();
        self.saw_all_long_ago();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tags"));
        command
            .args(arguments)
            .current_dir(self.home.path())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.home.path())
            .env("DIGITALOCEAN_ACCESS_TOKEN", TOKEN)
            .env("GITHUB_TOKEN", TOKEN)
            .stdin(Stdio::null());
        command
    }

    /// As if this machine had seen all that is here long ago, which a plain OCI registry tells
    /// nothing of.
    fn saw_all_long_ago(&self) {
        let state = self.home.path().join(".local/state/tags");
        std::fs::create_dir_all(&state).expect("a directory");
        let host = self.registry.url().trim_start_matches("http://").to_owned();
        let mut text = format!("tags first-seen 1\n{host}/{}\n", path());
        let long_ago = now() - TimeDelta::days(400);
        for digest in self.registry.store().manifests(&path()).into_keys() {
            text.push_str(&format!("{digest} {}\n", long_ago.timestamp()));
        }
        std::fs::write(state.join("first-seen.txt"), text).expect("a file");
    }

    /// The journals, oldest first.
    pub(crate) fn journals(&self) -> Vec<PathBuf> {
        let directory = self.home.path().join(".local/state/tags");
        let entries = std::fs::read_dir(directory).into_iter().flatten();
        let mut found: Vec<PathBuf> =
            entries.map(|entry| entry.expect("an entry").path()).collect();
        found.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
        found.sort();
        found
    }
}

fn policy(face: &Face, url: &str) -> String {
    let (kind, registry, prefix) = match face {
        Face::Oci => ("oci", String::new(), "acme/"),
        Face::Docr(_) => ("docr", format!("namespace = \"acme\"\napi-url = \"{url}\"\n"), ""),
        Face::Ghcr(_) => ("ghcr", format!("namespace = \"acme\"\napi-url = \"{url}\"\n"), ""),
    };
    format!(
        r#"version = 1

[registry.local]
kind = "{kind}"
url = "{url}"
{registry}
[image.backend]
repositories = {{ local = "{prefix}backend" }}

[environment.prod]
sha-tag = "prod-{{sha}}"
latest-tag = "prod-latest"

[[retention]]
environments = ["prod"]
keep-last = 2

[[retention]]
tags = ["pr-*"]
keep-within = "14d"

[untagged]
keep-within = "7d"

[protect]
rollback-depth = 1

[limits]
max-share = 1.0
"#
    )
}
