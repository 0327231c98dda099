//! Makes the connections of a policy: one backend for each registry, over one transport.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;
use url::Url;

use super::auth::Authenticator;
use super::cache::ContentCache;
use super::credential::Keychain;
use super::docr::DocrRegistry;
use super::ghcr::GhcrRegistry;
use super::oci::OciRegistry;
use super::{Backend, GarbageCollect};
use crate::http::{HostBudget, Http, TransportSettings};
use crate::model::RegistryName;
use crate::policy::{Policy, RegistryKind, RegistrySettings};

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
    /// With the address of each.
    registries: BTreeMap<RegistryName, (Url, Backend)>,
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
                let authenticator = Arc::new(Authenticator::new(
                    Arc::clone(&http),
                    Arc::clone(&registry),
                    Arc::clone(&settings.keychain),
                ));
                let backend = backend(&http, &authenticator, &registry);
                (name.clone(), (registry.url.clone(), backend))
            })
            .collect();
        let cache = Arc::new(settings.cache.without(http.secrets()));
        Self { registries, cache, http }
    }

    /// A registry by its name in the policy.
    #[must_use]
    pub fn registry(&self, name: &RegistryName) -> Option<&Backend> {
        self.registries.get(name).map(|(_, backend)| backend)
    }

    /// The garbage collection of a registry, if it can be started on demand.
    #[must_use]
    pub fn garbage_collect(&self, name: &RegistryName) -> Option<&dyn GarbageCollect> {
        self.registry(name)?.garbage_collect()
    }

    /// Asks these registries for their time, where no answer of theirs has told it yet.
    pub async fn clocks_ask(&self, names: impl IntoIterator<Item = &RegistryName>) {
        let each = names.into_iter().filter_map(|name| self.registries.get(name));
        join_all(each.map(|(url, _)| self.http.clock_ask(url))).await;
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
/// points, of which a read costs one and a change five.
/// <https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#calculating-points-for-the-secondary-rate-limit>
const DOCR_BUDGET: HostBudget = HostBudget { per_minute: 250, change: 1 };
const GHCR_BUDGET: HostBudget = HostBudget { per_minute: 900, change: 5 };

/// The backend of a registry's kind.
fn backend(
    http: &Arc<Http>,
    authenticator: &Arc<Authenticator>,
    registry: &RegistrySettings,
) -> Backend {
    let oci = || OciRegistry::new(Arc::clone(http), Arc::clone(authenticator), &registry.url);
    let limit = |budget| registry.api_url.iter().for_each(|url| http.limit(url, budget));
    let (http, authenticator) = (Arc::clone(http), Arc::clone(authenticator));
    let managed = match registry.kind {
        RegistryKind::Oci => None,
        RegistryKind::Docr => {
            limit(DOCR_BUDGET);
            DocrRegistry::new(http, authenticator, oci(), registry).map(Backend::Docr)
        }
        RegistryKind::Ghcr => {
            limit(GHCR_BUDGET);
            GhcrRegistry::new(http, authenticator, oci(), registry).map(Backend::Ghcr)
        }
    };
    managed.unwrap_or_else(|| Backend::Oci(oci()))
}
