//! DigitalOcean's garbage collection, and the repositories that it works on.
//!
//! The requests to start and to cancel are sent once: without an answer, the state of the collection
//! is read instead of sending them again.

use std::collections::BTreeSet;

use super::api::PageAfter;
use super::{DocrRegistry, api, wire};
use crate::http::{Call, ErrorKind, Reply, RequestError};
use crate::model::{Collection, CollectionKind, RepositoryPath};
use crate::registry::{GarbageCollect, PushError};

/// More pages than any account has.
const MOST_PAGES: usize = 1_000;

/// The scopes that a token needs to read the state of collections, and to start or cancel one.
const READ: &str = "registry:read";
const UPDATE: &str = "registry:update";

impl DocrRegistry {
    /// Sends a call that must succeed; `scope` is named as the next step if it is forbidden.
    async fn send_for_success(&self, call: &Call, scope: &str) -> Result<Reply, RequestError> {
        let reply = self.client("garbage collection").await?.send(call).await?;
        if reply.status.is_success() {
            return Ok(reply);
        }
        let error = self.refused(&call.url, &reply).await;
        Err(match reply.status.as_u16() {
            403 => error.with_hint(format!("give the DigitalOcean token the scope {scope}")),
            _ => error,
        })
    }
}

impl GarbageCollect for DocrRegistry {
    /// 404 means that no collection is running, or that there is no such registry. The list of past
    /// collections, which every registry has, shows which.
    async fn collection_active(&self) -> Result<Option<Collection>, RequestError> {
        let call = self.api.collection_active();
        let reply = self.client("garbage collection").await?.send(&call).await?;
        match reply.status.as_u16() {
            200 => wire::collection(&call.url, &reply).map(Some),
            404 => self.send_for_success(&self.api.collections(1), READ).await.map(|_| None),
            _ => Err(self.refused(&call.url, &reply).await),
        }
    }

    async fn collection_find(&self, id: &str) -> Result<Option<Collection>, RequestError> {
        for page in 1..MOST_PAGES {
            let call = self.api.collections(page);
            let reply = self.send_for_success(&call, READ).await?;
            let (collections, count) = wire::collections(&call.url, &reply)?;
            let is_last = count < api::PAGE;
            let found = collections.into_iter().find(|collection| collection.id == id);
            if found.is_some() || is_last {
                return Ok(found);
            }
        }
        Ok(None)
    }

    async fn collection_start(&self, kind: CollectionKind) -> Result<Collection, RequestError> {
        let call = self.api.collection_start(kind);
        wire::collection(&call.url, &self.send_for_success(&call, UPDATE).await?)
    }

    async fn collection_cancel(&self, id: &str) -> Result<Collection, RequestError> {
        let call = self.api.collection_cancel(id);
        wire::collection(&call.url, &self.send_for_success(&call, UPDATE).await?)
    }

    async fn repository_list(&self) -> Result<Vec<RepositoryPath>, RequestError> {
        self.client("listing repositories").await?;
        let (mut names, mut pages) = (BTreeSet::new(), Vec::new());
        let mut total = None;
        let mut next = PageAfter { page: "1".to_owned(), token: None };
        loop {
            let call = self.api.repositories(&next);
            let reply = self.send_for_success(&call, READ).await?;
            let page = wire::repositories(&call.url, &reply)?;
            names.extend(page.names);
            pages.push(next);
            // Then entries may have moved between two pages, and been missed.
            if *total.get_or_insert(page.total) != page.total {
                return Err(incomplete("its total changed meanwhile"));
            }
            match page.next {
                Some(after) if pages.len() < MOST_PAGES && !pages.contains(&after) => next = after,
                Some(_) => return Err(incomplete("its pages repeat, or there are too many")),
                None if names.len() < page.total => {
                    return Err(incomplete(&format!("{} of {} listed", names.len(), page.total)));
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
        match self.collection_active().await {
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
    let message = format!("the list of repositories could not be read completely: {why}");
    RequestError::new(ErrorKind::BadAnswer, message).with_hint("try again")
}
