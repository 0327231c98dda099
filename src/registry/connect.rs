//! From a policy to registries that can be asked; the only file that names all backends.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::auth::Broker;
use super::cache::ContentCache;
use super::credential::Keychain;
use super::docr::DocrRegistry;
use super::ghcr::GhcrRegistry;
use super::http::{Http, TransportSettings};
use super::listed::{Listed, TagSource};
use super::oci::OciRegistry;
use super::{Diagnose, GarbageCollect, Registry};
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
    registries: BTreeMap<RegistryName, Backend>,
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
        self.registries.get(name).map(|backend| &backend.registry)
    }

    /// The same registry, as one that can be examined.
    #[must_use]
    pub fn diagnose(&self, name: &RegistryName) -> Option<&Arc<dyn Diagnose>> {
        self.registries.get(name).map(|backend| &backend.diagnose)
    }

    /// The same registry, if it collects garbage on demand.
    #[must_use]
    pub fn garbage_collect(&self, name: &RegistryName) -> Option<&Arc<dyn GarbageCollect>> {
        self.registries.get(name)?.garbage_collect.as_ref()
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

/// One backend, by all that it can do.
struct Backend {
    registry: Arc<dyn Registry>,
    diagnose: Arc<dyn Diagnose>,
    garbage_collect: Option<Arc<dyn GarbageCollect>>,
}

/// The backend of a registry's kind.
fn backend(http: &Arc<Http>, broker: &Arc<Broker>, registry: &policy::Registry) -> Backend {
    let oci = || OciRegistry::new(Arc::clone(http), Arc::clone(broker), &registry.url);
    if let Some(url) = &registry.api_url {
        let docr = registry.kind == RegistryKind::Docr;
        http.limit(url, if docr { DOCR_PER_MINUTE } else { GHCR_PER_MINUTE });
    }
    let (http, broker) = (Arc::clone(http), Arc::clone(broker));
    let listed = |tags: Arc<dyn TagSource>| Arc::new(Listed { oci: oci(), tags });
    let special = match registry.kind {
        RegistryKind::Docr => DocrRegistry::new(http, broker, oci(), registry).map(|backend| {
            let backend = Arc::new(backend);
            Backend {
                registry: listed(backend.clone()),
                diagnose: backend.clone(),
                garbage_collect: Some(backend),
            }
        }),
        RegistryKind::Ghcr => GhcrRegistry::new(http, broker, oci(), registry).map(|backend| {
            let backend = Arc::new(backend);
            Backend { registry: listed(backend.clone()), diagnose: backend, garbage_collect: None }
        }),
        RegistryKind::Oci => None,
    };
    special.unwrap_or_else(|| {
        let backend = Arc::new(oci());
        Backend { registry: backend.clone(), diagnose: backend, garbage_collect: None }
    })
}
