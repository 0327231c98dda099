//! Lists tags, with every kind of paging that registries were seen to use.
//!
//! The next page is at the `Link`, if there is one. Without it, if a page is full, the page after its last
//! tag is requested: one server cuts lists at `n` without a `Link`. Another server ignores both parameters
//! and repeats the list, so the reading ends when a page contains nothing new.
//!
//! A page after a given tag is correct even if tags are pushed or deleted meanwhile. If the registry names
//! its pages in another way, that is unknown, so the list is read twice. If a tag is on two pages, or two
//! readings differ, the list is read again; after three readings it counts as incomplete.

use std::collections::BTreeSet;

use super::OciRegistry;
use super::api::{Api, PageRequest};
use super::wire;
use crate::http::{Call, ErrorKind, Reply, RequestError, next_page, redacted_url};
use crate::model::{RepositoryPath, TagName};
use crate::registry::auth::Scope;
use crate::registry::management::changed;
use crate::registry::{ListedTag, TagListing};

/// The page sizes to try: a large one, one that every registry accepts, the registry's default.
const PAGE_SIZES: [Option<usize>; 3] = [Some(1000), Some(100), None];
/// More pages than any real repository has.
const MOST_PAGES: usize = 20_000;
/// How often an inconsistent list is read.
const READINGS: usize = 3;

/// The result of a reading without a failed request.
enum ListOutcome {
    /// It is complete: every page began after a tag, or there was only one page.
    Complete,
    /// The pages are consistent, but the registry names them in its own way.
    Unproved,
    /// A tag is on two pages.
    Inconsistent(RequestError),
}

impl OciRegistry {
    /// All tags of a repository, or those that could be read with the reason why not more.
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
        // Without a `Link` the page after the last tag is requested; some servers begin it with that tag.
        let mut requested_after: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut page = wire::tags(&call.url, repository, &reply)?;
            let count = page.len();
            let last = page.last().cloned();
            if requested_after.is_some() && page.first() == requested_after.as_ref() {
                page.remove(0);
            }
            let (new, twice) = add(names, page);
            empty = if count == 0 { empty + 1 } else { 0 };
            let next = next_page(&call.url, &reply.headers)?;
            match (&next, twice) {
                // An empty page may be followed by another one, but not endlessly.
                (Some(_), None) if new == 0 && (count > 0 || empty > 2) => {
                    return Err(endless_listing(&call));
                }
                (Some(_), Some(_)) if new == 0 => {
                    return Ok(ListOutcome::Inconsistent(endless_listing(&call)));
                }
                (_, Some(tag)) if new > 0 || requested_after.is_none() => {
                    let how = format!("{} is on two pages", tag.escape_debug());
                    return Ok(ListOutcome::Inconsistent(changed(repository, &how)));
                }
                _ => {}
            }
            call = match next {
                Some(url) => {
                    proved &= starts_after(&url, last.as_deref());
                    requested_after = None;
                    Api::tags_at(url)
                }
                None if new > 0 && Some(count) == size => {
                    let call =
                        self.api.tags(repository, PageRequest { size, after: last.as_deref() });
                    requested_after = last;
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

    /// Reads the first page. Some registries refuse a large `n`, some with 404; then a smaller one is tried.
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

/// Whether a page begins after the last tag of the previous one.
fn starts_after(next: &url::Url, last: Option<&str>) -> bool {
    last.is_some()
        && next.query_pairs().any(|(name, value)| name == "last" && Some(&*value) == last)
}

/// The error of a listing whose next page contains nothing new.
pub(super) fn endless_listing(call: &Call) -> RequestError {
    let message =
        format!("{} links to a next page that contains nothing new", redacted_url(&call.url));
    RequestError::new(ErrorKind::BadAnswer, message).with_hint(
        "the list may be incomplete; the registry's administrator can correct its paging",
    )
}

pub(super) fn not_listed(call: &Call, reply: &Reply) -> RequestError {
    if reply.status.as_u16() != 404 {
        return wire::unexpected(&call.url, reply);
    }
    let message = format!(
        "{} answered 404: the repository does not exist, or the token has no right to see it",
        redacted_url(&call.url)
    );
    RequestError::new(ErrorKind::NotFound, message)
        .with_status(404)
        .with_hint("check the repository's name in the policy, and that the token may read it")
}

/// Adds a page. Returns how many tags are new, and a tag that was known already.
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

/// The listed tags; invalid names are left out.
fn listing(names: BTreeSet<Box<str>>, broken: Option<RequestError>) -> TagListing {
    let tag = |name: Box<str>| {
        let tag = TagName::parse(&name).ok();
        if tag.is_none() {
            tracing::debug!(name = %name.escape_debug(), "a listed name is not a valid tag");
        }
        Some(ListedTag { tag: tag?, digest: None, pushed: None })
    };
    let tags = names.into_iter().filter_map(tag).collect();
    TagListing { tags, contradictions: Vec::new(), broken }
}
