//! GitHub's container registry: tags, digests and the time of the first push come from the
//! packages API, manifests and content over the OCI API.
//!
//! The packages API takes the token from the registry's variable. Without one the OCI side may
//! still answer, for public packages, and knows no push times.

mod api;
mod diagnose;
mod wire;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::{StreamExt as _, stream};

use super::auth::{Broker, SingleFlight};
use super::error::{ErrorKind, RegistryError};
use super::http::{Call, Http, Reply, next_page};
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
        let mut seen = BTreeMap::new();
        let broken = self.pages(&caller, repository, &mut seen).await.err();
        TagListing { tags: seen.into_values().collect(), broken }
    }

    async fn pages(
        &self,
        caller: &management::Caller<'_>,
        repository: &RepositoryPath,
        seen: &mut BTreeMap<TagName, ListedTag>,
    ) -> Result<(), RegistryError> {
        let owner = self.owner(caller).await?;
        let call = self.api.versions(owner, repository, 1);
        let first = self.page(caller, repository, &call).await?;
        let last = wire::last_page(&first).unwrap_or(1);
        if last > MOST_PAGES {
            let message = format!("{repository} has no end after {MOST_PAGES} pages");
            return Err(RegistryError::new(ErrorKind::BadAnswer, message));
        }
        let goes_on = next_page(&call.url, &first.headers)?.is_some();
        keep(seen, wire::versions(&call.url, &first)?);
        if last == 1 && goes_on {
            return self.one_by_one(caller, repository, seen).await;
        }
        let mut rest = stream::iter(2..=last)
            .map(|page| async move {
                let call = self.api.versions(owner, repository, page);
                let reply = self.page(caller, repository, &call).await?;
                wire::versions(&call.url, &reply)
            })
            .buffer_unordered(PAGES_AT_ONCE);
        while let Some(page) = rest.next().await {
            keep(seen, page?);
        }
        Ok(())
    }

    /// Where the server names only the next page, not the last.
    async fn one_by_one(
        &self,
        caller: &management::Caller<'_>,
        repository: &RepositoryPath,
        seen: &mut BTreeMap<TagName, ListedTag>,
    ) -> Result<(), RegistryError> {
        let owner = self.owner(caller).await?;
        for page in 2..MOST_PAGES {
            let call = self.api.versions(owner, repository, page);
            let reply = self.page(caller, repository, &call).await?;
            keep(seen, wire::versions(&call.url, &reply)?);
            if next_page(&call.url, &reply.headers)?.is_none() {
                break;
            }
        }
        Ok(())
    }

    async fn page(
        &self,
        caller: &management::Caller<'_>,
        repository: &RepositoryPath,
        call: &Call,
    ) -> Result<Reply, RegistryError> {
        let reply = caller.send(call).await?;
        match reply.status.as_u16() {
            200 => Ok(reply),
            404 => Err(self.not_found(call, &reply, repository).await),
            _ => Err(self.refused(call, &reply).await),
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

fn keep(seen: &mut BTreeMap<TagName, ListedTag>, page: Vec<ListedTag>) {
    for tag in page {
        seen.insert(tag.tag.clone(), tag);
    }
}

impl TagSource for GhcrRegistry {
    fn tag_list<'a>(&'a self, repository: &'a RepositoryPath) -> BoxFuture<'a, TagListing> {
        Box::pin(self.list(repository))
    }
}
