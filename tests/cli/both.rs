//! The embedded DOCR and GHCR with an image each, a policy for both, and what doctor finds there.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tags::policy::RegistryKind;
use tags::sandbox::content::{BuiltImage, Format};
use tags::sandbox::docr::DocrSettings;
use tags::sandbox::ghcr::{GhcrSettings, OwnerKind};
use tags::sandbox::{Sandbox, Settings};

use crate::support::program::{Home, Run, now};
use crate::support::{path, policy, registries, tag};
use crate::world::{NEW, build};

pub(crate) const DO_TOKEN: &str = "dop_v1_0123456789abcdef";
pub(crate) const GH_TOKEN: &str = "ghp_0123456789abcdef";
pub(crate) const RETENTION: &str = "\n[[retention]]\nenvironments = [\"prod\"]\nkeep-last = 5\n";

/// Both registries with an image each, a policy for both, and the two tokens.
pub(crate) struct Both {
    pub(crate) docr: Sandbox,
    pub(crate) ghcr: Sandbox,
    pub(crate) home: Home,
    policy: String,
    tokens: [&'static str; 2],
}

impl Both {
    pub(crate) fn good() -> Self {
        Self::with(|_, _| now())
    }

    /// Changes the settings, and says what the registries' clocks show.
    pub(crate) fn with(
        change: impl FnOnce(&mut DocrSettings, &mut GhcrSettings) -> DateTime<Utc>,
    ) -> Self {
        let mut docr = DocrSettings::new("acme", DO_TOKEN);
        let mut ghcr = GhcrSettings::new("acme-inc", OwnerKind::Organization, GH_TOKEN);
        let clock = change(&mut docr, &mut ghcr);
        let docr = registries::start(Settings::docr(docr, clock));
        let ghcr = registries::start(Settings::ghcr(ghcr, clock));
        let image = BuiltImage::single(&build("backend", NEW, TimeDelta::days(1)), Format::Oci);
        for (registry, place) in [(&docr, "acme/team/backend"), (&ghcr, "acme-inc/team/backend")] {
            registry.store().push(&path(place), &image, &[tag("prod-latest")], Some(clock));
        }
        let text = policy_of(&docr.url(), &ghcr.url());
        let tokens = [DO_TOKEN, GH_TOKEN];
        Self { docr, ghcr, home: Home::new(), policy: text, tokens }.policy(|text| text)
    }

    pub(crate) fn showing(self, tokens: [&'static str; 2]) -> Self {
        Self { tokens, ..self }
    }

    pub(crate) fn policy(mut self, change: impl FnOnce(String) -> String) -> Self {
        self.policy = change(self.policy);
        self.home.policy(&self.policy);
        self
    }

    pub(crate) fn fault(&self, text: &str) {
        for registry in [&self.docr, &self.ghcr] {
            registries::fault(registry, text);
        }
    }

    /// Any command, with both tokens.
    pub(crate) fn run(&self, words: &[&str]) -> Run {
        self.run_with(words, &[])
    }

    /// The same, with more variables.
    pub(crate) fn run_with(&self, words: &[&str], variables: &[(&str, String)]) -> Run {
        let [docr, ghcr] = self.tokens;
        self.home.run(words, |command| {
            let more = variables.iter().map(|(name, value)| (name, value));
            command.env("DIGITALOCEAN_ACCESS_TOKEN", docr).env("GITHUB_TOKEN", ghcr).envs(more)
        })
    }

    pub(crate) fn doctor(&self, format: &str) -> Run {
        let [docr, ghcr] = self.tokens;
        let run = self.run(&["doctor", "--format", format]);
        for secret in [DO_TOKEN, GH_TOKEN, docr, ghcr] {
            let said = run.stdout.contains(secret) || run.stderr.contains(secret);
            assert!(secret.trim().is_empty() || !said, "{run:?}");
        }
        let records = [self.docr.requests(), self.ghcr.requests()].concat();
        let only_asks = |method: &str| matches!(method, "GET" | "HEAD");
        assert!(records.iter().all(|record| only_asks(record.method.as_str())), "{records:?}");
        run
    }

    /// The same in JSON, with its exit code.
    pub(crate) fn found(&self) -> (i32, Found) {
        let run = self.doctor("json");
        (run.code, Found(run.json()))
    }

    pub(crate) fn settled(&self, text: &str) -> String {
        text.replace(&self.docr.addr().to_string(), "DOCR")
            .replace(&self.ghcr.addr().to_string(), "GHCR")
    }
}

fn policy_of(docr: &str, ghcr: &str) -> String {
    let image = r#"
[image.backend]
repositories = { docr = "team/backend", ghcr = "team/backend" }
"#;
    [
        policy::VERSION,
        &policy::registry("docr", RegistryKind::Docr, docr),
        &policy::registry_of("acme-inc", "ghcr", RegistryKind::Ghcr, ghcr),
        image,
        policy::PROD,
        RETENTION,
    ]
    .concat()
}

pub(crate) struct Found(pub(crate) Value);

impl Found {
    pub(crate) fn check(&self, registry: &str, name: &str) -> &Value {
        let registries = self.0["registries"].as_array().expect("registries");
        let found = registries.iter().find(|entry| entry["registry"] == registry);
        let checks = found.expect("the registry")["checks"].as_array().expect("checks");
        checks.iter().find(|check| check["check"] == name).expect("the check")
    }

    pub(crate) fn text(&self, registry: &str, name: &str, key: &str) -> &str {
        self.check(registry, name)[key].as_str().unwrap_or_default()
    }

    pub(crate) fn status(&self, registry: &str, name: &str) -> &str {
        self.text(registry, name, "status")
    }

    pub(crate) fn blocks(&self, registry: &str, name: &str) -> Vec<&str> {
        let blocks = self.check(registry, name)["blocks"].as_array().expect("commands");
        blocks.iter().filter_map(Value::as_str).collect()
    }

    /// Whatever lacks says which command it blocks and how to grant it.
    pub(crate) fn is_told_whole(&self) {
        for registry in self.0["registries"].as_array().expect("registries") {
            for check in registry["checks"].as_array().expect("checks") {
                if matches!(check["status"].as_str(), Some("missing" | "warning")) {
                    assert!(
                        check["blocks"].as_array().is_some_and(|all| !all.is_empty()),
                        "{check}"
                    );
                    assert!(check["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{check}");
                }
            }
        }
    }
}
