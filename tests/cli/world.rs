//! Two registries, a policy, and the program run as a user would run it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tags::model::{Platform, RepositoryPath, TagName};
use tags::sandbox::content::{Build, BuiltImage, Format};
use tags::sandbox::{Sandbox, Settings, Store};
use tempfile::TempDir;

/// SHAs whose names say nothing of their order.
pub(crate) const OLD: &str = "cccccccccccccccccccccccccccccccccccccc01";
pub(crate) const MID: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa02";
pub(crate) const NEW: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb03";

pub(crate) struct World {
    pub(crate) east: Sandbox,
    pub(crate) west: Sandbox,
    pub(crate) home: TempDir,
    policy: String,
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

impl World {
    /// Empty registries.
    pub(crate) fn empty() -> Self {
        Self::with(Settings::default())
    }

    /// Empty registries, the eastern one with these settings.
    pub(crate) fn with(east: Settings) -> Self {
        Self::between(east, Settings::default())
    }

    /// Empty registries with these settings.
    pub(crate) fn between(east: Settings, west: Settings) -> Self {
        let start = |settings| {
            let listen = ([127, 0, 0, 1], 0).into();
            Sandbox::start_in_background(listen, settings, Store::new()).expect("a registry")
        };
        let (east, west) = (start(east), start(west));
        let policy = format!(
            r#"version = 1

[registry.east]
kind = "oci"
url = "{}"

[registry.west]
kind = "oci"
url = "{}"

[image.backend]
repositories = {{ east = "acme/backend", west = "acme/backend" }}

[image.frontend]
repositories = {{ east = "acme/frontend", west = "acme/frontend" }}

[environment.prod]
branch = "main"
sha-tag = "prod-{{sha}}"
latest-tag = "prod-latest"
order = "built"
"#,
            east.url(),
            west.url()
        );
        let home = tempfile::tempdir().expect("a home");
        Self { east, west, home, policy }.policy(|text| text)
    }

    /// Three whole releases, the newest of them current.
    pub(crate) fn filled() -> Self {
        Self::empty().releases()
    }

    pub(crate) fn releases(self) -> Self {
        for (age, sha) in [(3, OLD), (2, MID), (1, NEW)] {
            self.release(sha, TimeDelta::days(age));
        }
        self
    }

    /// Changes the policy file.
    pub(crate) fn policy(mut self, change: impl FnOnce(String) -> String) -> Self {
        self.policy = change(self.policy);
        std::fs::write(self.policy_path(), &self.policy).expect("a policy file");
        self
    }

    pub(crate) fn policy_path(&self) -> PathBuf {
        self.home.path().join("tags.toml")
    }

    /// Pushes both images of a release to both registries, under both tags.
    pub(crate) fn release(&self, sha: &str, age: TimeDelta) {
        for image in ["backend", "frontend"] {
            let built = BuiltImage::single(&build(image, sha, age), Format::Oci);
            for registry in [&self.east, &self.west] {
                push(registry, image, &built, &[&format!("prod-{sha}"), "prod-latest"]);
            }
        }
    }

    /// Runs the program in the home directory, with nothing from outside but the path.
    pub(crate) fn tags(&self, arguments: &[&str]) -> Run {
        self.run(arguments, |command| command)
    }

    /// The same, with the command changed before.
    pub(crate) fn run(
        &self,
        arguments: &[&str],
        change: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Run {
        let mut command = self.command(arguments);
        change(&mut command);
        let output = command.output().expect("a run");
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
        let mut command = Command::new(env!("CARGO_BIN_EXE_tags"));
        command
            .args(arguments)
            .current_dir(self.home.path())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.home.path())
            .stdin(Stdio::null());
        command
    }

    /// Text with what differs between runs replaced: ports, times, ages, the home.
    pub(crate) fn settled(&self, text: &str) -> String {
        text.replace(&self.east.addr().to_string(), "EAST")
            .replace(&self.west.addr().to_string(), "WEST")
            .replace(&self.home.path().display().to_string(), "HOME")
    }
}

/// A build for linux/amd64.
pub(crate) fn build(image: &str, sha: &str, age: TimeDelta) -> Build {
    Build {
        created: now() - age,
        revision: sha.to_owned(),
        platform: platform("amd64"),
        text: format!("{image} {sha}\n"),
    }
}

pub(crate) fn platform(architecture: &str) -> Platform {
    Platform { os: "linux".to_owned(), architecture: architecture.to_owned(), variant: None }
}

/// Ages are counted from here, so that digests, which hold the build time, are always the same.
fn now() -> DateTime<Utc> {
    "2026-01-10T12:00:00Z".parse().expect("a time")
}

pub(crate) fn push(registry: &Sandbox, image: &str, built: &BuiltImage, tags: &[&str]) {
    let tags: Vec<TagName> = tags.iter().map(|tag| tag_name(tag)).collect();
    registry.store().push(&repository(image), built, &tags, None);
}

pub(crate) fn repository(image: &str) -> RepositoryPath {
    RepositoryPath::parse(&format!("acme/{image}")).expect("a path")
}

pub(crate) fn tag_name(text: &str) -> TagName {
    TagName::parse(text).expect("a tag")
}
