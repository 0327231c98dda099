//! The connections of a policy: one backend for each registry, over one transport.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;
use url::Url;

use super::Backend;
use super::auth::Authenticator;
use super::cache::ContentCache;
use super::credential::Keychain;
use crate::http::{Http, TransportSettings};
use crate::model::RegistryName;
use crate::policy::Policy;

/// The settings of the connections.
pub struct ConnectSettings {
    /// Timeouts and limits.
    pub transport: TransportSettings,
    /// Where credentials come from.
    pub keychain: Keychain,
    /// The cache of content.
    pub cache: ContentCache,
}

/// The connections to the registries of a policy.
pub struct Connections {
    /// Each with its URL.
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
                let backend = Backend::connect(&http, &authenticator, &registry);
                (name.clone(), (registry.url.clone(), backend))
            })
            .collect();
        let cache = Arc::new(settings.cache.excluding(http.secrets()));
        Self { registries, cache, http }
    }

    /// A registry by its name in the policy.
    #[must_use]
    pub fn registry(&self, name: &RegistryName) -> Option<&Backend> {
        self.registries.get(name).map(|(_, backend)| backend)
    }

    /// Reads the clocks of these registries, unless an earlier answer contained the time.
    pub async fn read_server_clocks(&self, names: impl IntoIterator<Item = &RegistryName>) {
        let each = names.into_iter().filter_map(|name| self.registries.get(name));
        join_all(each.map(|(url, _)| self.http.read_server_clock(url))).await;
    }

    /// The cache of content.
    #[must_use]
    pub fn cache(&self) -> &Arc<ContentCache> {
        &self.cache
    }

    /// The transport of all connections, with its counters.
    #[must_use]
    pub fn http(&self) -> &Arc<Http> {
        &self.http
    }
}
