//! The registries of a scenario with what is in them, and the program run against them.

use std::path::PathBuf;

use chrono::{DateTime, SubsecRound as _, Utc};
use tags::policy::RegistryKind;
use tags::sandbox::{Listing, Quirk, Sandbox, Settings, Store};

use super::content;
use super::scenario::{Lie, Scenario};
use crate::support::policy;
use crate::support::program::{self, Home, Run};
use crate::support::registries::{self, TOKEN};

pub(super) struct World {
    pub(super) scenario: Scenario,
    pub(super) registries: Vec<Sandbox>,
    home: Home,
}

pub(super) fn now() -> DateTime<Utc> {
    program::now().trunc_subsecs(0)
}

impl World {
    pub(super) fn of(scenario: &Scenario) -> Self {
        let now = now();
        let start = |kind: &RegistryKind| {
            let store = Store::new();
            content::fill(scenario, &store, now);
            registries::start_with(settings(scenario, *kind, now), store)
        };
        let registries: Vec<Sandbox> = scenario.registries.iter().map(start).collect();
        let home = Home::with(&[("DIGITALOCEAN_ACCESS_TOKEN", TOKEN), ("GITHUB_TOKEN", TOKEN)]);
        let world = Self { scenario: scenario.clone(), registries, home };
        world.home.policy(&world.policy());
        world
    }

    fn policy(&self) -> String {
        let names: Vec<String> =
            (0..self.registries.len()).map(|number| format!("r{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut text = policy::VERSION.to_owned();
        for ((kind, registry), name) in
            self.scenario.registries.iter().zip(&self.registries).zip(&names)
        {
            text += &policy::registry(name, *kind, &registry.url());
        }
        for image in content::IMAGES {
            text += &policy::image(image, &names);
        }
        // A plain registry tells no push times.
        let order =
            if self.scenario.registries.contains(&RegistryKind::Oci) { "built" } else { "pushed" };
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
        self.home.tags(&[arguments, &["--format", "json"]].concat())
    }

    /// The journals, oldest first.
    pub(super) fn journals(&self) -> Vec<PathBuf> {
        let mut found = self.home.journals();
        let written = |path: &PathBuf| path.metadata().and_then(|data| data.modified()).ok();
        found.sort_by_key(|path| (written(path), path.clone()));
        found
    }
}

fn settings(scenario: &Scenario, kind: RegistryKind, now: DateTime<Utc>) -> Settings {
    let settings = registries::settings(kind, now);
    let mut settings = match (scenario.page, kind) {
        (Some(page), RegistryKind::Oci) => Settings { listing: Listing::MaxPage(page), ..settings },
        (Some(page), _) => Settings { quirks: [Quirk::MaxPageEntries(page)].into(), ..settings },
        (None, _) => settings,
    };
    if scenario.lie == Some(Lie::DeletionIgnored) {
        settings.quirks.insert(Quirk::DeleteDoesNothing);
    }
    settings
}
