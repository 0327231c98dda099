//! One registry of any kind, a policy, and the program run as a user would run it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use tags::model::Digest;
use tags::sandbox::docr::DocrSettings;
use tags::sandbox::ghcr::{GhcrSettings, OwnerKind};
use tags::sandbox::{Fault, Sandbox, Settings};
use tempfile::TempDir;

use crate::failures::debian::Debian;
use crate::failures::images::{Image, now, sha};
use crate::failures::outcome::{Run, ended};
use crate::failures::server::Server;

pub(crate) const TOKEN: &str = "dop_v1_0123456789abcdef";
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
    pub(crate) home: TempDir,
}

impl World {
    /// None where the registry cannot be had here.
    pub(crate) fn of(backend: Backend) -> Option<Self> {
        let server = match backend {
            Backend::Oci => Server::embedded(Settings::default()),
            Backend::Docr => Server::embedded(Settings::docr(docr(), now())),
            Backend::Ghcr => Server::embedded(Settings::ghcr(ghcr(), now())),
            Backend::Debian => Server::Debian(Debian::start(true)?),
        };
        Some(Self::with(backend, server))
    }

    /// An embedded registry with other settings.
    pub(crate) fn with(backend: Backend, server: Server) -> Self {
        let world = Self { backend, server, home: tempfile::tempdir().expect("a home") };
        world.policy(&[PROD, RULES]);
        world
    }

    /// Writes the policy: the registry and one image, and what is given here.
    pub(crate) fn policy(&self, parts: &[&str]) {
        let (url, kind) = (self.server.url(), self.kind());
        let api = if kind == "oci" { String::new() } else { format!("api-url = \"{url}\"\n") };
        let head = format!(
            r#"version = 1
[registry.main]
kind = "{kind}"
namespace = "acme"
url = "{url}"
{api}
[image.backend]
repositories = {{ main = "backend" }}
"#
        );
        let text = head + &parts.concat();
        std::fs::write(self.home.path().join("tags.toml"), text).expect("a policy file");
    }

    fn kind(&self) -> &'static str {
        match self.backend {
            Backend::Oci | Backend::Debian => "oci",
            Backend::Docr => "docr",
            Backend::Ghcr => "ghcr",
        }
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
        let fault: Fault = text.parse().expect("a fault");
        self.sandbox().faults().add(fault);
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
        let state = self.home.path().join(".local/state/tags");
        std::fs::create_dir_all(&state).expect("a directory");
        let file = state.join("first-seen.txt");
        let known = std::fs::read_to_string(&file);
        let known = known.unwrap_or_else(|_| "tags first-seen 1\n".to_owned());
        let then = (now() - chrono::TimeDelta::days(400)).timestamp();
        let line = format!("{}/{path}\n{} {then}\n", self.host(), image.digest());
        std::fs::write(&file, known + &line).expect("a file");
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
        let path = self.home.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        #[expect(
            clippy::disallowed_methods,
            reason = "git is found by the path of who runs the tests"
        )]
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tags"));
        command
            .args(arguments)
            .current_dir(self.home.path())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        match self.backend {
            Backend::Docr => command.env("DIGITALOCEAN_ACCESS_TOKEN", TOKEN),
            Backend::Ghcr => command.env("GITHUB_TOKEN", TOKEN),
            Backend::Oci | Backend::Debian => &mut command,
        };
        command
    }

    /// Runs the program, with JSON on stdout.
    pub(crate) fn tags(&self, arguments: &[&str]) -> Run {
        let arguments = [arguments, &["--format", "json"]].concat();
        ended(self.command(&arguments).output().expect("a run"))
    }

    /// `tags cleanup --apply`, which must end with this code.
    pub(crate) fn cleanup(&self, code: i32) -> Run {
        let run = self.tags(&["cleanup", "--apply"]);
        assert_eq!(run.code, code, "on {:?}: {run:#?}", self.backend);
        run
    }

    /// Nothing was so much as tried to be deleted.
    pub(crate) fn assert_no_deletion(&self) {
        let requests = self.sandbox().requests();
        let deletions: Vec<_> = requests.iter().filter(|one| one.method == "DELETE").collect();
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

pub(crate) fn docr() -> DocrSettings {
    DocrSettings::new("acme", TOKEN)
}

pub(crate) fn ghcr() -> GhcrSettings {
    GhcrSettings::new("acme", OwnerKind::Organization, TOKEN)
}
