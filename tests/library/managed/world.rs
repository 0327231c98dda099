//! The embedded DOCR and GHCR, a policy for both, and the library connected to them.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use tags::collect::{Collector, NoProgress, TimesWanted, inventory};
use tags::http::TransportSettings;
use tags::model::{Inventory, RegistryName, RepositoryPath};
use tags::policy::{self, Environment, Policy, RegistryKind};
use tags::registry::{
    ConnectSettings, Connections, ContentCache, Credential, CredentialError, CredentialOrigin,
    CredentialSecret, Keychain,
};
use tags::sandbox::docr::DocrSettings;
use tags::sandbox::ghcr::{GhcrSettings, OwnerKind};
use tags::sandbox::history::{History, Push};
use tags::sandbox::{Sandbox, Settings, Store};

pub(crate) const DOCR_TOKEN: &str = "dop_v1_0123456789abcdef";
pub(crate) const GHCR_TOKEN: &str = "ghp_0123456789abcdef";

pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().expect("a date")
}

/// Both registries.
pub(crate) struct World {
    pub(crate) docr: Sandbox,
    pub(crate) ghcr: Sandbox,
    pub(crate) policy: Policy,
    pub(crate) connections: Connections,
}

impl World {
    pub(crate) fn empty() -> Self {
        let ghcr = GhcrSettings::new("acme-inc", OwnerKind::Organization, GHCR_TOKEN);
        Self::with(DocrSettings::new("acme", DOCR_TOKEN), ghcr)
    }

    pub(crate) fn with(docr: DocrSettings, ghcr: GhcrSettings) -> Self {
        let start = |settings| {
            let listen = ([127, 0, 0, 1], 0).into();
            // Long enough for requests to be under way at the same time.
            let settings = Settings { response_delay: Some(Duration::from_millis(3)), ..settings };
            Sandbox::start_in_background(listen, settings, Store::new()).expect("a registry")
        };
        let docr = start(Settings::docr(docr, now()));
        let ghcr = start(Settings::ghcr(ghcr, now()));
        let policy = policy(&docr.url(), &ghcr.url());
        let connections = connect(&policy);
        Self { docr, ghcr, policy, connections }
    }

    /// The history, in both registries, but for what GHCR never got.
    pub(crate) fn fill(self, leave_out: impl Fn(&Push) -> bool) -> Self {
        let history = History::ending_at(now());
        history.fill_below(self.docr.store(), Some(&path("acme")), |_| false);
        history.fill_below(self.ghcr.store(), Some(&path("acme-inc")), leave_out);
        self
    }

    pub(crate) fn environment(&self, name: &str) -> &Environment {
        let named = |environment: &&Environment| environment.name.as_str() == name;
        self.policy.environments.values().find(named).expect("an environment")
    }

    pub(crate) fn collector(&self) -> Collector<'_> {
        Collector { connections: &self.connections, progress: &NoProgress }
    }

    pub(crate) async fn inventory(&self, environment: &str) -> Inventory {
        inventory(self.collector(), self.environment(environment), TimesWanted::PushedElseBuilt)
            .await
    }

    pub(crate) fn clear(&self) {
        self.docr.clear_requests();
        self.ghcr.clear_requests();
    }
}

/// The requests that a registry got, as `METHOD path`, those of tokens and challenges left out.
pub(crate) fn asked(registry: &Sandbox) -> Vec<String> {
    let line = |r: tags::sandbox::RequestRecord| format!("{} {}", r.method, r.target);
    let is_access = |line: &String| {
        line.ends_with(" /v2/") || line.contains("/token?") || line.contains("/v2/registry/auth")
    };
    registry.requests().into_iter().map(line).filter(|line| !is_access(line)).collect()
}

pub(crate) fn path(text: &str) -> RepositoryPath {
    RepositoryPath::parse(text).expect("a path")
}

pub(crate) fn registry(name: &str) -> RegistryName {
    RegistryName::parse(name).expect("a name")
}

pub(crate) fn connect(policy: &Policy) -> Connections {
    let settings = ConnectSettings {
        transport: TransportSettings::default(),
        keychain: Arc::new(Tokens),
        cache: ContentCache::in_memory(),
    };
    Connections::new(policy, settings)
}

pub(crate) fn policy(docr: &str, ghcr: &str) -> Policy {
    let mut text = format!(
        r#"
version = 1
[registry.docr]
kind = "docr"
namespace = "acme"
url = "{docr}"
api-url = "{docr}"
[registry.ghcr]
kind = "ghcr"
namespace = "acme-inc"
url = "{ghcr}"
api-url = "{ghcr}"
[image.backend]
repositories = {{ docr = "backend", ghcr = "backend" }}
[image.frontend]
repositories = {{ docr = "frontend", ghcr = "frontend" }}
"#
    );
    for environment in ["dev", "uat", "prod"] {
        text.push_str(&format!(
            "[environment.{environment}]\nsha-tag = \"{environment}-{{sha}}\"\nlatest-tag = \"{environment}-latest\"\n"
        ));
    }
    policy::parse("world.toml", &text).expect("a valid policy")
}

/// Each registry's own token, as from its variable.
struct Tokens;

impl Keychain for Tokens {
    fn credential_find<'a>(
        &'a self,
        registry: &'a policy::RegistrySettings,
    ) -> BoxFuture<'a, Result<Option<Credential>, CredentialError>> {
        let (token, username) = match registry.kind {
            RegistryKind::Docr => (DOCR_TOKEN, DOCR_TOKEN),
            RegistryKind::Ghcr | RegistryKind::Oci => (GHCR_TOKEN, "token"),
        };
        let secret =
            CredentialSecret::Basic { username: username.to_owned(), password: token.into() };
        let origin = CredentialOrigin::Variable("TOKEN".to_owned());
        Box::pin(ready(Ok(Some(Credential { secret, origin }))))
    }
}
