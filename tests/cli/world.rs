//! Two registries, a policy, and the program run as a user would run it.

use std::process::Command;

use chrono::{DateTime, TimeDelta, Utc};
use tags::sandbox::content::{Build, BuiltImage, Format};
use tags::sandbox::{Sandbox, Settings};

use crate::support::program::{Home, Run};
use crate::support::{images, path, registries, tag};

/// SHAs whose names say nothing of their order.
pub(crate) const OLD: &str = "cccccccccccccccccccccccccccccccccccccc01";
pub(crate) const MID: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa02";
pub(crate) const NEW: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb03";

pub(crate) struct World {
    pub(crate) east: Sandbox,
    pub(crate) west: Sandbox,
    pub(crate) home: Home,
    policy: String,
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
        let (east, west) = (registries::start(east), registries::start(west));
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
        Self { east, west, home: Home::new(), policy }.policy(|text| text)
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
        self.home.policy(&self.policy);
        self
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

    pub(crate) fn tags(&self, arguments: &[&str]) -> Run {
        self.home.tags(arguments)
    }

    pub(crate) fn run(
        &self,
        arguments: &[&str],
        change: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Run {
        self.home.run(arguments, change)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.home.command(arguments)
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
    let build = images::build(&format!("{image} {sha}\n"), "amd64", now() - age);
    Build { revision: sha.to_owned(), ..build }
}

/// Ages are counted from here, so that digests, which hold the build time, are always the same.
fn now() -> DateTime<Utc> {
    "2026-01-10T12:00:00Z".parse().expect("a time")
}

pub(crate) fn push(registry: &Sandbox, image: &str, built: &BuiltImage, tags: &[&str]) {
    let tags: Vec<_> = tags.iter().map(|name| tag(name)).collect();
    registry.store().push(&path(&format!("acme/{image}")), built, &tags, None);
}
