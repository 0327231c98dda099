//! From a policy to registries that can be asked; the only file that names all backends.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Registry;
use super::auth::Broker;
use super::cache::ContentCache;
use super::credential::Keychain;
use super::docr::DocrRegistry;
use super::ghcr::GhcrRegistry;
use super::http::{Http, TransportSettings};
use super::oci::OciRegistry;
use crate::model::RegistryName;
use crate::policy::{self, Policy, RegistryKind};

/// What connections are made with.
pub struct ConnectSettings {
    /// Timeouts and limits.
    pub transport: TransportSettings,
    /// Where credentials come from.
    pub keychain: Arc<dyn Keychain>,
    /// Where content is kept.
    pub cache: ContentCache,
}

/// The registries of a policy, ready to be asked.
pub struct Connections {
    registries: BTreeMap<RegistryName, Arc<dyn Registry>>,
    cache: Arc<ContentCache>,
    http: Arc<Http>,
}

impl Connections {
    /// Connections for every registry of a policy. Nothing is sent yet.
    #[must_use]
    pub fn new(policy: &Policy, settings: ConnectSettings) -> Self {
        let http = Arc::new(Http::new(settings.transport));
        let registries = policy
            .registries
            .iter()
            .map(|(name, registry)| {
                let registry = Arc::new(registry.clone());
                let broker = Arc::new(Broker::new(
                    Arc::clone(&http),
                    Arc::clone(&registry),
                    Arc::clone(&settings.keychain),
                ));
                let backend = backend(&http, &broker, &registry);
                (name.clone(), backend)
            })
            .collect();
        Self { registries, cache: Arc::new(settings.cache), http }
    }

    /// A registry by its name in the policy.
    #[must_use]
    pub fn registry(&self, name: &RegistryName) -> Option<&Arc<dyn Registry>> {
        self.registries.get(name)
    }

    /// Immutable content that was read before.
    #[must_use]
    pub fn cache(&self) -> &Arc<ContentCache> {
        &self.cache
    }

    /// The transport under all of them, with its counters.
    #[must_use]
    pub fn http(&self) -> &Arc<Http> {
        &self.http
    }
}

/// What the management APIs take in a minute from one token: DigitalOcean 250 requests, GitHub 900
/// points, of which a read costs one.
const DOCR_PER_MINUTE: usize = 250;
const GHCR_PER_MINUTE: usize = 900;

/// The backend of a registry's kind.
fn backend(
    http: &Arc<Http>,
    broker: &Arc<Broker>,
    registry: &policy::Registry,
) -> Arc<dyn Registry> {
    let oci = || OciRegistry::new(Arc::clone(http), Arc::clone(broker), &registry.url);
    if let Some(url) = &registry.api_url {
        let docr = registry.kind == RegistryKind::Docr;
        http.limit(url, if docr { DOCR_PER_MINUTE } else { GHCR_PER_MINUTE });
    }
    let (http, broker) = (Arc::clone(http), Arc::clone(broker));
    let special: Option<Arc<dyn Registry>> = match registry.kind {
        RegistryKind::Docr => DocrRegistry::new(http, broker, oci(), registry)
            .map(|backend| Arc::new(backend) as Arc<dyn Registry>),
        RegistryKind::Ghcr => GhcrRegistry::new(http, broker, oci(), registry)
            .map(|backend| Arc::new(backend) as Arc<dyn Registry>),
        RegistryKind::Oci => None,
    };
    special.unwrap_or_else(|| Arc::new(oci()))
}
