//! GitHub's container registry: tags, digests and the time of the first push come from the
//! packages API, manifests and content over the OCI API.
//!
//! The packages API takes the token from the registry's variable. Without one the OCI side may
//! still answer, for public packages, and knows no push times.

mod api;
mod diagnose;
mod wire;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::{StreamExt as _, stream};

use super::auth::{Broker, SingleFlight};
use super::error::{ErrorKind, RegistryError};
use super::http::{Call, Http, Reply};
use super::listed::TagSource;
use super::oci::OciRegistry;
use super::{ListedTag, Registry as _, TagListing, management};
use crate::model::{RepositoryPath, TagName};
use crate::policy;

use api::OwnerKind;

/// Pages that are asked for at once.
const PAGES_AT_ONCE: usize = 8;
/// More pages than any real package has; each is a hundred versions.
const MOST_PAGES: usize = 20_000;

/// A connection to the packages of one owner.
pub(crate) struct GhcrRegistry {
    oci: OciRegistry,
    http: Arc<Http>,
    broker: Arc<Broker>,
    api: api::Api,
    owner: SingleFlight<OwnerKind>,
}

impl GhcrRegistry {
    /// A connection, if the policy's registry has what the packages API takes.
    pub(crate) fn new(
        http: Arc<Http>,
        broker: Arc<Broker>,
        oci: OciRegistry,
        registry: &policy::Registry,
    ) -> Option<Self> {
        let api = api::Api::new(registry.api_url.as_ref()?, registry.namespace.as_ref()?);
        Some(Self { oci, http, broker, api, owner: SingleFlight::default() })
    }

    async fn list(&self, repository: &RepositoryPath) -> TagListing {
        let token = match self.broker.api_token().await {
            Ok(Some(token)) => token,
            Ok(None) => return self.oci.tag_list(repository).await,
            Err(error) => return TagListing { tags: Vec::new(), broken: Some(error) },
        };
        let caller = management::Caller { http: &self.http, token };
        let mut seen = Seen::default();
        let broken = self.pages(&caller, repository, &mut seen).await.err();
        TagListing { tags: seen.tags.into_values().collect(), broken }
    }

    /// The first page tells how many there are, and they are asked for at once; what a push adds
    /// meanwhile, or a server that names only the next page, is read page by page.
    async fn pages(
        &self,
        caller: &management::Caller<'_>,
        repository: &RepositoryPath,
        seen: &mut Seen,
    ) -> Result<(), RegistryError> {
        let first = self.page(caller, repository, 1).await?;
        let named = first.last;
        let last = named.unwrap_or(1).max(1);
        if last > MOST_PAGES {
            return Err(management::changed(repository, "no end after 20,000 pages"));
        }
        let mut goes_on = first.goes_on;
        seen.add(first);
        let mut rest = stream::iter(2..=last)
            .map(|page| async move { (page, self.page(caller, repository, page).await) })
            .buffer_unordered(PAGES_AT_ONCE);
        while let Some((number, page)) = rest.next().await {
            let page = page?;
            if page.versions.is_empty() || page.last.is_some_and(|now| Some(now) < named) {
                return Err(management::changed(repository, "it has fewer pages than it said"));
            }
            if number == last {
                goes_on = page.goes_on;
            }
            seen.add(page);
        }
        drop(rest);
        if goes_on { self.one_by_one(caller, repository, last + 1, seen).await } else { Ok(()) }
    }

    async fn one_by_one(
        &self,
        caller: &management::Caller<'_>,
        repository: &RepositoryPath,
        from: usize,
        seen: &mut Seen,
    ) -> Result<(), RegistryError> {
        for page in from..MOST_PAGES {
            let page = self.page(caller, repository, page).await?;
            let goes_on = page.goes_on;
            let new = seen.add(page);
            match (goes_on, new) {
                (false, _) => return Ok(()),
                (true, 0) => break,
                (true, _) => {}
            }
        }
        Err(management::changed(repository, "its pages lead on, but to nothing new"))
    }

    async fn page(
        &self,
        caller: &management::Caller<'_>,
        repository: &RepositoryPath,
        page: usize,
    ) -> Result<wire::Page, RegistryError> {
        let owner = self.owner(caller).await?;
        let call = self.api.versions(owner, repository, page);
        let reply = caller.send(&call).await?;
        match reply.status.as_u16() {
            200 => wire::versions(&call.url, &reply),
            404 => Err(self.not_found(&call, &reply, repository).await),
            _ => Err(self.refused(&call, &reply).await),
        }
    }

    /// Whether the owner is an organisation or a user: their packages have different addresses.
    async fn owner(&self, caller: &management::Caller<'_>) -> Result<OwnerKind, RegistryError> {
        let ask = || async {
            let call = self.api.owner();
            let reply = caller.send(&call).await?;
            match reply.status.as_u16() {
                200 => wire::owner_kind(&call.url, &reply),
                404 => Err(self
                    .refused(&call, &reply)
                    .await
                    .with_hint("no such user or organisation; check `namespace` in the policy")),
                _ => Err(self.refused(&call, &reply).await),
            }
        };
        self.owner.get(|_| true, ask).await
    }

    /// The packages API answers 404 for what the token may not see. If the registry shows the
    /// repository to the same token, then it is a right that is missing.
    async fn not_found(
        &self,
        call: &Call,
        reply: &Reply,
        repository: &RepositoryPath,
    ) -> RegistryError {
        let refused = self.refused(call, reply).await;
        if self.oci.tag_list(repository).await.broken.is_some() {
            return refused.with_hint(
                "check the package's name in the policy, and that the token has read:packages and may see it",
            );
        }
        let message = format!(
            "the token may not list {repository} by the packages API, although the registry shows it"
        );
        RegistryError::new(ErrorKind::Credentials, message).with_status(404).with_hint(
            "give the token read:packages; in GitHub Actions, `permissions: packages: read` and access to the package",
        )
    }

    async fn refused(&self, call: &Call, reply: &Reply) -> RegistryError {
        let origin = self.broker.origin().await;
        management::refused(&call.url, reply, &origin).with_hint(match reply.status.as_u16() {
            401 => "check that the GitHub token is valid and has not expired",
            403 => "give the token read:packages (a classic token: fine-grained ones cannot read packages)",
            _ => "look at githubstatus.com, and try again",
        })
    }
}

/// What the pages have brought so far.
#[derive(Default)]
struct Seen {
    tags: BTreeMap<TagName, ListedTag>,
    versions: HashSet<String>,
}

impl Seen {
    /// Adds a page, and says how many of its versions were new.
    fn add(&mut self, page: wire::Page) -> usize {
        for tag in page.tags {
            management::keep(&mut self.tags, tag);
        }
        let before = self.versions.len();
        self.versions.extend(page.versions);
        self.versions.len() - before
    }
}

impl TagSource for GhcrRegistry {
    fn tag_list<'a>(&'a self, repository: &'a RepositoryPath) -> BoxFuture<'a, TagListing> {
        Box::pin(self.list(repository))
    }
}
