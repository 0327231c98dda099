//! The registries of a scenario with what is in them, and the program run against them.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use chrono::{DateTime, SubsecRound as _, Utc};
use tags::sandbox::docr::DocrSettings;
use tags::sandbox::ghcr::{GhcrSettings, OwnerKind};
use tags::sandbox::{Listing, Quirk, Sandbox, Settings, Store};
use tempfile::TempDir;

use super::content;
use super::scenario::{Kind, Lie, Scenario};
use crate::applying::scene::{Run, TOKEN};

pub(super) struct World {
    pub(super) scenario: Scenario,
    pub(super) registries: Vec<Sandbox>,
    home: TempDir,
}

#[expect(clippy::disallowed_methods, reason = "the program has a clock, and the scene follows it")]
pub(super) fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(0)
}

impl World {
    pub(super) fn of(scenario: &Scenario) -> Self {
        let now = now();
        let start = |kind: &Kind| {
            let store = Store::new();
            content::fill(scenario, &store, now);
            let listen = ([127, 0, 0, 1], 0).into();
            Sandbox::start_in_background(listen, settings(scenario, *kind, now), store)
                .expect("a registry")
        };
        let registries: Vec<Sandbox> = scenario.registries.iter().map(start).collect();
        let world = Self {
            scenario: scenario.clone(),
            registries,
            home: tempfile::tempdir().expect("a home"),
        };
        std::fs::write(world.home.path().join("tags.toml"), world.policy()).expect("a policy file");
        world
    }

    fn policy(&self) -> String {
        let mut text = "version = 1\n".to_owned();
        let mut places = [Vec::new(), Vec::new()];
        for (number, (kind, registry)) in
            self.scenario.registries.iter().zip(&self.registries).enumerate()
        {
            let url = registry.url();
            let (kind, rest, prefix) = match kind {
                Kind::Oci => ("oci", String::new(), "acme/"),
                Kind::Docr => ("docr", format!("namespace = \"acme\"\napi-url = \"{url}\"\n"), ""),
                Kind::Ghcr => ("ghcr", format!("namespace = \"acme\"\napi-url = \"{url}\"\n"), ""),
            };
            text += &format!("[registry.r{number}]\nkind = \"{kind}\"\nurl = \"{url}\"\n{rest}");
            for (places, image) in places.iter_mut().zip(content::IMAGES) {
                places.push(format!("r{number} = \"{prefix}{image}\""));
            }
        }
        for (places, image) in places.iter().zip(content::IMAGES) {
            text += &format!("[image.{image}]\nrepositories = {{ {} }}\n", places.join(", "));
        }
        // A plain registry tells no push times.
        let order = if self.scenario.registries.contains(&Kind::Oci) { "built" } else { "pushed" };
        for name in &self.scenario.environments {
            text += &format!(
                "[environment.{name}]\nsha-tag = \"{name}-{{sha}}\"\n\
                 latest-tag = \"{name}-latest\"\norder = \"{order}\"\n"
            );
        }
        text + &format!(
            r#"[[retention]]
environments = ["{}"]
keep-last = {}
[[retention]]
tags = ["pr-*"]
keep-within = "14d"
[untagged]
keep-within = "7d"
[protect]
tags = ["v*"]
rollback-depth = {}
min-age = "1h"
[limits]
max-share = 1.0
max-deletions = 100000
"#,
            self.scenario.environments.join("\", \""),
            self.scenario.keep_last,
            self.scenario.depth
        )
    }

    pub(super) fn stores(&self) -> Vec<Store> {
        self.registries.iter().map(|registry| registry.store().clone()).collect()
    }

    /// From here on nobody interferes, and everybody tells the truth.
    pub(super) fn calm(&self) {
        for registry in &self.registries {
            registry.faults().clear();
            registry.quirks().switch_off(&Quirk::DeleteDoesNothing);
        }
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Run {
        #[expect(
            clippy::disallowed_methods,
            reason = "git is found by the path of who runs the tests"
        )]
        let path = std::env::var_os("PATH").unwrap_or_default();
        let output = Command::new(env!("CARGO_BIN_EXE_tags"))
            .args(arguments)
            .args(["--format", "json"])
            .current_dir(self.home.path())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.home.path())
            .env("DIGITALOCEAN_ACCESS_TOKEN", TOKEN)
            .env("GITHUB_TOKEN", TOKEN)
            .stdin(Stdio::null())
            .output()
            .expect("a run");
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
        }
    }

    /// The journals, oldest first.
    pub(super) fn journals(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.home.path().join(".local/state/tags"));
        let paths = entries.into_iter().flatten().map(|entry| entry.expect("an entry").path());
        let is_journal = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.starts_with("journal-")
        };
        let mut found: Vec<PathBuf> = paths.filter(is_journal).collect();
        let written = |path: &PathBuf| path.metadata().and_then(|data| data.modified()).ok();
        found.sort_by_key(|path| (written(path), path.clone()));
        found
    }
}

fn settings(scenario: &Scenario, kind: Kind, now: DateTime<Utc>) -> Settings {
    let settings = match kind {
        Kind::Oci => Settings::default(),
        Kind::Docr => Settings::docr(DocrSettings::new("acme", TOKEN), now),
        Kind::Ghcr => {
            let ghcr = GhcrSettings::new("acme", OwnerKind::Organization, TOKEN);
            Settings::ghcr(ghcr, now)
        }
    };
    let mut settings = match (scenario.page, kind) {
        (Some(page), Kind::Oci) => Settings { listing: Listing::MaxPage(page), ..settings },
        (Some(page), _) => Settings { quirks: [Quirk::PagesOf(page)].into(), ..settings },
        (None, _) => settings,
    };
    if scenario.lie == Some(Lie::DeletionIgnored) {
        settings.quirks.insert(Quirk::DeleteDoesNothing);
    }
    settings
}
