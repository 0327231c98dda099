//! DigitalOcean's garbage collection, and the repositories that it reaches.
//!
//! Starting and cancelling are sent once: what became of a request without an answer is asked for,
//! not tried again.

use std::collections::BTreeSet;

use futures_util::future::BoxFuture;

use super::api::PageAfter;
use super::{DocrRegistry, api, wire};
use crate::http::{Call, ErrorKind, Reply, RequestError};
use crate::model::{Collection, CollectionKind, RepositoryPath};
use crate::registry::{GarbageCollect, PushError};

/// More pages than any account has.
const MOST_PAGES: usize = 1_000;

impl DocrRegistry {
    /// An answer that says yes; `scope` is the right that a refusal is about.
    async fn agreed(&self, call: &Call, scope: &str) -> Result<Reply, RequestError> {
        let reply = self.caller("garbage collection").await?.send(call).await?;
        if reply.status.is_success() {
            return Ok(reply);
        }
        let error = self.refused(&call.url, &reply).await;
        Err(match reply.status.as_u16() {
            403 => error.with_hint(format!("give the DigitalOcean token the scope {scope}")),
            _ => error,
        })
    }

    /// 404 means that no collection goes on, or that there is no such registry: the list of past
    /// ones, which every registry has, tells the two apart.
    async fn active(&self) -> Result<Option<Collection>, RequestError> {
        let call = self.api.collection_active();
        let reply = self.caller("garbage collection").await?.send(&call).await?;
        match reply.status.as_u16() {
            200 => wire::collection(&call.url, &reply).map(Some),
            404 => self.agreed(&self.api.collections(1), "registry:read").await.map(|_| None),
            _ => Err(self.refused(&call.url, &reply).await),
        }
    }

    async fn find(&self, id: &str) -> Result<Option<Collection>, RequestError> {
        for page in 1..MOST_PAGES {
            let call = self.api.collections(page);
            let reply = self.agreed(&call, "registry:read").await?;
            let (collections, count) = wire::collections(&call.url, &reply)?;
            let is_last = count < api::PAGE;
            let found = collections.into_iter().find(|collection| collection.id == id);
            if found.is_some() || is_last {
                return Ok(found);
            }
        }
        Ok(None)
    }

    async fn repositories(&self) -> Result<Vec<RepositoryPath>, RequestError> {
        let (mut names, mut pages) = (BTreeSet::new(), Vec::new());
        let mut next = PageAfter { page: "1".to_owned(), token: None };
        loop {
            let call = self.api.repositories(&next);
            let reply = self.agreed(&call, "registry:read").await?;
            let page = wire::repositories(&call.url, &reply)?;
            names.extend(page.names);
            pages.push(next);
            match page.next {
                Some(after) if pages.len() < MOST_PAGES && !pages.contains(&after) => next = after,
                Some(_) => return Err(incomplete("its pages lead round and round")),
                None if names.len() < page.total => {
                    return Err(incomplete(&format!("{} of {}", names.len(), page.total)));
                }
                None => break,
            }
        }
        Ok(names.iter().map(|name| name.below(Some(self.api.registry()))).collect())
    }
}

impl DocrRegistry {
    /// A refused push: the registry is read-only while it collects garbage, and gives no tokens to
    /// push until that has ended.
    pub(in crate::registry) async fn push_failed(&self, error: PushError) -> PushError {
        match self.active().await {
            Ok(Some(collection)) => {
                let target = self.api.registry().to_string();
                let reason = format!(
                    "the registry is read-only while it collects garbage ({}); try again when that has ended, or see `tags gc`",
                    collection.state
                );
                PushError::ReadOnly { target, reason }
            }
            _ => error,
        }
    }
}

fn incomplete(why: &str) -> RequestError {
    let message = format!("the list of repositories could not be read to its end: {why}");
    RequestError::new(ErrorKind::BadAnswer, message).with_hint("try again")
}

impl GarbageCollect for DocrRegistry {
    fn collection_active(&self) -> BoxFuture<'_, Result<Option<Collection>, RequestError>> {
        Box::pin(self.active())
    }

    fn collection_find<'a>(
        &'a self,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Collection>, RequestError>> {
        Box::pin(self.find(id))
    }

    fn collection_start(
        &self,
        kind: CollectionKind,
    ) -> BoxFuture<'_, Result<Collection, RequestError>> {
        Box::pin(async move {
            let call = self.api.collection_start(kind);
            wire::collection(&call.url, &self.agreed(&call, "registry:update").await?)
        })
    }

    fn collection_cancel<'a>(
        &'a self,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Collection, RequestError>> {
        Box::pin(async move {
            let call = self.api.collection_cancel(id);
            wire::collection(&call.url, &self.agreed(&call, "registry:update").await?)
        })
    }

    fn repository_list(&self) -> BoxFuture<'_, Result<Vec<RepositoryPath>, RequestError>> {
        Box::pin(self.repositories())
    }
}
