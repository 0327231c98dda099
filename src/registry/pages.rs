//! Reads listings whose pages are numbered, so that no entry is missed between two pages.
//!
//! A push during the reading moves entries to the next page, where they are seen twice. A deletion moves
//! them to the previous page, where they are missed without notice. So a reading is accepted only if the
//! number of entries did not change: some servers state the total on each page; with others the last page
//! is read before and again after the pages between. The first page is always read again at the end. An
//! inconsistent listing is read again, page by page; after three readings it counts as incomplete.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use futures_util::{StreamExt as _, stream};

use super::management::changed;
use crate::http::RequestError;
use crate::model::RepositoryPath;

/// How many pages are requested at once in the first reading.
const PAGES_AT_ONCE: usize = 8;
/// More pages than any real repository has.
const MOST_PAGES: usize = 20_000;
/// How often an inconsistent listing is read.
const READINGS: usize = 3;

/// A page of a listing.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) entries: Vec<T>,
    /// How many entries there are on all pages, if the server states it.
    pub(super) total: Option<usize>,
    /// The number of the last page, if the server states it.
    pub(super) last: Option<usize>,
    /// Whether another page follows.
    pub(super) has_next: bool,
}

/// A listing with numbered pages.
pub(super) trait Paged: Sync {
    type Entry: Clone + PartialEq + Send + Sync;
    /// Identifies an entry, to notice one that is listed twice.
    type Key: Ord + Display + Send;
    /// The plural of the entries, for messages.
    const WORD: &'static str;
    /// How many entries a page has, except the last one.
    const SIZE: usize;

    fn repository(&self) -> &RepositoryPath;

    fn page(
        &self,
        number: usize,
    ) -> impl Future<Output = Result<Page<Self::Entry>, RequestError>> + Send;

    fn key(entry: &Self::Entry) -> Self::Key;
}

/// All entries, or those that could be read with the reason why not more.
pub(super) async fn read<P: Paged>(list: &P) -> (Vec<P::Entry>, Option<RequestError>) {
    let mut before: Option<Vec<P::Entry>> = None;
    let mut listed = Vec::new();
    let mut why = String::new();
    for number in 0..READINGS {
        let mut reading = PagedReading { list, pages: BTreeMap::new(), seen: BTreeSet::new() };
        let order = if number == 0 { PageOrder::Parallel } else { PageOrder::Sequential };
        let end = reading.read(order).await;
        let entries = reading.entries();
        match end {
            Ok(Completeness::Proved) => return (entries, None),
            // The number of entries is not known, but two equal readings also prove completeness.
            Ok(Completeness::Unproved(_)) if before.as_ref() == Some(&entries) => {
                return (entries, None);
            }
            Ok(Completeness::Unproved(how)) => {
                before = Some(entries.clone());
                why = how;
            }
            Err(ReadFailure::Inconsistent(how)) => why = how,
            Err(ReadFailure::Request(error)) => return (entries, Some(error)),
        }
        listed = entries;
    }
    let how = format!("{why}; it was read {READINGS} times");
    (listed, Some(changed(list.repository(), &how)))
}

/// How pages are requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PageOrder {
    /// Several at once.
    Parallel,
    /// One after the other.
    Sequential,
}

/// Whether a reading is known to be complete.
enum Completeness {
    /// It is: the number of entries was the same before and after.
    Proved,
    /// Its pages are consistent, but nothing shows that there are no more; with an explanation.
    Unproved(String),
}

/// Why a reading is not accepted.
enum ReadFailure {
    /// Its pages are inconsistent. Another reading may succeed.
    Inconsistent(String),
    /// A page could not be read.
    Request(RequestError),
}

impl From<RequestError> for ReadFailure {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

fn inconsistent<T>(how: impl Into<String>) -> Result<T, ReadFailure> {
    Err(ReadFailure::Inconsistent(how.into()))
}

struct PagedReading<'a, P: Paged> {
    list: &'a P,
    pages: BTreeMap<usize, Vec<P::Entry>>,
    seen: BTreeSet<P::Key>,
}

/// The size of the listing, as the first page states it.
struct StatedSize {
    /// How many entries there are.
    total: Option<usize>,
    /// How many pages there are, if that is known.
    pages: Option<usize>,
}

impl<P: Paged> PagedReading<'_, P> {
    fn entries(self) -> Vec<P::Entry> {
        self.pages.into_values().flatten().collect()
    }

    async fn read(&mut self, order: PageOrder) -> Result<Completeness, ReadFailure> {
        let first = self.list.page(1).await?;
        let stated = Self::stated(self.list.repository(), &first)?;
        let has_next = first.has_next;
        self.keep(1, first.entries);
        match stated.pages {
            Some(1) if !has_next => self.complete(&stated),
            Some(count) if count > 1 && order == PageOrder::Parallel => {
                self.read_parallel(&stated, count).await
            }
            known => self.read_sequential(&stated, known).await,
        }
    }

    fn stated(
        repository: &RepositoryPath,
        first: &Page<P::Entry>,
    ) -> Result<StatedSize, ReadFailure> {
        // A server may return smaller pages than requested.
        let size = match first.entries.len() {
            length if length > 0 && first.has_next => length,
            _ => P::SIZE,
        };
        let by_total = first.total.map(|total| total.div_ceil(size).max(1));
        let by_last = match first.last {
            Some(last) if last > 1 => Some(last),
            _ => (!first.has_next).then_some(1),
        };
        let pages = by_total.or(by_last);
        if pages.is_some_and(|pages| pages > MOST_PAGES) {
            return Err(ReadFailure::Request(changed(repository, "no end after 20,000 pages")));
        }
        Ok(StatedSize { total: first.total, pages })
    }

    /// Reads the pages after the first, several at once, with the checks before and after.
    async fn read_parallel(
        &mut self,
        stated: &StatedSize,
        count: usize,
    ) -> Result<Completeness, ReadFailure> {
        let list = self.list;
        let ends_first = stated.total.is_none() && count > 2;
        if ends_first {
            self.end(stated, count).await?;
        }
        let until = if ends_first { count } else { count + 1 };
        let mut rest = stream::iter(2..until)
            .map(|number| async move { (number, list.page(number).await) })
            .buffer_unordered(PAGES_AT_ONCE);
        while let Some((number, page)) = rest.next().await {
            self.add(stated, number, page?, number == count)?;
        }
        drop(rest);
        self.check_unchanged(stated, count).await?;
        self.complete(stated)
    }

    /// Reads the pages after the first in order, until no further page follows.
    async fn read_sequential(
        &mut self,
        stated: &StatedSize,
        known: Option<usize>,
    ) -> Result<Completeness, ReadFailure> {
        let counted = known.filter(|count| stated.total.is_none() && *count > 2);
        let end = match counted {
            Some(count) => Some(self.list.page(count).await?.entries),
            None => None,
        };
        let mut last = 1;
        loop {
            if known.is_some_and(|known| last > 2 * known + 8) {
                return inconsistent("it continues far after its last page");
            }
            if last >= MOST_PAGES {
                let no_end = changed(self.list.repository(), "no end after 20,000 pages");
                return Err(ReadFailure::Request(no_end));
            }
            last += 1;
            let page = self.list.page(last).await?;
            let has_next = page.has_next || (stated.total.is_some() && known > Some(last));
            let has_new = self.has_new(&page.entries);
            if has_next && !has_new && (stated.total.is_none() || page.has_next) {
                return inconsistent("its next page contains nothing new");
            }
            self.add(&StatedSize { total: stated.total, pages: None }, last, page, !has_next)?;
            if !has_next {
                break;
            }
        }
        if known != Some(last) && stated.total.is_some() {
            return inconsistent("it has more pages than its total says");
        }
        if known != Some(last) {
            return Ok(Completeness::Unproved(format!(
                "it is not known whether it has more than {last} pages"
            )));
        }
        if end.is_some_and(|end| self.pages.get(&last) != Some(&end)) {
            return inconsistent("its last page changed");
        }
        self.check_unchanged(stated, last).await?;
        self.complete(stated)
    }

    async fn end(&mut self, stated: &StatedSize, count: usize) -> Result<(), ReadFailure> {
        let page = self.list.page(count).await?;
        self.add(stated, count, page, true)
    }

    /// Reads the first and the last page again: an entry that was added or deleted changes one of them.
    async fn check_unchanged(&self, stated: &StatedSize, count: usize) -> Result<(), ReadFailure> {
        if self.list.page(1).await?.entries != self.pages[&1] {
            return inconsistent("its first page changed");
        }
        if stated.total.is_none()
            && count > 2
            && self.list.page(count).await?.entries != self.pages[&count]
        {
            return inconsistent("its last page changed");
        }
        Ok(())
    }

    /// Adds a page if it is consistent with the others.
    fn add(
        &mut self,
        stated: &StatedSize,
        number: usize,
        page: Page<P::Entry>,
        is_last: bool,
    ) -> Result<(), ReadFailure> {
        if page.total != stated.total {
            let text = |total: Option<usize>| total.map_or("none".to_owned(), |n| n.to_string());
            let (before, now) = (text(stated.total), text(page.total));
            return inconsistent(format!("the total was {before}, then {now}"));
        }
        if page.entries.is_empty() {
            return inconsistent("a page before the last one is empty");
        }
        if stated.pages.is_some() && page.last.is_some_and(|last| Some(last) != stated.pages) {
            return inconsistent("the number of its pages changed");
        }
        if is_last && page.has_next {
            return inconsistent("it continues after its last page");
        }
        let size = self.pages.get(&1).map_or(0, Vec::len);
        if !is_last && page.entries.len() != size {
            let short = page.entries.len();
            return inconsistent(format!(
                "page {number} has {short} entries, the first has {size}"
            ));
        }
        if let Some(key) = page.entries.iter().map(P::key).find(|key| self.seen.contains(key)) {
            return inconsistent(format!("{key} is on two pages"));
        }
        self.keep(number, page.entries);
        Ok(())
    }

    fn keep(&mut self, number: usize, entries: Vec<P::Entry>) {
        self.seen.extend(entries.iter().map(P::key));
        self.pages.insert(number, entries);
    }

    fn has_new(&self, entries: &[P::Entry]) -> bool {
        entries.iter().map(P::key).any(|key| !self.seen.contains(&key))
    }

    /// Checks that there are as many entries as the server states.
    fn complete(&self, stated: &StatedSize) -> Result<Completeness, ReadFailure> {
        if let Some(total) = stated.total {
            let found = self.seen.len();
            if found < total {
                return inconsistent(format!("{found} of {total} {} were listed", P::WORD));
            }
        }
        Ok(Completeness::Proved)
    }
}
