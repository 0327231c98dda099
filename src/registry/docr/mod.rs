//! DigitalOcean's container registry: tags, digests and push times come from its control API,
//! manifests and content over the OCI API.
//!
//! The control API takes the DigitalOcean token from the registry's variable. Without one, the
//! Docker config may still open the OCI side, which knows no push times.

mod api;
mod diagnose;
mod garbage;
mod wire;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::{StreamExt as _, stream};

use super::auth::Broker;
use super::error::RegistryError;
use super::http::{Http, Reply};
use super::listed::TagSource;
use super::management;
use super::oci::OciRegistry;
use super::{ListedTag, Registry as _, TagListing};
use crate::model::{RepositoryPath, TagName};
use crate::policy;

/// Pages that are asked for at once.
const PAGES_AT_ONCE: usize = 8;
/// More pages than any real repository has.
const MOST_PAGES: usize = 20_000;

/// A connection to one DigitalOcean registry.
pub(crate) struct DocrRegistry {
    oci: OciRegistry,
    http: Arc<Http>,
    broker: Arc<Broker>,
    api: api::Api,
}

impl DocrRegistry {
    /// A connection, if the policy's registry has what the control API takes.
    pub(crate) fn new(
        http: Arc<Http>,
        broker: Arc<Broker>,
        oci: OciRegistry,
        registry: &policy::Registry,
    ) -> Option<Self> {
        let api = api::Api::new(registry.api_url.as_ref()?, registry.namespace.as_ref()?);
        Some(Self { oci, http, broker, api })
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

    /// The first page tells how many there are; the others are asked for at once.
    async fn pages(
        &self,
        caller: &management::Caller<'_>,
        repository: &RepositoryPath,
        seen: &mut BTreeMap<TagName, ListedTag>,
    ) -> Result<(), RegistryError> {
        let first = self.page(caller, repository, 1).await?;
        let mut total = first.total;
        let pages = total.div_ceil(api::PAGE).max(1);
        if pages > MOST_PAGES {
            return Err(management::changed(repository, "no end after 20,000 pages"));
        }
        let mut goes_on = first.goes_on;
        let mut listed = first.tags;
        let mut rest = stream::iter(2..=pages)
            .map(|page| async move { (page, self.page(caller, repository, page).await) })
            .buffer_unordered(PAGES_AT_ONCE);
        while let Some((number, page)) = rest.next().await {
            let page = page?;
            if page.tags.is_empty() {
                return Err(management::changed(repository, "a page is empty before the last"));
            }
            if number == pages {
                goes_on = page.goes_on;
            }
            total = total.max(page.total);
            listed.extend(page.tags);
        }
        for tag in listed {
            management::keep(seen, tag);
        }
        // A push while the pages are read moves entries to the next page, where they come twice;
        // a deletion moves them to the page before, where they are missed.
        if seen.len() < total || goes_on {
            let how = format!("{} of {total} tags", seen.len());
            return Err(management::changed(repository, &how));
        }
        Ok(())
    }

    async fn page(
        &self,
        caller: &management::Caller<'_>,
        repository: &RepositoryPath,
        page: usize,
    ) -> Result<wire::Page, RegistryError> {
        let call = self.api.tags(repository, page);
        let reply = caller.send(&call).await?;
        match reply.status.as_u16() {
            200 => wire::tags(&call.url, &reply),
            _ => Err(self.refused(&call.url, &reply).await),
        }
    }

    async fn refused(&self, url: &url::Url, reply: &Reply) -> RegistryError {
        let origin = self.broker.origin().await;
        management::refused(url, reply, &origin).with_hint(match reply.status.as_u16() {
            401 => "check that the DigitalOcean token is valid and has not expired",
            403 => "give the DigitalOcean token the scope registry:read",
            404 => "check `namespace` and the repository's name in the policy",
            412 => "the team has several registries; check `namespace` in the policy",
            _ => "look at status.digitalocean.com, and try again",
        })
    }
}

impl TagSource for DocrRegistry {
    fn tag_list<'a>(&'a self, repository: &'a RepositoryPath) -> BoxFuture<'a, TagListing> {
        Box::pin(self.list(repository))
    }
}
