//! Lists tags, through every way of paging that has been seen.
//!
//! `Link` where there is one. Without it, a page that came back exactly full is asked to go on
//! behind its last tag: one server cuts lists at `n` without saying so, another ignores both
//! parameters and repeats itself, so the walk ends when a page brings nothing new.

use std::collections::HashSet;

use super::OciRegistry;
use super::api::{Api, PageRequest};
use super::wire;
use crate::model::{RepositoryPath, TagName};
use crate::registry::auth::Scope;
use crate::registry::error::{ErrorKind, RegistryError};
use crate::registry::http::{Call, Reply, next_page, shown};
use crate::registry::{ListedTag, TagListing};

/// Large pages first, then the size that every registry takes, then no size at all.
const PAGE_SIZES: [Option<usize>; 3] = [Some(1000), Some(100), None];
/// More pages than any real repository has.
const MOST_PAGES: usize = 20_000;

impl OciRegistry {
    /// All tags of a repository, or as many as could be had and why not more.
    pub(super) async fn list(&self, repository: &RepositoryPath) -> TagListing {
        let mut seen = Seen::default();
        let broken = self.walk(repository, &mut seen).await.err();
        TagListing { tags: seen.tags, broken }
    }

    async fn walk(
        &self,
        repository: &RepositoryPath,
        seen: &mut Seen,
    ) -> Result<(), RegistryError> {
        let scope = Scope::pull(repository);
        let (size, mut call, mut reply) = self.first_page(repository, &scope).await?;
        let mut empty = 0;
        for _ in 0..MOST_PAGES {
            let page = wire::tags(&call.url, &reply)?;
            let last = page.last().cloned();
            let count = page.len();
            let new = seen.add(page);
            empty = if count == 0 { empty + 1 } else { 0 };
            call = match next_page(&call.url, &reply.headers)? {
                // An empty page may still lead on, but not for ever.
                Some(_) if new == 0 && (count > 0 || empty > 2) => return Err(goes_round(&call)),
                Some(url) => Api::tags_at(url),
                None if new > 0 && Some(count) == size => {
                    self.api.tags(repository, PageRequest { size, after: last.as_deref() })
                }
                None => return Ok(()),
            };
            reply = self.send(call.clone(), &scope).await?;
            if !reply.status.is_success() {
                return Err(not_listed(&call, &reply));
            }
        }
        let message = format!("{} has no end after {MOST_PAGES} pages", shown(&call.url));
        Err(RegistryError::new(ErrorKind::BadAnswer, message))
    }

    /// Some registries refuse a large `n`, some with 404; a smaller one tells.
    async fn first_page(
        &self,
        repository: &RepositoryPath,
        scope: &Scope,
    ) -> Result<(Option<usize>, Call, Reply), RegistryError> {
        let mut refusal = None;
        for size in PAGE_SIZES {
            let call = self.api.tags(repository, PageRequest { size, after: None });
            let reply = self.send(call.clone(), scope).await?;
            if reply.status.is_success() {
                return Ok((size, call, reply));
            }
            refusal = Some(not_listed(&call, &reply));
        }
        Err(refusal.unwrap_or_else(|| {
            RegistryError::new(ErrorKind::Client, format!("{repository} was not listed"))
        }))
    }
}

fn goes_round(call: &Call) -> RegistryError {
    let message = format!("{} leads on, but to nothing new", shown(&call.url));
    RegistryError::new(ErrorKind::BadAnswer, message)
        .with_hint("the list is incomplete; the registry's administrator can mend its paging")
}

pub(super) fn not_listed(call: &Call, reply: &Reply) -> RegistryError {
    if reply.status.as_u16() != 404 {
        return wire::unexpected(&call.url, reply);
    }
    let message =
        format!("{} answered 404: no such repository, or none that may be seen", shown(&call.url));
    RegistryError::new(ErrorKind::NotFound, message)
        .with_status(404)
        .with_hint("check the repository's name in the policy, and that the token may read it")
}

#[derive(Default)]
struct Seen {
    names: HashSet<Box<str>>,
    tags: Vec<ListedTag>,
}

impl Seen {
    /// Adds a page, and says how much of it was new. What is no tag is counted but not kept.
    fn add(&mut self, page: Vec<String>) -> usize {
        let mut new = 0;
        for name in page {
            if !self.names.insert(name.as_str().into()) {
                continue;
            }
            new += 1;
            if let Ok(tag) = TagName::parse(&name) {
                self.tags.push(ListedTag { tag, digest: None, pushed: None });
            } else {
                tracing::debug!(name = %name.escape_debug(), "a listed name is no tag");
            }
        }
        new
    }
}
