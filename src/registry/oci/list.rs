//! Lists tags, through every way of paging that has been seen.
//!
//! `Link` where there is one. Without it, a page that came back exactly full is asked to go on
//! behind its last tag: one server cuts lists at `n` without saying so, another ignores both
//! parameters and repeats itself, so the walk ends when a page brings nothing new.
//!
//! A page that begins behind a tag is the right one whatever was pushed or deleted meanwhile. Where
//! the next page is named in another way nothing tells whether it is, so such a list is read twice.
//! A tag that is seen on two pages, or two readings that differ, mean another reading; after three
//! the list is incomplete.

use std::collections::BTreeSet;

use super::OciRegistry;
use super::api::{Api, PageRequest};
use super::wire;
use crate::http::{Call, ErrorKind, Reply, RequestError, next_page, redacted_url};
use crate::model::{RepositoryPath, TagName};
use crate::registry::auth::Scope;
use crate::registry::management::changed;
use crate::registry::{ListedTag, TagListing};

/// Large pages first, then the size that every registry takes, then no size at all.
const PAGE_SIZES: [Option<usize>; 3] = [Some(1000), Some(100), None];
/// More pages than any real repository has.
const MOST_PAGES: usize = 20_000;
/// How often a list that does not fit together is read.
const READINGS: usize = 3;

/// How a reading ended that broke nowhere.
enum ListOutcome {
    /// Every page began behind a tag, or there was one page only.
    Complete,
    /// The pages fit together, but the registry names them in its own way.
    Unproved,
    /// A tag was seen twice.
    Inconsistent(RequestError),
}

impl OciRegistry {
    /// All tags of a repository, or as many as could be had and why not more.
    pub(in crate::registry) async fn tag_list(&self, repository: &RepositoryPath) -> TagListing {
        let mut before: Option<BTreeSet<Box<str>>> = None;
        let mut names = BTreeSet::new();
        let mut why = None;
        for _ in 0..READINGS {
            names = BTreeSet::new();
            match self.walk(repository, &mut names).await {
                Ok(ListOutcome::Complete) => return listing(names, None),
                Ok(ListOutcome::Unproved) if before.as_ref() == Some(&names) => {
                    return listing(names, None);
                }
                Ok(ListOutcome::Unproved) => {
                    why = Some(changed(repository, "two readings of it differ"));
                    before = Some(names.clone());
                }
                Ok(ListOutcome::Inconsistent(error)) => why = Some(error),
                Err(error) => return listing(names, Some(error)),
            }
        }
        listing(names, why)
    }

    async fn walk(
        &self,
        repository: &RepositoryPath,
        names: &mut BTreeSet<Box<str>>,
    ) -> Result<ListOutcome, RequestError> {
        let scope = Scope::pull(repository);
        let (size, mut call, mut reply) = self.first_page(repository, &scope).await?;
        let (mut empty, mut proved) = (0, true);
        // Without a `Link` the page is asked for by its last tag, with which some servers begin.
        let mut asked_behind: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut page = wire::tags(&call.url, repository, &reply)?;
            let count = page.len();
            let last = page.last().cloned();
            if asked_behind.is_some() && page.first() == asked_behind.as_ref() {
                page.remove(0);
            }
            let (new, twice) = add(names, page);
            empty = if count == 0 { empty + 1 } else { 0 };
            let next = next_page(&call.url, &reply.headers)?;
            match (&next, twice) {
                // An empty page may still lead on, but not for ever.
                (Some(_), None) if new == 0 && (count > 0 || empty > 2) => {
                    return Err(endless_listing(&call));
                }
                (Some(_), Some(_)) if new == 0 => {
                    return Ok(ListOutcome::Inconsistent(endless_listing(&call)));
                }
                (_, Some(tag)) if new > 0 || asked_behind.is_none() => {
                    let how = format!("{} is on two pages", tag.escape_debug());
                    return Ok(ListOutcome::Inconsistent(changed(repository, &how)));
                }
                _ => {}
            }
            call = match next {
                Some(url) => {
                    proved &= starts_after(&url, last.as_deref());
                    asked_behind = None;
                    Api::tags_at(url)
                }
                None if new > 0 && Some(count) == size => {
                    let call =
                        self.api.tags(repository, PageRequest { size, after: last.as_deref() });
                    asked_behind = last;
                    call
                }
                None if proved => return Ok(ListOutcome::Complete),
                None => return Ok(ListOutcome::Unproved),
            };
            reply = self.send(call.clone(), &scope).await?;
            if !reply.status.is_success() {
                return Err(not_listed(&call, &reply));
            }
        }
        let message = format!("{} has no end after {MOST_PAGES} pages", redacted_url(&call.url));
        Err(RequestError::new(ErrorKind::BadAnswer, message))
    }

    /// Some registries refuse a large `n`, some with 404; a smaller one tells.
    async fn first_page(
        &self,
        repository: &RepositoryPath,
        scope: &Scope,
    ) -> Result<(Option<usize>, Call, Reply), RequestError> {
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
            RequestError::new(ErrorKind::Client, format!("{repository} was not listed"))
        }))
    }
}

/// Whether a page is named by the last tag of the one before.
fn starts_after(next: &url::Url, last: Option<&str>) -> bool {
    last.is_some()
        && next.query_pairs().any(|(name, value)| name == "last" && Some(&*value) == last)
}

fn endless_listing(call: &Call) -> RequestError {
    let message = format!("{} leads on, but to nothing new", redacted_url(&call.url));
    RequestError::new(ErrorKind::BadAnswer, message)
        .with_hint("the list is incomplete; the registry's administrator can mend its paging")
}

pub(super) fn not_listed(call: &Call, reply: &Reply) -> RequestError {
    if reply.status.as_u16() != 404 {
        return wire::unexpected(&call.url, reply);
    }
    let message = format!(
        "{} answered 404: no such repository, or none that may be seen",
        redacted_url(&call.url)
    );
    RequestError::new(ErrorKind::NotFound, message)
        .with_status(404)
        .with_hint("check the repository's name in the policy, and that the token may read it")
}

/// Adds a page; says how much of it was new, and what was there already.
fn add(names: &mut BTreeSet<Box<str>>, page: Vec<String>) -> (usize, Option<String>) {
    let (mut new, mut twice) = (0, None);
    let on_page: BTreeSet<String> = page.into_iter().collect();
    for name in on_page {
        if names.contains(name.as_str()) {
            twice = Some(name);
        } else {
            new += 1;
            names.insert(name.into());
        }
    }
    (new, twice)
}

/// The listed tags. What is no tag is not kept.
fn listing(names: BTreeSet<Box<str>>, broken: Option<RequestError>) -> TagListing {
    let tag = |name: Box<str>| {
        let tag = TagName::parse(&name).ok();
        if tag.is_none() {
            tracing::debug!(name = %name.escape_debug(), "a listed name is no tag");
        }
        Some(ListedTag { tag: tag?, digest: None, pushed: None })
    };
    let tags = names.into_iter().filter_map(tag).collect();
    TagListing { tags, contradictions: Vec::new(), broken }
}
