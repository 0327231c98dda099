//! One registry of each kind with an image in it of which two releases expired, and the program
//! run against it.
//!
//! Of the expired, one is an index that shares a child with the current release, has attestations
//! and a cosign signature; the other has a referrer. A tag that expired is on what is kept.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use chrono::{DateTime, TimeDelta, Utc};
use tags::model::{Digest, Manifest, TagName};
use tags::policy::RegistryKind;
use tags::sandbox::content::{Build, BuiltImage, Format, Provenance};
use tags::sandbox::{Sandbox, Settings};

use crate::support::program::{self, Home, Run};
use crate::support::registries::{self, Picture, TOKEN};
use crate::support::{backend, images, policy, tag};

/// The time at which all of this happens.
pub(crate) fn now() -> DateTime<Utc> {
    static NOW: OnceLock<DateTime<Utc>> = OnceLock::new();
    *NOW.get_or_init(program::now)
}

pub(crate) fn oci() -> Settings {
    registries::settings(RegistryKind::Oci, program::now())
}

/// Its clock shows the program's time: one that differs stops deletions.
pub(crate) fn docr() -> Settings {
    registries::settings(RegistryKind::Docr, program::now())
}

pub(crate) fn ghcr() -> Settings {
    registries::settings(RegistryKind::Ghcr, program::now())
}

/// The releases with their ages in days; the last is the current one.
const RELEASES: [(&str, i64); 4] =
    [("aaaaaaa", 40), ("bbbbbbb", 30), ("ccccccc", 20), ("ddddddd", 10)];

pub(crate) fn build(sha: &str, (architecture, age): (&str, i64)) -> Build {
    let text = format!("{sha} {architecture}");
    let build = images::build(&text, architecture, now() - TimeDelta::days(age));
    Build { revision: sha.to_owned(), ..build }
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

pub(crate) struct Scene {
    pub(crate) registry: Sandbox,
    pub(crate) home: Home,
}

impl Scene {
    pub(crate) fn new(settings: &Settings) -> Self {
        let scene = Self::empty(settings, |text| text);
        scene.fill();
        scene
    }

    /// Nothing in it yet, and the policy changed.
    pub(crate) fn empty(settings: &Settings, change: impl FnOnce(String) -> String) -> Self {
        let registry = registries::start(settings.clone());
        let home = Home::with(&[("DIGITALOCEAN_ACCESS_TOKEN", TOKEN), ("GITHUB_TOKEN", TOKEN)]);
        let text = policy::one("local", registries::kind(settings), &registry.url()) + RULES;
        home.policy(&change(text));
        Self { registry, home }
    }

    fn fill(&self) {
        let store = self.registry.store();
        for (sha, age) in RELEASES {
            let pushed = Some(now() - TimeDelta::days(age));
            let tags = [tag(&format!("prod-{sha}")), tag("prod-latest")];
            store.push(&backend(), &built(sha), &tags, pushed);
        }
        let pushed = Some(now() - TimeDelta::days(30));
        let signed = built("aaaaaaa").root;
        let signature = BuiltImage::single(&build("signature", ("amd64", 40)), Format::Oci);
        let name = format!("sha256-{}.sig", signed.digest.encoded());
        store.push(&backend(), &signature, &[tag(&name)], pushed);
        let report = BuiltImage::artifact(
            &built("bbbbbbb").root,
            "application/vnd.example.scan",
            b"nothing found",
        );
        store.push(&backend(), &report, &[], pushed);
        store.push(&backend(), &built("ccccccc"), &[tag("pr-7")], pushed);
    }

    pub(crate) fn picture(&self) -> Picture {
        registries::picture(&self.registry, &backend())
    }

    /// What is not there of all that these tags need, at any depth.
    pub(crate) fn missing(&self, tags: &BTreeMap<TagName, Digest>) -> Vec<String> {
        let mut missing = Vec::new();
        for (name, digest) in tags {
            if self.registry.store().resolve(&backend(), name).as_ref() != Some(digest) {
                missing.push(name.to_string());
            }
            self.missing_below(digest, &mut missing);
        }
        missing
    }

    fn missing_below(&self, digest: &Digest, missing: &mut Vec<String>) {
        let store = self.registry.store();
        let Some(stored) = store.manifest(&backend(), digest) else {
            return missing.push(digest.to_string());
        };
        let manifest =
            Manifest::parse(Some(&stored.media_type), &stored.bytes).expect("a manifest");
        missing.extend(store.missing(&backend(), &manifest).iter().map(Digest::to_string));
        if let Manifest::Index(index) = &manifest {
            index.children.iter().for_each(|child| self.missing_below(&child.digest, missing));
        }
    }

    /// Runs the program to its end.
    pub(crate) fn tags(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().expect("a run"))
    }

    /// A run of the program on a machine that saw all that is here long ago.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let host = self.registry.addr();
        let manifests = self.registry.store().manifests(&backend());
        self.home.saw_long_ago(&format!("{host}/{}", backend()), manifests.keys());
        self.home.command(arguments)
    }

    /// The journals, oldest first.
    pub(crate) fn journals(&self) -> Vec<PathBuf> {
        self.home.journals()
    }
}

const RULES: &str = r#"
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
"#;
