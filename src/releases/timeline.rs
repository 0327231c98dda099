//! The releases that were read of an environment, each with its copies, from newest to oldest as far as
//! the order is known.
//!
//! Each release has a rank, or none if its position is unknown. Releases of the same rank are a tie:
//! neither times nor git order them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::copy_time::{TimeEvidence, copy_time};
use super::deployed::{Deployed, DeployedReleases};
use super::ranking::{Releases, ReleasesInput};
use super::release_number::{ReleaseNumber, at, number};
use super::rollback_check::{Digests, RollbackCheck};
use super::sha_tag::{PlaceRead, ReleasePlace, ShaTag};
use crate::model::{
    Coverage, Deployments, Digest, GitHistory, ImageName, Inventory, Moment, Place, Release,
    ReleaseCopy, ReleaseOrder, RepositoryInventory, Sha, TagKind, TagName, TagReference, TagState,
    TimeSource, is_plausible,
};
use crate::policy::Environment;

/// The input of a timeline.
#[derive(Clone, Copy)]
pub struct TimelineInput<'a> {
    /// The environment.
    pub environment: &'a Environment,
    /// What was read of it.
    pub inventory: &'a Inventory,
    /// The checkout's history, empty where there is none.
    pub git: &'a GitHistory,
    /// The current time.
    pub now: DateTime<Utc>,
}

/// The releases of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    releases: Vec<Release>,
    /// The number of each in the model.
    numbers: Vec<ReleaseNumber>,
    /// By number in the model: the index in `releases`.
    indexes: Vec<usize>,
    model: Box<Releases>,
    digests: DigestTable,
    /// The tags, by number in the model.
    tags: Vec<TagReference>,
    places: Vec<Place>,
    /// What is known of deployments, once they were read.
    deployed: Option<DeployedReleases>,
}

/// Digests by their number as contents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct DigestTable(Vec<Digest>);

impl Digests for DigestTable {
    fn digest(&self, content: u32) -> &Digest {
        &self.0[at(content)]
    }

    fn contents(&self, digest: &Digest) -> Vec<u32> {
        (0..).zip(&self.0).filter(|(_, known)| *known == digest).map(|(number, _)| number).collect()
    }
}

impl Timeline {
    /// The releases: those with a rank from newest to oldest, then the others.
    #[must_use]
    pub fn releases(&self) -> &[Release] {
        &self.releases
    }

    /// The rank of a release by its index; 0 is the newest.
    #[must_use]
    pub fn rank(&self, index: usize) -> Option<usize> {
        self.model.rank(*self.numbers.get(index)?)
    }

    /// Whether `a` is known to be older than `b`.
    #[must_use]
    pub fn is_older(&self, a: usize, b: usize) -> bool {
        self.model.is_older(self.numbers[a], self.numbers[b])
    }

    /// The index of the release that a SHA, complete or shortened, names; `None` if several match.
    #[must_use]
    pub fn find(&self, sha: &Sha) -> Option<usize> {
        let mut found =
            (0..self.releases.len()).filter(|i| sha.is_prefix_of(&self.releases[*i].sha));
        let first = found.next()?;
        let is_only = found.next().is_none() || self.releases[first].sha == *sha;
        is_only.then_some(first)
    }

    /// Tags that match several releases.
    pub fn ambiguous(&self) -> impl Iterator<Item = &TagReference> {
        self.model.ambiguous_tags().iter().map(|tag| &self.tags[at(*tag)])
    }

    /// Adds what is known of deployments, instead of what was known before.
    pub fn set_deployments(&mut self, deployments: &Deployments) {
        self.deployed = Some(DeployedReleases::new(&self.model, deployments));
    }

    /// What is known of the deployments of a release, by its index; none if they were not read.
    #[must_use]
    pub fn deployed(&self, index: usize) -> Option<Deployed<'_>> {
        Some(self.deployed.as_ref()?.of(*self.numbers.get(index)?))
    }

    pub(super) fn deployed_releases(&self) -> Option<&DeployedReleases> {
        self.deployed.as_ref()
    }

    pub(super) fn model(&self) -> &Releases {
        &self.model
    }

    pub(super) fn digests(&self) -> &DigestTable {
        &self.digests
    }

    pub(super) fn number(&self, index: usize) -> ReleaseNumber {
        self.numbers[index]
    }

    /// The index of a release by its number.
    pub(super) fn index(&self, release: ReleaseNumber) -> usize {
        self.indexes[at(release)]
    }

    /// The number of an image in the model; `None` if the environment has no place of it.
    pub(super) fn image(&self, image: &ImageName) -> Option<u32> {
        let place = self.places.iter().position(|place| place.image == *image)?;
        Some(self.model.image(number(place)))
    }

    pub(super) fn place(&self, place: u32) -> &Place {
        &self.places[at(place)]
    }

    /// The tags of a release in one place.
    pub(super) fn tags_in(&self, release: ReleaseNumber, place: u32) -> Vec<&TagName> {
        let tags = self.model.tags(release).iter().filter(|tag| tag.place == place);
        tags.map(|tag| &self.tags[at(tag.tag)].tag).collect()
    }

    pub(super) fn rollback_check<'a>(
        &'a self,
        environment: &'a Environment,
    ) -> RollbackCheck<'a, DigestTable> {
        RollbackCheck { environment, releases: &self.model, digests: &self.digests }
    }
}

/// Orders the releases of an inventory.
#[must_use]
pub fn timeline(input: &TimelineInput<'_>) -> Timeline {
    let read = Reading::new(input);
    let mut shas: Vec<(&Sha, u32)> = read.shas.iter().map(|(sha, number)| (sha, *number)).collect();
    shas.sort_by_key(|(_, number)| *number);
    let shas: Vec<Sha> = shas.into_iter().map(|(sha, _)| sha.clone()).collect();
    let model = Releases::new(ReleasesInput {
        order: input.environment.order,
        places: &read.places,
        shas: &shas,
        tags: &read.tags,
        git: input.git,
    });
    let mut numbers: Vec<ReleaseNumber> = model.numbers().collect();
    // Among releases without an order, the number, which is by SHA, only makes the output stable.
    numbers.sort_by_key(|release| (model.rank(*release).unwrap_or(usize::MAX), *release));
    let releases = numbers.iter().map(|release| read.release(input, &model, *release)).collect();
    let mut indexes = vec![0; numbers.len()];
    for (index, release) in numbers.iter().enumerate() {
        indexes[at(*release)] = index;
    }
    let tags = read.names.iter().map(|(place, tag)| {
        let repository = input.inventory.repositories[*place].repository.clone();
        TagReference { repository, tag: (*tag).clone() }
    });
    Timeline {
        releases,
        numbers,
        indexes,
        digests: DigestTable(read.digests.iter().map(|digest| (*digest).clone()).collect()),
        tags: tags.collect(),
        places: input.inventory.repositories.keys().cloned().collect(),
        deployed: None,
        model: Box::new(model),
    }
}

/// The SHA tags of an inventory, as numbers.
#[derive(Default)]
struct Reading<'a> {
    shas: BTreeMap<Sha, u32>,
    tags: Vec<ShaTag>,
    /// The place and name of each tag.
    names: Vec<(&'a Place, &'a TagName)>,
    digests: Vec<&'a Digest>,
    places: Vec<ReleasePlace>,
}

impl<'a> Reading<'a> {
    fn new(input: &TimelineInput<'a>) -> Self {
        let mut reading = Self::default();
        let mut images: BTreeMap<&ImageName, u32> = BTreeMap::new();
        for (place, repository) in &input.inventory.repositories {
            let image = number(images.len());
            let image = *images.entry(&place.image).or_insert(image);
            let read = match repository.coverage {
                Coverage::Complete => PlaceRead::Complete,
                Coverage::TagsUnread(_) => PlaceRead::TagsOnly,
                Coverage::Unlisted(_) => PlaceRead::Unlisted,
            };
            reading.places.push(ReleasePlace { image, read });
            reading.repository(input, place, repository);
        }
        reading
    }

    fn repository(
        &mut self,
        input: &TimelineInput<'a>,
        place: &'a Place,
        repository: &'a RepositoryInventory,
    ) {
        let place_number = number(self.places.len() - 1);
        let mut contents: BTreeMap<&Digest, u32> = BTreeMap::new();
        for (tag, state) in &repository.tags {
            let TagKind::Sha(sha) = input.environment.scheme.classify(tag) else {
                continue;
            };
            let next = number(self.shas.len());
            let sha = *self.shas.entry(sha).or_insert(next);
            let mut evidence =
                TimeEvidence { push_times: repository.push_times, pushed: None, built: None };
            let mut content = ShaTag::UNREAD;
            if let TagState::Read(record) = state {
                (evidence.pushed, evidence.built) = (record.pushed, record.built);
                content = *contents.entry(&record.digest).or_insert_with(|| {
                    self.digests.push(&record.digest);
                    number(self.digests.len() - 1)
                });
            }
            let time = copy_time(input.environment.order, evidence, input.now);
            self.tags.push(ShaTag { sha, place: place_number, content, time });
            self.names.push((place, tag));
        }
    }

    fn release(
        &self,
        input: &TimelineInput<'_>,
        model: &Releases,
        release: ReleaseNumber,
    ) -> Release {
        let sha = model.sha(release).clone();
        let each = input.inventory.repositories.iter().enumerate();
        let copies = each.map(|(place_number, (place, repository))| {
            let tags = model.tags(release).iter().filter(|tag| at(tag.place) == place_number);
            let tags: Vec<u32> = tags.map(|tag| tag.tag).collect();
            (place.clone(), self.copy(input, model, (&sha, repository), &tags))
        });
        Release { copies: copies.collect(), sha: sha.clone() }
    }

    /// The copy of a release in one place, by its tags there.
    fn copy(
        &self,
        input: &TimelineInput<'_>,
        model: &Releases,
        (sha, repository): (&Sha, &RepositoryInventory),
        tags: &[u32],
    ) -> ReleaseCopy {
        let reference =
            |tag: TagName| TagReference { repository: repository.repository.clone(), tag };
        let scheme = &input.environment.scheme;
        // Of several tags, one of the current pattern with the most digits is shown.
        let shown = tags.iter().max_by_key(|tag| {
            let name = self.names[at(**tag)].1;
            (scheme.sha.sha_in(name).is_some(), name.as_str().len(), name)
        });
        let unread = tags.iter().find(|tag| self.tags[at(**tag)].content == ShaTag::UNREAD);
        match (unread.or(shown), &repository.coverage) {
            (Some(tag), _) if unread.is_some() => {
                ReleaseCopy::Unread { reference: reference(self.names[at(*tag)].1.clone()) }
            }
            (Some(tag), _) => ReleaseCopy::Present {
                reference: reference(self.names[at(*tag)].1.clone()),
                digest: self.digests[at(self.tags[at(*tag)].content)].clone(),
                time: self.moment(input, model, sha, tags),
            },
            (None, Coverage::Complete | Coverage::TagsUnread(_)) => {
                ReleaseCopy::Absent { reference: reference(scheme.sha.render(sha)) }
            }
            (None, Coverage::Unlisted(_)) => {
                ReleaseCopy::Unread { reference: reference(scheme.sha.render(sha)) }
            }
        }
    }

    /// The time of a copy, from the source that the policy names. Never an implausible time, nor that
    /// of a digest which other releases share.
    fn moment(
        &self,
        input: &TimelineInput<'_>,
        model: &Releases,
        sha: &Sha,
        tags: &[u32],
    ) -> Option<Moment> {
        if input.environment.order == ReleaseOrder::Git {
            let commit = input.git.find(sha).map(|(_, time)| time);
            let commit = commit.filter(|time| is_plausible(*time, input.now));
            return commit.map(|time| Moment { time, source: TimeSource::Git });
        }
        let dated = tags.iter().filter(|tag| !model.is_undated(**tag));
        dated.filter_map(|tag| self.tags[at(*tag)].time.moment()).max_by_key(|moment| moment.time)
    }
}
