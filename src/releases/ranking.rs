//! The model of releases: groups SHA tags into releases, and puts the releases in order.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Range;

use chrono::{DateTime, Utc};

use super::commit::{SameCommit, same_commits};
use super::copy_time::DatedItem;
use super::groups::Groups;
use super::release_number::{ReleaseNumber, at, number};
use super::sequence::sequence;
use super::sha_tag::{PlaceRead, ReleasePlace, ShaTag};
use crate::model::{GitHistory, ReleaseOrder, Sha};

/// One tag of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TagOfRelease {
    /// The release.
    pub release: ReleaseNumber,
    /// Its place, by index.
    pub place: u32,
    /// The content that it points to, or [`ShaTag::UNREAD`].
    pub content: u32,
    /// The tag, by its index in [`ReleasesInput::tags`].
    pub tag: u32,
}

/// The input of [`Releases`].
#[derive(Clone, Copy)]
pub struct ReleasesInput<'a> {
    /// What the order of releases is based on.
    pub order: ReleaseOrder,
    /// The places of the environment.
    pub places: &'a [ReleasePlace],
    /// The distinct SHAs of its tags, in any order.
    pub shas: &'a [Sha],
    /// Its SHA tags.
    pub tags: &'a [ShaTag],
    /// The checkout's history, empty where there is none.
    pub git: &'a GitHistory,
}

/// The releases of an environment, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Releases {
    /// The longest SHA of each release.
    shas: Vec<Sha>,
    /// The tags of all releases, sorted.
    tags: Vec<TagOfRelease>,
    /// The index of each release's first tag, then the number of tags.
    starts: Vec<u32>,
    times: Vec<Option<DateTime<Utc>>>,
    /// Releases of one rank, from the newest rank on.
    groups: Groups,
    ranks: Vec<Option<u32>>,
    /// By release: the first group that is known to be older.
    older_from: Vec<u32>,
    /// By release: whether the git history has its commit.
    in_git: Vec<bool>,
    /// The tags, by number, that match several releases.
    ambiguous: Vec<u32>,
    /// By tag: whether it has only the time of its digest, which other releases share.
    undated: Vec<bool>,
    /// By place: whether it was read completely and has no release.
    empty: Vec<bool>,
    /// By place: the number of its image.
    images: Vec<u32>,
}

impl Releases {
    /// Groups the tags into releases by their SHAs, and puts the releases in order.
    #[must_use]
    pub fn new(input: ReleasesInput<'_>) -> Self {
        let grouped = Grouped::new(input.shas);
        let mut tags = Vec::with_capacity(input.tags.len());
        let mut ambiguous = Vec::new();
        for (tag, read) in input.tags.iter().enumerate() {
            let tag = number(tag);
            match grouped.of[at(read.sha)] {
                Some(release) => {
                    let ShaTag { place, content, .. } = *read;
                    tags.push(TagOfRelease { release, place, content, tag });
                }
                None => ambiguous.push(tag),
            }
        }
        let starts = by_release(&mut tags, grouped.shas.len());
        let mut releases = Self {
            starts,
            shas: grouped.shas,
            times: Vec::new(),
            groups: Groups::default(),
            ranks: Vec::new(),
            older_from: Vec::new(),
            in_git: Vec::new(),
            ambiguous,
            undated: undated(&tags, input.tags),
            empty: empty(&tags, input.places),
            images: input.places.iter().map(|place| place.image).collect(),
            tags,
        };
        releases.put_in_order(input);
        releases
    }

    fn put_in_order(&mut self, input: ReleasesInput<'_>) {
        let time = |release: ReleaseNumber| {
            let dated = self.tags(release).iter().filter(|tag| !self.is_undated(tag.tag));
            dated.filter_map(|tag| input.tags[at(tag.tag)].time.time).max()
        };
        self.times = self.numbers().map(time).collect();
        let commit = |sha: &Sha| if input.git.is_empty() { None } else { input.git.find(sha) };
        let commits: Vec<Option<usize>> =
            self.shas.iter().map(|sha| commit(sha).map(|(place, _)| place)).collect();
        self.in_git = commits.iter().map(Option::is_some).collect();
        self.ranks = vec![None; self.shas.len()];
        self.groups = sequence(input.order, &self.times, &commits);
        for (rank, group) in (0..).zip(self.groups.iter()) {
            for release in group {
                self.ranks[at(*release)] = Some(rank);
            }
        }
        self.older_from = self.find_older(input);
    }

    /// For each release the first group that is known to be older. A digest is at least as old as each
    /// of its tags, so a release that has only the time of a shared digest is newer than all releases
    /// that are older than that digest.
    fn find_older(&self, input: ReleasesInput<'_>) -> Vec<u32> {
        let mut least: Vec<DateTime<Utc>> = Vec::with_capacity(self.groups.len());
        for group in self.groups.iter() {
            let times = group.iter().map(|release| self.time(*release));
            // A group with a member without a time is not known to be older than anything.
            let newest = times.map(|time| time.unwrap_or(DateTime::<Utc>::MAX_UTC)).max();
            let newest = newest.unwrap_or(DateTime::<Utc>::MAX_UTC);
            least.push(least.last().map_or(newest, |before| newest.min(*before)));
        }
        let digest_since = |release: ReleaseNumber| {
            self.tags(release).iter().filter_map(|tag| input.tags[at(tag.tag)].time.time).max()
        };
        let from = |release: ReleaseNumber| match (self.rank(release), digest_since(release)) {
            (Some(rank), _) => rank + 1,
            (None, Some(since)) => least.partition_point(|newest| *newest >= since),
            (None, None) => self.groups.len(),
        };
        self.numbers().map(|release| number(from(release))).collect()
    }

    /// The index of the first group that is known to be older than a release.
    #[must_use]
    pub fn older_from(&self, release: ReleaseNumber) -> usize {
        at(self.older_from[at(release)])
    }

    /// All releases.
    #[must_use]
    pub fn numbers(&self) -> Range<ReleaseNumber> {
        0..number(self.shas.len())
    }

    /// The longest SHA of a release.
    #[must_use]
    pub fn sha(&self, release: ReleaseNumber) -> &Sha {
        &self.shas[at(release)]
    }

    /// The tags of a release, by place.
    #[must_use]
    pub fn tags(&self, release: ReleaseNumber) -> &[TagOfRelease] {
        &self.tags[at(self.starts[at(release)])..at(self.starts[at(release) + 1])]
    }

    /// The time by which a release is ordered: that of its newest copy.
    #[must_use]
    pub fn time(&self, release: ReleaseNumber) -> Option<DateTime<Utc>> {
        self.times[at(release)]
    }

    /// The releases from newest to oldest, in groups of one rank: neither times nor git order them.
    #[must_use]
    pub fn groups(&self) -> &Groups {
        &self.groups
    }

    /// The rank of a release, 0 for the newest; `None` where it is unknown.
    #[must_use]
    pub fn rank(&self, release: ReleaseNumber) -> Option<usize> {
        self.ranks[at(release)].map(at)
    }

    /// The releases without a rank.
    pub fn unranked(&self) -> impl Iterator<Item = ReleaseNumber> {
        self.numbers().filter(|release| self.ranks[at(*release)].is_none())
    }

    /// The tags that match several releases.
    #[must_use]
    pub fn ambiguous_tags(&self) -> &[u32] {
        &self.ambiguous
    }

    /// Whether the git history has the commit of a release, and can order it where times do not.
    #[must_use]
    pub fn is_in_git(&self, release: ReleaseNumber) -> bool {
        self.in_git[at(release)]
    }

    /// Whether a tag has only the time of its digest, which other releases share.
    #[must_use]
    pub fn is_undated(&self, tag: u32) -> bool {
        self.undated[at(tag)]
    }

    /// Whether a place was read completely and has no release at all.
    #[must_use]
    pub fn has_no_release(&self, place: usize) -> bool {
        self.empty[place]
    }

    /// Whether every place that has any release has this one. A place without any, which may be new or
    /// emptied, does not count.
    #[must_use]
    pub fn is_complete(&self, release: ReleaseNumber) -> bool {
        let tags = self.tags(release);
        let has = |place: usize| {
            tags.iter().any(|tag| at(tag.place) == place && tag.content != ShaTag::UNREAD)
        };
        (0..self.images.len()).all(|place| self.empty[place] || has(place))
    }

    /// How many places there are.
    pub(super) fn places(&self) -> u32 {
        number(self.images.len())
    }

    /// The number of the image of a place.
    #[must_use]
    pub fn image(&self, place: u32) -> u32 {
        self.images[at(place)]
    }

    /// A hash that two releases share if they have the same digests in the same places. If two others
    /// share it by chance, one more release is kept.
    #[must_use]
    pub fn content(&self, release: ReleaseNumber) -> u64 {
        let mut hasher = DefaultHasher::new();
        let mut last = None;
        for tag in self.tags(release) {
            let content = (tag.place, tag.content);
            if last.replace(content) != Some(content) {
                content.hash(&mut hasher);
            }
        }
        hasher.finish()
    }
}

/// The SHAs, grouped into releases.
struct Grouped {
    shas: Vec<Sha>,
    /// By SHA, in the order given: its release.
    of: Vec<Option<ReleaseNumber>>,
}

impl Grouped {
    fn new(given: &[Sha]) -> Self {
        let mut order: Vec<usize> = (0..given.len()).collect();
        order.sort_unstable_by(|a, b| given[*a].cmp(&given[*b]));
        let sorted: Vec<&Sha> = order.iter().map(|place| &given[*place]).collect();
        let named = same_commits(&sorted);
        let mut grouped = Self { shas: Vec::new(), of: vec![None; given.len()] };
        let mut releases: Vec<ReleaseNumber> = vec![0; given.len()];
        for (place, name) in named.iter().enumerate() {
            if *name == SameCommit::As(place) {
                releases[place] = number(grouped.shas.len());
                grouped.shas.push(given[order[place]].clone());
            }
        }
        for (place, name) in named.iter().enumerate() {
            if let SameCommit::As(longest) = name {
                grouped.of[order[place]] = Some(releases[*longest]);
            }
        }
        grouped
    }
}

/// Sorts the tags; returns the index of each release's first tag, then the number of tags.
fn by_release(tags: &mut Vec<TagOfRelease>, releases: usize) -> Vec<u32> {
    let mut starts = vec![0; releases + 1];
    for tag in &*tags {
        starts[at(tag.release) + 1] += 1;
    }
    for release in 0..releases {
        starts[release + 1] += starts[release];
    }
    // Where SHAs were given in order, their tags nearly are.
    if !tags.is_sorted_by_key(|tag| tag.release) {
        tags.sort_unstable();
    }
    for release in 0..releases {
        tags[at(starts[release])..at(starts[release + 1])].sort_unstable();
    }
    starts
}

/// By tag: whether only its digest has a time, and several releases have tags on that digest. Then the
/// time may be that of any of them.
fn undated(tags: &[TagOfRelease], read: &[ShaTag]) -> Vec<bool> {
    const NO_RELEASE: ReleaseNumber = ReleaseNumber::MAX;
    let of_digest = |tag: &&TagOfRelease| read[at(tag.tag)].time.of == DatedItem::Digest;
    let is_read = |tag: &&TagOfRelease| tag.content != ShaTag::UNREAD;
    let contents = tags.iter().filter(is_read).map(|tag| at(tag.content) + 1).max().unwrap_or(0);
    let mut first = vec![NO_RELEASE; contents];
    let mut is_shared = vec![false; contents];
    for tag in tags.iter().filter(of_digest).filter(is_read) {
        let first = &mut first[at(tag.content)];
        if *first == NO_RELEASE {
            *first = tag.release;
        } else if *first != tag.release {
            is_shared[at(tag.content)] = true;
        }
    }
    drop(first);
    let mut undated = vec![false; read.len()];
    for tag in tags.iter().filter(of_digest) {
        // What could not be read may be shared.
        undated[at(tag.tag)] = is_shared.get(at(tag.content)).is_none_or(|is_shared| *is_shared);
    }
    undated
}

fn empty(tags: &[TagOfRelease], places: &[ReleasePlace]) -> Vec<bool> {
    let mut empty: Vec<bool> =
        places.iter().map(|place| place.read == PlaceRead::Complete).collect();
    for tag in tags {
        empty[at(tag.place)] = false;
    }
    empty
}
