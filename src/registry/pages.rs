//! Listings that are paged by number, read so that no entry is lost between two pages.
//!
//! A push while the pages are read moves entries to the next page, where they are seen twice; a
//! deletion moves them to the page before, where they are missed and nothing shows it. So a reading
//! counts only if the entries are as many before it as after it: a server that states a total states
//! it on each page, of others the last page is read before the pages between and again behind them.
//! The first page is read again at the end in both cases. What does not fit together is read again,
//! one page after the other; after three readings the listing is incomplete.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use futures_util::{StreamExt as _, stream};

use super::error::RegistryError;
use super::management::changed;
use crate::model::RepositoryPath;

/// Pages that are asked for at once in the first reading.
const PAGES_AT_ONCE: usize = 8;
/// More pages than any real repository has.
const MOST_PAGES: usize = 20_000;
/// How often a listing that does not fit together is read.
const READINGS: usize = 3;

/// A page of a listing.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) entries: Vec<T>,
    /// How many entries there are on all pages, where the server says so.
    pub(super) total: Option<usize>,
    /// The number of the last page, where the server says so; a stated total tells it as well.
    pub(super) last: Option<usize>,
    /// Whether another page follows.
    pub(super) goes_on: bool,
}

/// A listing that is asked for by the numbers of its pages.
pub(super) trait Paged: Sync {
    type Entry: Clone + PartialEq + Send + Sync;
    /// By what an entry that comes twice is known.
    type Key: Ord + Display + Send;
    /// The word for several of them.
    const WORD: &'static str;
    /// How many entries a page has that is not the last.
    const SIZE: usize;

    fn repository(&self) -> &RepositoryPath;

    fn page(
        &self,
        number: usize,
    ) -> impl Future<Output = Result<Page<Self::Entry>, RegistryError>> + Send;

    fn key(entry: &Self::Entry) -> Self::Key;
}

/// Everything that was listed, or as much as could be had and why not more.
pub(super) async fn read<P: Paged>(list: &P) -> (Vec<P::Entry>, Option<RegistryError>) {
    let mut before: Option<Vec<P::Entry>> = None;
    let mut listed = Vec::new();
    let mut why = String::new();
    for number in 0..READINGS {
        let mut reading = Reading { list, pages: BTreeMap::new(), seen: BTreeSet::new() };
        let pace = if number == 0 { Pace::AtOnce } else { Pace::InOrder };
        let end = reading.read(pace).await;
        let entries = reading.entries();
        match end {
            Ok(Counted::Proved) => return (entries, None),
            // Nothing tells how many there were, but twice the same is proof as well.
            Ok(Counted::Unproved(_)) if before.as_ref() == Some(&entries) => {
                return (entries, None);
            }
            Ok(Counted::Unproved(how)) => {
                before = Some(entries.clone());
                why = how;
            }
            Err(Trouble::Shifted(how)) => why = how,
            Err(Trouble::Failed(error)) => return (entries, Some(error)),
        }
        listed = entries;
    }
    let how = format!("{why}, and so in {READINGS} readings");
    (listed, Some(changed(list.repository(), &how)))
}

/// How pages are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// Several at once.
    AtOnce,
    /// One after the other.
    InOrder,
}

/// Whether a reading is known to be whole.
enum Counted {
    /// It is: the count was the same before and after.
    Proved,
    /// Its pages fit together, but nothing said before how many there are; why that matters.
    Unproved(String),
}

/// Why a reading does not count.
enum Trouble {
    /// Its pages do not fit together: they may in another reading.
    Shifted(String),
    /// A page could not be had.
    Failed(RegistryError),
}

impl From<RegistryError> for Trouble {
    fn from(error: RegistryError) -> Self {
        Self::Failed(error)
    }
}

fn shifted<T>(how: impl Into<String>) -> Result<T, Trouble> {
    Err(Trouble::Shifted(how.into()))
}

struct Reading<'a, P: Paged> {
    list: &'a P,
    pages: BTreeMap<usize, Vec<P::Entry>>,
    seen: BTreeSet<P::Key>,
}

/// What the first page says of all of them.
struct Stated {
    /// How many entries there are.
    total: Option<usize>,
    /// How many pages there are, if that is known.
    pages: Option<usize>,
}

impl<P: Paged> Reading<'_, P> {
    fn entries(self) -> Vec<P::Entry> {
        self.pages.into_values().flatten().collect()
    }

    async fn read(&mut self, pace: Pace) -> Result<Counted, Trouble> {
        let first = self.list.page(1).await?;
        let stated = Self::stated(self.list.repository(), &first)?;
        let goes_on = first.goes_on;
        self.keep(1, first.entries);
        match stated.pages {
            Some(1) if !goes_on => self.complete(&stated),
            Some(count) if count > 1 && pace == Pace::AtOnce => self.between(&stated, count).await,
            known => self.in_order(&stated, known).await,
        }
    }

    fn stated(repository: &RepositoryPath, first: &Page<P::Entry>) -> Result<Stated, Trouble> {
        // A server may give out smaller pages than it was asked for.
        let size = match first.entries.len() {
            length if length > 0 && first.goes_on => length,
            _ => P::SIZE,
        };
        let by_total = first.total.map(|total| total.div_ceil(size).max(1));
        let by_last = match first.last {
            Some(last) if last > 1 => Some(last),
            _ => (!first.goes_on).then_some(1),
        };
        let pages = by_total.or(by_last);
        if pages.is_some_and(|pages| pages > MOST_PAGES) {
            return Err(Trouble::Failed(changed(repository, "no end after 20,000 pages")));
        }
        Ok(Stated { total: first.total, pages })
    }

    /// The pages behind the first, several at once, with the looks before and after.
    async fn between(&mut self, stated: &Stated, count: usize) -> Result<Counted, Trouble> {
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
        self.look_again(stated, count).await?;
        self.complete(stated)
    }

    /// The pages behind the first in their order, to the one behind which there is none.
    async fn in_order(
        &mut self,
        stated: &Stated,
        known: Option<usize>,
    ) -> Result<Counted, Trouble> {
        let counted = known.filter(|count| stated.total.is_none() && *count > 2);
        let end = match counted {
            Some(count) => Some(self.list.page(count).await?.entries),
            None => None,
        };
        let mut last = 1;
        loop {
            if known.is_some_and(|known| last > 2 * known + 8) {
                return shifted("it goes on far behind its last page");
            }
            if last >= MOST_PAGES {
                let no_end = changed(self.list.repository(), "no end after 20,000 pages");
                return Err(Trouble::Failed(no_end));
            }
            last += 1;
            let page = self.list.page(last).await?;
            let goes_on = page.goes_on || (stated.total.is_some() && known > Some(last));
            let has_new = self.has_new(&page.entries);
            if goes_on && !has_new && (stated.total.is_none() || page.goes_on) {
                return shifted("its pages lead on, but to nothing new");
            }
            self.add(&Stated { total: stated.total, pages: None }, last, page, !goes_on)?;
            if !goes_on {
                break;
            }
        }
        if known != Some(last) && stated.total.is_some() {
            return shifted("it has more pages than its total says");
        }
        if known != Some(last) {
            return Ok(Counted::Unproved(format!("the number of its pages is not known ({last})")));
        }
        if end.is_some_and(|end| self.pages.get(&last) != Some(&end)) {
            return shifted("its last page changed");
        }
        self.look_again(stated, last).await?;
        self.complete(stated)
    }

    async fn end(&mut self, stated: &Stated, count: usize) -> Result<(), Trouble> {
        let page = self.list.page(count).await?;
        self.add(stated, count, page, true)
    }

    /// Reads the ends again: what was added or deleted meanwhile has changed one of them.
    async fn look_again(&self, stated: &Stated, count: usize) -> Result<(), Trouble> {
        if self.list.page(1).await?.entries != self.pages[&1] {
            return shifted("its first page changed");
        }
        if stated.total.is_none()
            && count > 2
            && self.list.page(count).await?.entries != self.pages[&count]
        {
            return shifted("its last page changed");
        }
        Ok(())
    }

    /// Adds a page that fits to the others.
    fn add(
        &mut self,
        stated: &Stated,
        number: usize,
        page: Page<P::Entry>,
        is_last: bool,
    ) -> Result<(), Trouble> {
        if page.total != stated.total {
            let said = |total: Option<usize>| total.map_or("none".to_owned(), |n| n.to_string());
            let (before, now) = (said(stated.total), said(page.total));
            return shifted(format!("the total was {before}, then {now}"));
        }
        if page.entries.is_empty() {
            return shifted("a page is empty before the last");
        }
        if stated.pages.is_some() && page.last.is_some_and(|last| Some(last) != stated.pages) {
            return shifted("the number of its pages changed");
        }
        if is_last && page.goes_on {
            return shifted("it goes on behind its last page");
        }
        let size = self.pages.get(&1).map_or(0, Vec::len);
        if !is_last && page.entries.len() != size {
            let short = page.entries.len();
            return shifted(format!("page {number} has {short} entries, the first has {size}"));
        }
        if let Some(key) = page.entries.iter().map(P::key).find(|key| self.seen.contains(key)) {
            return shifted(format!("{key} is on two pages"));
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

    /// Whether there are as many entries as the server says.
    fn complete(&self, stated: &Stated) -> Result<Counted, Trouble> {
        if let Some(total) = stated.total {
            let found = self.seen.len();
            if found < total {
                return shifted(format!("{found} of {total} {}", P::WORD));
            }
        }
        Ok(Counted::Proved)
    }
}
