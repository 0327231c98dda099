//! Lists the repositories of a registry by its catalog, page by page.
//!
//! The catalog is not in the OCI specification, and many registries have none:
//! <https://distribution.github.io/distribution/spec/api/#listing-repositories>.

use std::collections::BTreeSet;

use super::api::{Api, PageRequest};
use super::list::endless_listing;
use super::{OciRegistry, wire};
use crate::http::{Call, ErrorKind, Reply, RequestError, next_page, redacted_url};
use crate::model::RepositoryPath;
use crate::registry::auth::Scope;

/// The page size to request. A registry that allows less answers with less and a `Link`.
const PAGE: usize = 1000;
/// More pages than any real registry has.
const MOST_PAGES: usize = 20_000;
/// What to do where there is no catalog.
const NO_CATALOG: &str = "this registry may not list its repositories, or only to administrators; name the repositories in the policy, or read the workflows with `tags init`";

impl OciRegistry {
    /// Every repository.
    pub(in crate::registry) async fn repository_list(
        &self,
    ) -> Result<Vec<RepositoryPath>, RequestError> {
        let mut names = BTreeSet::new();
        let mut call = self.api.catalog(PageRequest { size: Some(PAGE), after: None });
        for _ in 0..MOST_PAGES {
            let reply = self.catalog_page(&call).await?;
            let page = wire::repositories(&call.url, &reply)?;
            let (count, before) = (page.len(), names.len());
            names.extend(page);
            let has_new = names.len() > before;
            call = match next_page(&call.url, &reply.headers)? {
                Some(_) if !has_new => return Err(endless_listing(&call)),
                Some(url) => Api::tags_at(url),
                // Some servers cut lists without a `Link`, also to fewer than were asked for.
                None if count > 0 && has_new => {
                    let after = names.last().map(RepositoryPath::as_str);
                    self.api.catalog(PageRequest { size: Some(PAGE), after })
                }
                None => return Ok(names.into_iter().collect()),
            };
        }
        let message = format!("{} has no end after {MOST_PAGES} pages", redacted_url(&call.url));
        Err(RequestError::new(ErrorKind::BadAnswer, message))
    }

    async fn catalog_page(&self, call: &Call) -> Result<Reply, RequestError> {
        let scope = Scope::catalog();
        let sent = self.send(call.clone(), &scope).await;
        let reply = sent.map_err(|error| match error.kind() {
            ErrorKind::Credentials => error.with_hint(NO_CATALOG),
            _ => error,
        })?;
        match reply.status.as_u16() {
            200 => Ok(reply),
            404 | 405 => Err(wire::unexpected(&call.url, &reply).with_hint(NO_CATALOG)),
            _ => Err(wire::unexpected(&call.url, &reply)),
        }
    }
}
