//! Reads the tags of an environment: the listing, what the SHA tags and the latest tag point to, and
//! build times if wanted.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};
use tokio::sync::OnceCell;

use super::observe::observe_tag;
use super::vanished::{self, Vanished};
use super::{AT_ONCE, Collector, Stage, places};
use crate::model::{
    Contradiction, Coverage, Digest, Inventory, Place, PushTimes, Repository, RepositoryInventory,
    StatementSource, TagKind, TagName, TagObservation, TagRecord, TagState, TagStatement, Unread,
    UnreadCause,
};
use crate::policy::Environment;
use crate::registry::{ListedTag, RequestError, TagListing, tag_digest};

/// Whether build times are read; that takes up to three requests for a digest that is not cached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimesWanted {
    /// Read them.
    Built,
    /// Read them where the registry has no push times.
    PushedElseBuilt,
    /// Do not read them.
    None,
}

/// Reads the tags of an environment.
pub async fn inventory(
    collector: Collector<'_>,
    environment: &Environment,
    times: TimesWanted,
) -> Inventory {
    let reading = InventoryReader { collector, environment, times, built: BuiltTimes::default() };
    let repositories = places(environment).map(|(place, repository)| {
        let reading = &reading;
        async move { (place, reading.repository(repository).await) }
    });
    let repositories: BTreeMap<Place, RepositoryInventory> =
        join_all(repositories).await.into_iter().collect();
    Inventory { environment: environment.name.clone(), repositories }
}

struct InventoryReader<'a> {
    collector: Collector<'a>,
    environment: &'a Environment,
    times: TimesWanted,
    built: BuiltTimes,
}

impl InventoryReader<'_> {
    async fn repository(&self, repository: &Repository) -> RepositoryInventory {
        let latest = &self.environment.scheme.latest;
        // The latest tag is asked for meanwhile, which saves a round trip.
        let (listing, latest) = futures_util::join!(
            self.listing(repository),
            observe_tag(self.collector, repository, latest)
        );
        let known = listing.and_then(|listing| self.compare_latest(repository, listing, latest));
        let push_times = known.as_ref().map_or(PushTimes::Unknown, |known| known.push_times);
        let read = match known {
            Ok(known) => self.tags(repository, known).await,
            Err(why) => Err(why),
        };
        let repository = repository.clone();
        match read {
            Ok((tags, unread)) => {
                let coverage = unread.map_or(Coverage::Complete, Coverage::TagsUnread);
                RepositoryInventory { repository, coverage, push_times, tags }
            }
            Err(why) => {
                let coverage = Coverage::Unlisted(why);
                unlisted(repository, coverage)
            }
        }
    }

    /// What each listed tag points to, and why some could not be read, if any.
    async fn tags(
        &self,
        repository: &Repository,
        known: KnownTags,
    ) -> Result<(BTreeMap<TagName, TagState>, Option<Unread>), Unread> {
        let KnownTags { listed, mut tags, mut unread, doubtful, head, push_times } = known;
        self.collector.progress.expect(listed.len(), Stage::Tags);
        let states: Vec<(TagName, Result<TagAnswer, RequestError>)> = stream::iter(listed)
            .map(|listed| async move {
                let tag = listed.tag.clone();
                let state = self.tag(repository, listed, (push_times, doubtful)).await;
                self.collector.progress.advance(Stage::Tags);
                (tag, state)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let mut missing = Vec::new();
        let head = head.filter(|head| !states.iter().any(|(_, state)| may_point_to(state, head)));
        for (tag, state) in states {
            let why = match state {
                Ok(TagAnswer::Read(record)) => {
                    tags.insert(tag, TagState::Read(record));
                    continue;
                }
                Ok(TagAnswer::Missing) => {
                    missing.push(tag);
                    continue;
                }
                Ok(TagAnswer::Contradicted(said)) => {
                    Contradiction { tag: tag.clone(), statements: said }.to_unread(&repository.path)
                }
                Err(error) => error.to_unread(),
            };
            tags.insert(tag, TagState::Unread);
            keep_most_severe(&mut unread, why);
        }
        if head.is_some() {
            return Err(self.outdated(repository));
        }
        for vanished in vanished::check(self.collector, repository, missing).await {
            match vanished {
                Vanished::StillListed(contradiction) => {
                    tags.insert(contradiction.tag.clone(), TagState::Unread);
                    keep_most_severe(&mut unread, contradiction.to_unread(&repository.path));
                }
                Vanished::Unread(why) => return Err(why),
            }
        }
        Ok((tags, unread))
    }

    /// What the push times of a listing belong to. A listing with digests is from the management API, which
    /// also has push times.
    fn push_times(&self, repository: &Repository, names_digests: bool) -> PushTimes {
        if names_digests {
            let registry = self.collector.connections.registry(&repository.registry);
            registry.map_or(PushTimes::Unknown, |registry| registry.capabilities().push_times)
        } else {
            PushTimes::Unknown
        }
    }

    /// The complete listing. A part of one is not used: the missing tags may change every answer.
    async fn listing(&self, repository: &Repository) -> Result<TagListing, Unread> {
        let registry =
            self.collector.registry(&repository.registry).map_err(|error| error.to_unread())?;
        let mut listing = registry.tag_list(&repository.path).await;
        match listing.broken.take() {
            Some(error) => Err(error.to_unread()),
            None => Ok(listing),
        }
    }

    /// The environment's listed tags. The latest tag is always read by HEAD and compared with the
    /// listing. If they differ, neither is trusted for the latest tag, and every other tag is read by
    /// HEAD as well.
    fn compare_latest(
        &self,
        repository: &Repository,
        listing: TagListing,
        head: TagObservation,
    ) -> Result<KnownTags, Unread> {
        let name = &self.environment.scheme.latest;
        let is_empty = listing.tags.is_empty();
        let names_digests = listing.tags.iter().any(|listed| listed.digest.is_some());
        let push_times = self.push_times(repository, names_digests);
        let mut known = KnownTags { push_times, ..KnownTags::default() };
        for contradiction in listing.contradictions {
            if self.is_ours(&contradiction.tag) {
                known.contradict(repository, contradiction);
            }
        }
        let ours = listing.tags.into_iter().filter(|listed| self.is_ours(&listed.tag));
        known.listed = ours.filter(|listed| !known.tags.contains_key(&listed.tag)).collect();
        if known.tags.contains_key(name) {
            return Ok(known);
        }
        let latest = known.listed.iter().position(|listed| listed.tag == *name);
        let latest = latest.map(|index| known.listed.swap_remove(index));
        let asked = match head {
            TagObservation::Unread(why) => {
                known.tags.insert(name.clone(), TagState::Unread);
                keep_most_severe(&mut known.unread, why);
                return Ok(known);
            }
            TagObservation::Found(digest) => Some(digest),
            TagObservation::Missing => None,
        };
        if let Some(digest) = asked.as_ref().filter(|_| latest.is_none()) {
            // Whatever else the list leaves out is not known.
            let what = if is_empty { "no tag" } else { "other tags" };
            return Err(tag_not_listed((repository, name), digest, what));
        }
        let said = match &latest {
            None => TagStatement::Missing,
            Some(listed) => {
                listed.digest.clone().map_or(TagStatement::Exists, TagStatement::PointsTo)
            }
        };
        let pushed = latest.and_then(|latest| latest.pushed);
        match (said, asked) {
            (TagStatement::Missing, None) => {}
            (TagStatement::PointsTo(said), Some(asked)) if said == asked => {
                known.found(name, asked, pushed);
            }
            (TagStatement::Exists, Some(asked)) => known.found(name, asked, pushed),
            // The tag may have been deleted after it was listed; a second listing shows whether it was.
            (TagStatement::Exists, None) => {
                known.listed.push(ListedTag { tag: name.clone(), digest: None, pushed: None });
            }
            (said, asked) => {
                let source = if names_digests {
                    StatementSource::Listing
                } else {
                    StatementSource::TagsList
                };
                let said =
                    vec![(source, said), (StatementSource::Head, TagStatement::of(asked.as_ref()))];
                known.contradict(repository, Contradiction { tag: name.clone(), statements: said });
                known.doubtful = names_digests;
                known.head = asked.filter(|_| names_digests);
            }
        }
        Ok(known)
    }

    fn is_ours(&self, tag: &TagName) -> bool {
        matches!(self.environment.scheme.classify(tag), TagKind::Sha(_) | TagKind::Latest)
    }

    /// The listing is outdated: the latest tag points to a digest that no listed release has.
    fn outdated(&self, repository: &Repository) -> Unread {
        let latest = &self.environment.scheme.latest;
        Unread {
            cause: UnreadCause::Unreachable,
            message: format!(
                "the listing of {repository} is outdated: {latest} points to a release that is not listed"
            ),
            hint: Some("the management API may need a moment after a push; try again".to_owned()),
        }
    }

    async fn tag(
        &self,
        repository: &Repository,
        listed: ListedTag,
        (push_times, doubtful): (PushTimes, bool),
    ) -> Result<TagAnswer, RequestError> {
        let registry = self.collector.registry(&repository.registry)?;
        let digest = match listed.digest {
            Some(digest) if !doubtful => digest,
            listed_digest => {
                let found = tag_digest(registry, &repository.path, &listed.tag).await?;
                match (found, listed_digest) {
                    (None, None) => return Ok(TagAnswer::Missing),
                    (Some(found), None) => found,
                    (Some(found), Some(said)) if found == said => found,
                    (found, Some(said)) => {
                        let said = (StatementSource::Listing, TagStatement::PointsTo(said));
                        let head = (StatementSource::Head, TagStatement::of(found.as_ref()));
                        return Ok(TagAnswer::Contradicted(vec![said, head]));
                    }
                }
            }
        };
        let wanted = match self.times {
            TimesWanted::Built => true,
            TimesWanted::PushedElseBuilt => push_times == PushTimes::Unknown,
            TimesWanted::None => false,
        };
        let wanted = wanted && listed.tag != self.environment.scheme.latest;
        let built = if wanted { self.built(repository, &digest).await? } else { None };
        Ok(TagAnswer::Read(TagRecord { digest, pushed: listed.pushed, built }))
    }

    /// The build time of a digest; read once per run, and again only after a failure.
    async fn built(
        &self,
        repository: &Repository,
        digest: &Digest,
    ) -> Result<Option<DateTime<Utc>>, RequestError> {
        let cell = self.built.cell(digest);
        let reader = self.collector.reader(&repository.registry)?;
        cell.get_or_try_init(|| reader.built(&repository.path, digest)).await.copied()
    }
}

/// A repository that could not be listed.
fn unlisted(repository: Repository, coverage: Coverage) -> RepositoryInventory {
    let push_times = PushTimes::Unknown;
    RepositoryInventory { repository, coverage, push_times, tags: BTreeMap::new() }
}

/// Keeps the most severe of several causes.
fn keep_most_severe(known: &mut Option<Unread>, why: Unread) {
    if known.as_ref().is_none_or(|known| why.cause < known.cause) {
        *known = Some(why);
    }
}

/// The result of reading one tag.
enum TagAnswer {
    Read(TagRecord),
    Missing,
    Contradicted(Vec<(StatementSource, TagStatement)>),
}

/// Whether a SHA tag may point to this digest.
fn may_point_to(state: &Result<TagAnswer, RequestError>, digest: &Digest) -> bool {
    match state {
        Ok(TagAnswer::Read(record)) => record.digest == *digest,
        Ok(TagAnswer::Contradicted(said)) => {
            said.iter().any(|(_, said)| *said == TagStatement::PointsTo(digest.clone()))
        }
        Ok(TagAnswer::Missing) => false,
        Err(_) => true,
    }
}

/// What is known about a repository's tags from its listing and its latest tag.
#[derive(Default)]
struct KnownTags {
    /// Tags that must still be read.
    listed: Vec<ListedTag>,
    /// Tags that are known already, or unread because sources contradict each other.
    tags: BTreeMap<TagName, TagState>,
    /// Why some tag could not be read, if any.
    unread: Option<Unread>,
    /// Whether the listing has another digest for the latest tag than HEAD.
    doubtful: bool,
    /// Whether the listed push times are those of tags or of manifests.
    push_times: PushTimes,
    /// The digest of the latest tag by HEAD, if the listing has another one.
    head: Option<Digest>,
}

impl KnownTags {
    fn found(&mut self, tag: &TagName, digest: Digest, pushed: Option<DateTime<Utc>>) {
        let record = TagRecord { digest, pushed, built: None };
        self.tags.insert(tag.clone(), TagState::Read(record));
    }

    fn contradict(&mut self, repository: &Repository, contradiction: Contradiction) {
        keep_most_severe(&mut self.unread, contradiction.to_unread(&repository.path));
        self.tags.insert(contradiction.tag, TagState::Unread);
    }
}

/// A listing without the latest tag although that exists: it cannot be complete.
fn tag_not_listed(
    (repository, latest): (&Repository, &TagName),
    digest: &Digest,
    what: &str,
) -> Unread {
    Unread {
        cause: UnreadCause::Unreachable,
        message: format!(
            "{repository} lists {what}, but HEAD of {latest} says {}: the listing is incomplete",
            digest.short()
        ),
        hint: Some("try again later, and look at the registry's status page".to_owned()),
    }
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
