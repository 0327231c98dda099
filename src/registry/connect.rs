//! From a policy to registries that can be asked; the only file that names all backends.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;

use super::auth::Authenticator;
use super::cache::ContentCache;
use super::credential::Keychain;
use super::docr::DocrRegistry;
use super::ghcr::GhcrRegistry;
use super::managed::{ManagedRegistry, TagSource};
use super::oci::OciRegistry;
use super::{
    Delete, Diagnose, GarbageCollect, ManifestList, MemoryRegistry, OciPush, ReferrerList,
    Registry, Restore,
};
use crate::http::{HostBudget, Http, TransportSettings};
use crate::model::{PushTimes, RegistryName};
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
    keychain: Arc<dyn Keychain>,
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
                (name.clone(), backend)
            })
            .collect();
        let keychain = settings.keychain;
        let cache = Arc::new(settings.cache.without(http.secrets()));
        Self { registries, cache, http, keychain }
    }

    /// The same connections with a registry in memory in place of one of the policy, for rehearsals
    /// and tests. It is filled by [`MemoryRegistry::push`]; nothing is sent to the one that it
    /// stands for. A name that the policy has not changes nothing.
    #[must_use]
    pub fn with_memory(mut self, name: &RegistryName, memory: &Arc<MemoryRegistry>) -> Self {
        if let Some(backend) = self.registries.get_mut(name) {
            *backend = Backend {
                manifest_list: Some(memory.clone()),
                push_times: PushTimes::OfTags,
                referrer_list: Some(memory.clone()),
                delete: Some(memory.clone()),
                ..Backend::new(memory.clone(), memory.clone(), None)
            };
        }
        self
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

    /// The same registry, if it lists manifests.
    #[must_use]
    pub fn manifest_list(&self, name: &RegistryName) -> Option<&Arc<dyn ManifestList>> {
        self.registries.get(name)?.manifest_list.as_ref()
    }

    /// The OCI side of a registry whose tags are listed by a management API: its own list of tags is
    /// asked where that API tells of none.
    #[must_use]
    pub fn oci_tags(&self, name: &RegistryName) -> Option<&Arc<dyn Registry>> {
        self.registries.get(name)?.oci_tags.as_ref()
    }

    /// What the push times that its management API lists belong to.
    #[must_use]
    pub fn push_times(&self, name: &RegistryName) -> PushTimes {
        self.registries.get(name).map_or(PushTimes::Unknown, |backend| backend.push_times)
    }

    /// The same registry, if it can be asked for referrers.
    #[must_use]
    pub fn referrer_list(&self, name: &RegistryName) -> Option<&Arc<dyn ReferrerList>> {
        self.registries.get(name)?.referrer_list.as_ref()
    }

    /// The same registry, to delete from.
    #[must_use]
    pub fn delete(&self, name: &RegistryName) -> Option<&Arc<dyn Delete>> {
        self.registries.get(name)?.delete.as_ref()
    }

    /// The same registry, if it brings back what was deleted.
    #[must_use]
    pub fn restore(&self, name: &RegistryName) -> Option<&Arc<dyn Restore>> {
        self.registries.get(name)?.restore.as_ref()
    }

    /// The same registry, to push to; none when the policy has no such registry, or it is one in
    /// memory.
    #[must_use]
    pub fn push(&self, name: &RegistryName) -> Option<OciPush> {
        let settings = self.registries.get(name)?.settings.as_ref()?;
        let (http, keychain) = (Arc::clone(&self.http), Arc::clone(&self.keychain));
        Some(OciPush::new(http, Arc::clone(settings), keychain))
    }

    /// Asks these registries for their time, where no answer of theirs has told it yet.
    pub async fn clocks_ask(&self, names: impl IntoIterator<Item = &RegistryName>) {
        let each =
            names.into_iter().filter_map(|name| self.registries.get(name)?.settings.as_ref());
        join_all(each.map(|settings| self.http.clock_ask(&settings.url))).await;
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

/// One backend, by all that it can do.
struct Backend {
    registry: Arc<dyn Registry>,
    diagnose: Arc<dyn Diagnose>,
    /// Where it can be pushed to.
    settings: Option<Arc<policy::RegistrySettings>>,
    garbage_collect: Option<Arc<dyn GarbageCollect>>,
    manifest_list: Option<Arc<dyn ManifestList>>,
    push_times: PushTimes,
    referrer_list: Option<Arc<dyn ReferrerList>>,
    oci_tags: Option<Arc<dyn Registry>>,
    delete: Option<Arc<dyn Delete>>,
    restore: Option<Arc<dyn Restore>>,
}

impl Backend {
    /// A backend that can be read and examined.
    fn new(
        registry: Arc<dyn Registry>,
        diagnose: Arc<dyn Diagnose>,
        settings: Option<&Arc<policy::RegistrySettings>>,
    ) -> Self {
        Self {
            registry,
            diagnose,
            settings: settings.map(Arc::clone),
            garbage_collect: None,
            manifest_list: None,
            push_times: PushTimes::Unknown,
            referrer_list: None,
            oci_tags: None,
            delete: None,
            restore: None,
        }
    }
}

/// The backend of a registry's kind.
fn backend(
    http: &Arc<Http>,
    authenticator: &Arc<Authenticator>,
    registry: &Arc<policy::RegistrySettings>,
) -> Backend {
    let oci = || OciRegistry::new(Arc::clone(http), Arc::clone(authenticator), &registry.url);
    if let Some(url) = &registry.api_url {
        let docr = registry.kind == RegistryKind::Docr;
        http.limit(url, if docr { DOCR_BUDGET } else { GHCR_BUDGET });
    }
    let (http, authenticator) = (Arc::clone(http), Arc::clone(authenticator));
    let listed = |tags: Arc<dyn TagSource>| Arc::new(ManagedRegistry { oci: oci(), tags });
    let special = match registry.kind {
        RegistryKind::Docr => DocrRegistry::new(http, authenticator, oci(), registry).map(|docr| {
            let docr = Arc::new(docr);
            let backend = Backend::new(listed(docr.clone()), docr.clone(), Some(registry));
            Backend {
                garbage_collect: Some(docr.clone()),
                manifest_list: Some(docr.clone()),
                oci_tags: Some(Arc::new(oci())),
                push_times: PushTimes::OfTags,
                delete: Some(docr),
                ..backend
            }
        }),
        RegistryKind::Ghcr => GhcrRegistry::new(http, authenticator, oci(), registry).map(|ghcr| {
            let ghcr = Arc::new(ghcr);
            let backend = Backend::new(listed(ghcr.clone()), ghcr.clone(), Some(registry));
            Backend {
                manifest_list: Some(ghcr.clone()),
                oci_tags: Some(Arc::new(oci())),
                push_times: PushTimes::OfDigests,
                delete: Some(ghcr.clone()),
                restore: Some(ghcr),
                ..backend
            }
        }),
        RegistryKind::Oci => None,
    };
    special.unwrap_or_else(|| {
        let oci = Arc::new(oci());
        let backend = Backend::new(oci.clone(), oci.clone(), Some(registry));
        Backend { referrer_list: Some(oci.clone()), delete: Some(oci), ..backend }
    })
}
