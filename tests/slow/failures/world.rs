//! One registry of any kind, a policy, and the program run as a user would run it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use tags::model::Digest;
use tags::policy::RegistryKind;
use tags::sandbox::{Sandbox, Settings};

use crate::failures::debian::Debian;
use crate::failures::images::{Image, now, sha};
use crate::failures::server::Server;
use crate::support::policy;
use crate::support::program::{Home, Run};
use crate::support::registries::{self, TOKEN};

pub(crate) const BACKEND: &str = "acme/backend";
pub(crate) const FRONTEND: &str = "acme/frontend";

/// The registries on which a scene can be played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Oci,
    Docr,
    Ghcr,
    Debian,
}

pub(crate) const EVERYWHERE: &[Backend] =
    &[Backend::Oci, Backend::Docr, Backend::Ghcr, Backend::Debian];
pub(crate) const EMBEDDED: &[Backend] = &[Backend::Oci, Backend::Docr, Backend::Ghcr];
/// Those that list manifests without a tag.
pub(crate) const MANAGED: &[Backend] = &[Backend::Docr, Backend::Ghcr];

/// Plays a scene on some registries, each from the beginning.
pub(crate) fn on(backends: &[Backend], scene: impl Fn(World)) {
    for backend in backends {
        if let Some(world) = World::of(*backend) {
            scene(world);
        }
    }
}

/// An environment, and limits that hinder nothing.
pub(crate) const PROD: &str = r#"
[environment.prod]
branch = "main"
sha-tag = "prod-{sha}"
latest-tag = "prod-latest"
[limits]
max-share = 1.0
max-deletions = 100000
"#;

/// Rules for releases and for pull requests, and the guards as low as they go.
pub(crate) const RULES: &str = r#"
[[retention]]
environments = ["prod"]
keep-last = 1
[[retention]]
tags = ["pr-*"]
keep-within = "14d"
[untagged]
keep-within = "7d"
[protect]
rollback-depth = 1
min-age = "1h"
"#;

pub(crate) struct World {
    pub(crate) backend: Backend,
    pub(crate) server: Server,
    pub(crate) home: Home,
}

impl World {
    /// None where the registry cannot be had here.
    pub(crate) fn of(backend: Backend) -> Option<Self> {
        let kind = match backend {
            Backend::Oci => RegistryKind::Oci,
            Backend::Docr => RegistryKind::Docr,
            Backend::Ghcr => RegistryKind::Ghcr,
            Backend::Debian => return Some(Self::debian(Debian::start()?)),
        };
        Some(Self::embedded(registries::settings(kind, now())))
    }

    /// An embedded registry with any settings.
    pub(crate) fn embedded(settings: Settings) -> Self {
        let (backend, variables) = match registries::kind(&settings) {
            RegistryKind::Oci => (Backend::Oci, None),
            RegistryKind::Docr => (Backend::Docr, Some(("DIGITALOCEAN_ACCESS_TOKEN", TOKEN))),
            RegistryKind::Ghcr => (Backend::Ghcr, Some(("GITHUB_TOKEN", TOKEN))),
        };
        let server = Server::embedded(settings);
        Self::with(backend, server, Home::with(variables.as_slice()))
    }

    pub(crate) fn debian(debian: Debian) -> Self {
        Self::with(Backend::Debian, Server::Debian(debian), Home::new())
    }

    fn with(backend: Backend, server: Server, home: Home) -> Self {
        let world = Self { backend, server, home };
        world.policy(&[PROD, RULES]);
        world
    }

    /// Writes the policy: the registry and one image, and what is given here.
    pub(crate) fn policy(&self, parts: &[&str]) {
        let kind = match self.backend {
            Backend::Oci | Backend::Debian => RegistryKind::Oci,
            Backend::Docr => RegistryKind::Docr,
            Backend::Ghcr => RegistryKind::Ghcr,
        };
        let registry = policy::registry("main", kind, &self.server.url());
        let image = policy::image("backend", &["main"]);
        self.home.policy(&([policy::VERSION, &registry, &image].concat() + &parts.concat()));
    }

    pub(crate) fn host(&self) -> String {
        self.server.url().trim_start_matches("http://").to_owned()
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        match &self.server {
            Server::Embedded(sandbox) => sandbox,
            Server::Debian(_) => panic!("no sandbox"),
        }
    }

    pub(crate) fn fault(&self, text: &str) {
        registries::fault(self.sandbox(), text);
    }

    pub(crate) fn push(&self, image: &Image, tags: &[&str]) {
        self.push_in(BACKEND, image, tags);
    }

    /// Pushes to a repository, as something that this machine has seen long ago.
    pub(crate) fn push_in(&self, path: &str, image: &Image, tags: &[&str]) {
        self.server.push(path, image, tags);
        self.saw_long_ago(path, image);
    }

    /// As if this machine had seen an image long ago, which a plain OCI registry tells nothing of.
    pub(crate) fn saw_long_ago(&self, path: &str, image: &Image) {
        self.home.saw_long_ago(&format!("{}/{path}", self.host()), [image.digest()]);
    }

    /// Pushes a release of the one image, under its SHA tag.
    pub(crate) fn release(&self, image: &Image, number: u32) {
        self.push(image, &[&format!("prod-{}", sha(number))]);
    }

    /// Moves the latest tag.
    pub(crate) fn deploy(&self, image: &Image) {
        self.server.set_tag(BACKEND, image, "prod-latest");
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        self.home.file(name, text)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.home.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program, with JSON on stdout.
    pub(crate) fn tags(&self, arguments: &[&str]) -> Run {
        self.home.tags(&[arguments, &["--format", "json"]].concat())
    }

    /// `tags cleanup --apply`, which must end with this code.
    pub(crate) fn cleanup(&self, code: i32) -> Run {
        let run = self.tags(&["cleanup", "--apply"]);
        assert_eq!(run.code, code, "on {:?}: {run:#?}", self.backend);
        run
    }

    /// Nothing was so much as tried to be deleted.
    pub(crate) fn assert_no_deletion(&self) {
        let deletions = registries::deletions(self.sandbox());
        assert!(deletions.is_empty(), "on {:?}: {deletions:#?}", self.backend);
    }

    /// Everything of an image answers.
    pub(crate) fn assert_whole(&self, image: &Image) {
        self.assert_whole_in(BACKEND, image);
    }

    pub(crate) fn assert_whole_in(&self, path: &str, image: &Image) {
        let missing = self.server.missing(path, image.digest());
        assert!(missing.is_empty(), "on {:?}: {image:#?} lost {missing:?}", self.backend);
    }

    /// A tag still leads to its image, and everything of that answers.
    pub(crate) fn assert_pullable(&self, tag: &str, image: &Image) {
        self.assert_pullable_in(BACKEND, tag, image);
    }

    pub(crate) fn assert_pullable_in(&self, path: &str, tag: &str, image: &Image) {
        let found = self.server.resolve(path, tag);
        assert_eq!(found.as_ref(), Some(image.digest()), "on {:?}: {path}:{tag}", self.backend);
        self.assert_whole_in(path, image);
    }

    pub(crate) fn assert_release(&self, number: u32, image: &Image) {
        self.assert_pullable(&format!("prod-{}", sha(number)), image);
    }

    /// The manifests of an image, those in it too, are gone.
    pub(crate) fn assert_gone(&self, image: &Image) {
        self.assert_gone_in(BACKEND, &image.manifests());
    }

    pub(crate) fn assert_gone_in(&self, path: &str, digests: &[Digest]) {
        for digest in digests {
            let there = self.server.has_manifest(path, digest);
            assert!(!there, "on {:?}: {digest} is still there", self.backend);
        }
    }
}
