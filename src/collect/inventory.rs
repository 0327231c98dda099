//! Reads an environment's repositories: the listing, what each SHA tag and the latest tag point
//! to, and when each was built if that is wanted.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};
use tokio::sync::OnceCell;

use super::observe::tag_observe;
use super::{AT_ONCE, Collector, places};
use crate::model::{
    Coverage, Digest, Inventory, Place, PushTimes, Repository, RepositoryInventory, TagKind,
    TagName, TagObservation, TagRecord, TagState, Unread, UnreadCause,
};
use crate::policy::Environment;
use crate::registry::{ListedTag, ManifestSelector, RegistryError};

/// Whether build times are read, which takes up to three requests for a digest never seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimesWanted {
    /// Read them.
    Built,
    /// Read them where the registry tells no push times at all.
    PushedElseBuilt,
    /// The order comes from somewhere else.
    None,
}

/// Reads everything that history needs of an environment.
pub async fn inventory(
    collector: Collector<'_>,
    environment: &Environment,
    times: TimesWanted,
) -> Inventory {
    let reading = Reading { collector, environment, times, built: BuiltTimes::default() };
    let repositories = places(environment).map(|(place, repository)| {
        let reading = &reading;
        async move { (place, reading.repository(repository).await) }
    });
    let repositories: BTreeMap<Place, RepositoryInventory> =
        join_all(repositories).await.into_iter().collect();
    Inventory { environment: environment.name.clone(), repositories }
}

struct Reading<'a> {
    collector: Collector<'a>,
    environment: &'a Environment,
    times: TimesWanted,
    built: BuiltTimes,
}

impl Reading<'_> {
    async fn repository(&self, repository: &Repository) -> RepositoryInventory {
        let listed = match self.listing(repository).await {
            Ok(listed) => listed,
            Err(why) => {
                let coverage = Coverage::Unlisted(why);
                let repository = repository.clone();
                return unlisted(repository, coverage);
            }
        };
        let push_times = self.push_times(repository, &listed);
        let Trusted { listed, mut unread, stale } = self.trusted(repository, listed).await;
        let mut tags = BTreeMap::new();
        if unread.is_some() {
            tags.insert(self.environment.scheme.latest.clone(), TagState::Unread);
        }
        self.collector.progress.expect(listed.len(), "tags");
        let states: Vec<(TagName, Result<Option<TagRecord>, RegistryError>)> = stream::iter(listed)
            .map(|listed| async move {
                let tag = listed.tag.clone();
                let state = self.tag(repository, listed, push_times).await;
                self.collector.progress.advance();
                (tag, state)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        for (tag, state) in states {
            match state {
                Ok(Some(record)) => {
                    tags.insert(tag, TagState::Read(record));
                }
                // Listed, and gone when it was asked for: it is gone.
                Ok(None) => {}
                Err(error) => {
                    tags.insert(tag, TagState::Unread);
                    worse(&mut unread, error.to_unread());
                }
            }
        }
        if stale && !self.has_latest_release(&tags) {
            let coverage = Coverage::Unlisted(self.behind(repository));
            return unlisted(repository.clone(), coverage);
        }
        let coverage = unread.map_or(Coverage::Complete, Coverage::TagsUnread);
        RepositoryInventory { repository: repository.clone(), coverage, push_times, tags }
    }

    /// A listing that names digests is one of the management API, which also has times.
    fn push_times(&self, repository: &Repository, listed: &[ListedTag]) -> PushTimes {
        if listed.iter().any(|listed| listed.digest.is_some()) {
            self.collector.connections.push_times(&repository.registry)
        } else {
            PushTimes::Untold
        }
    }

    /// The environment's tags, and the latest tag whether listed or not. A listing that broke off
    /// is as good as none: what it did not reach may change every answer.
    async fn listing(&self, repository: &Repository) -> Result<Vec<ListedTag>, Unread> {
        let registry =
            self.collector.registry(&repository.registry).map_err(|error| error.to_unread())?;
        let listing = registry.tag_list(&repository.path).await;
        if let Some(error) = listing.broken {
            return Err(error.to_unread());
        }
        let scheme = &self.environment.scheme;
        let is_ours = |listed: &ListedTag| {
            matches!(scheme.classify(&listed.tag), TagKind::Sha(_) | TagKind::Latest)
        };
        let mut listed: Vec<ListedTag> = listing.tags.into_iter().filter(is_ours).collect();
        let latest = &scheme.latest;
        if !listed.iter().any(|listed| listed.tag == *latest) {
            listed.push(ListedTag { tag: latest.clone(), digest: None, pushed: None });
        }
        Ok(listed)
    }

    /// Digests that a management API lists are believed if it names the latest tag's as the OCI API
    /// does. Where the two differ (a stale listing, or another idea of an index's digest), every
    /// tag is asked for. The latest tag's own digest is always the one just asked for; it may also
    /// be gone, or unread.
    async fn trusted(&self, repository: &Repository, mut listed: Vec<ListedTag>) -> Trusted {
        let name = &self.environment.scheme.latest;
        if listed.iter().all(|listed| listed.digest.is_none()) {
            return Trusted { listed, unread: None, stale: false };
        }
        let latest = listed.iter().position(|listed| listed.tag == *name);
        let latest = latest.map(|index| listed.swap_remove(index));
        let said = latest.as_ref().and_then(|latest| latest.digest.clone());
        let asked = tag_observe(self.collector, repository, name).await;
        if let TagObservation::Unread(why) = asked {
            return Trusted { listed, unread: Some(why), stale: false };
        }
        let stale = said.as_ref() != asked.digest();
        if stale {
            for listed in &mut listed {
                listed.digest = None;
            }
        }
        if let TagObservation::Found(digest) = asked {
            let pushed = latest.and_then(|latest| latest.pushed);
            listed.push(ListedTag { tag: name.clone(), digest: Some(digest), pushed });
        }
        Trusted { listed, unread: None, stale }
    }

    /// Whether some SHA tag points to what the latest tag points to.
    fn has_latest_release(&self, tags: &BTreeMap<TagName, TagState>) -> bool {
        let latest = &self.environment.scheme.latest;
        let Some(TagState::Read(record)) = tags.get(latest) else {
            return true;
        };
        let is_it =
            |state: &TagState| matches!(state, TagState::Read(tag) if tag.digest == record.digest);
        tags.iter().any(|(name, state)| name != latest && is_it(state))
    }

    /// The listing names another digest for the latest tag than the registry does, and no release
    /// with the registry's: releases are missing from the listing.
    fn behind(&self, repository: &Repository) -> Unread {
        let latest = &self.environment.scheme.latest;
        Unread {
            cause: UnreadCause::Unreachable,
            message: format!(
                "the listing of {repository} is behind: {latest} points to a release that it lacks"
            ),
            hint: Some("the management API needs a moment after a push; ask again".to_owned()),
        }
    }

    async fn tag(
        &self,
        repository: &Repository,
        listed: ListedTag,
        push_times: PushTimes,
    ) -> Result<Option<TagRecord>, RegistryError> {
        let registry = self.collector.registry(&repository.registry)?;
        let digest = if let Some(digest) = listed.digest {
            digest
        } else {
            let selector = ManifestSelector::Tag(&listed.tag);
            match registry.manifest_head(&repository.path, selector).await? {
                Some(digest) => digest,
                None => return Ok(None),
            }
        };
        let wanted = match self.times {
            TimesWanted::Built => true,
            TimesWanted::PushedElseBuilt => push_times == PushTimes::Untold,
            TimesWanted::None => false,
        };
        let wanted = wanted && listed.tag != self.environment.scheme.latest;
        let built = if wanted { self.built(repository, &digest).await? } else { None };
        Ok(Some(TagRecord { digest, pushed: listed.pushed, built }))
    }

    /// The build time of a digest; asked once a run, unless the place that was asked failed.
    async fn built(
        &self,
        repository: &Repository,
        digest: &Digest,
    ) -> Result<Option<DateTime<Utc>>, RegistryError> {
        let cell = self.built.cell(digest);
        let reader = self.collector.reader(&repository.registry)?;
        cell.get_or_try_init(|| reader.built(&repository.path, digest)).await.copied()
    }
}

/// A repository of which no tag is known.
fn unlisted(repository: Repository, coverage: Coverage) -> RepositoryInventory {
    let push_times = PushTimes::Untold;
    RepositoryInventory { repository, coverage, push_times, tags: BTreeMap::new() }
}

/// Keeps the gravest of several reasons.
fn worse(known: &mut Option<Unread>, why: Unread) {
    if known.as_ref().is_none_or(|known| why.cause < known.cause) {
        *known = Some(why);
    }
}

/// The listed tags, as far as their digests can be believed.
struct Trusted {
    listed: Vec<ListedTag>,
    /// Why the latest tag could not be read, if so.
    unread: Option<Unread>,
    /// Whether the listing and the registry disagree on the latest tag.
    stale: bool,
}

type BuiltCell = Arc<OnceCell<Option<DateTime<Utc>>>>;

#[derive(Default)]
struct BuiltTimes(Mutex<HashMap<Digest, BuiltCell>>);

impl BuiltTimes {
    fn cell(&self, digest: &Digest) -> BuiltCell {
        let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(cells.entry(digest.clone()).or_default())
    }
}
