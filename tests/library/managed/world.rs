//! The embedded DOCR and GHCR, a policy for both, and the library connected to them.

use std::time::Duration;

use tags::collect::{Collector, NoProgress, TimesWanted, inventory};
use tags::model::{Inventory, RegistryName};
use tags::policy::{Environment, Policy, RegistryKind};
use tags::registry::{Backend, Connections, GarbageCollect};
use tags::sandbox::docr::DocrSettings;
use tags::sandbox::ghcr::{GhcrSettings, OwnerKind};
use tags::sandbox::history::{History, Push};
use tags::sandbox::{Sandbox, Settings};

use crate::connect::{basic, connect, now};
use crate::support::{policy, registries};

pub(crate) const DOCR_TOKEN: &str = "dop_v1_0123456789abcdef";
pub(crate) const GHCR_TOKEN: &str = "ghp_0123456789abcdef";

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
            // Long enough for requests to be under way at the same time.
            let settings = Settings { response_delay: Some(Duration::from_millis(3)), ..settings };
            registries::start(settings)
        };
        let docr = start(Settings::docr(docr, now()));
        let ghcr = start(Settings::ghcr(ghcr, now()));
        let policy = policy(&docr.url(), &ghcr.url());
        let connections = connected(&policy);
        Self { docr, ghcr, policy, connections }
    }

    /// The history, in both registries, but for what GHCR never got.
    pub(crate) fn fill(self, leave_out: impl Fn(&Push) -> bool) -> Self {
        let history = History::ending_at(now());
        history.fill_below(self.docr.store(), "acme", |_| false);
        history.fill_below(self.ghcr.store(), "acme-inc", leave_out);
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

pub(crate) fn registry(name: &str) -> RegistryName {
    RegistryName::parse(name).expect("a name")
}

/// DOCR's garbage collection.
pub(crate) fn garbage(connections: &Connections) -> &(impl GarbageCollect + use<>) {
    let docr = connections.registry(&registry("docr"));
    docr.and_then(Backend::garbage_collect).expect("garbage collection")
}

/// Connected with each registry's own token.
pub(crate) fn connected(policy: &Policy) -> Connections {
    connect(policy, |registry| {
        Some(match registry.kind {
            RegistryKind::Docr => basic(DOCR_TOKEN, DOCR_TOKEN),
            RegistryKind::Ghcr | RegistryKind::Oci => basic("token", GHCR_TOKEN),
        })
    })
}

pub(crate) fn policy(docr: &str, ghcr: &str) -> Policy {
    let mut text = policy::VERSION.to_owned();
    text += &policy::registry("docr", RegistryKind::Docr, docr);
    text += &policy::registry_of("acme-inc", "ghcr", RegistryKind::Ghcr, ghcr);
    for image in ["backend", "frontend"] {
        text += &policy::image(image, &["docr", "ghcr"]);
    }
    for environment in ["dev", "uat", "prod"] {
        text += &policy::PROD.replace("prod", environment);
    }
    policy::parsed(&text)
}
