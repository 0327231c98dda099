//! The tags of an environment's repositories, and whether all of them could be read.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::{Digest, EnvironmentName, Place, PushTimes, RegistryName, Repository, Sha, TagName};

/// Why something could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnreadCause {
    /// The registry refused the credentials, or requires some.
    Credentials,
    /// The registry answered that there is no such repository, or hides it from this user.
    NotFound,
    /// Anything else: no connection, no answer in time, a server error, a broken answer.
    Unreachable,
}

/// Something that could not be read, with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The kind of failure.
    pub cause: UnreadCause,
    /// What failed, with the name of the target.
    pub message: String,
    /// What to try next.
    pub hint: Option<String>,
}

/// Whether a repository was read completely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coverage {
    /// Everything was read.
    Complete,
    /// The listing is complete, but some tags could not be read; those are [`TagState::Unread`].
    TagsUnread(Unread),
    /// The listing failed: the repository may have any tag.
    Unlisted(Unread),
}

impl Coverage {
    /// Why something could not be read, if anything.
    #[must_use]
    pub fn unread(&self) -> Option<&Unread> {
        match self {
            Self::Complete => None,
            Self::TagsUnread(why) | Self::Unlisted(why) => Some(why),
        }
    }
}

/// What is known about a tag that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRecord {
    /// What the tag points to.
    pub digest: Digest,
    /// The push time, if the registry reports it.
    pub pushed: Option<DateTime<Utc>>,
    /// The build time in the image config.
    pub built: Option<DateTime<Utc>>,
}

/// A tag that was listed or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagState {
    /// It exists.
    Read(TagRecord),
    /// It may exist, but what it points to could not be read.
    Unread,
}

/// One repository, as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryInventory {
    /// Where it is.
    pub repository: Repository,
    /// Whether the listing and the tags were read completely.
    pub coverage: Coverage,
    /// Whether its push times are those of tags or of manifests.
    pub push_times: PushTimes,
    /// The environment's tags: its SHA tags and its latest tag.
    pub tags: BTreeMap<TagName, TagState>,
}

/// Everything that was read for one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    /// The environment.
    pub environment: EnvironmentName,
    /// Each place with its repository.
    pub repositories: BTreeMap<Place, RepositoryInventory>,
}

impl Inventory {
    /// The registries that could not be read completely, each with the most severe cause.
    #[must_use]
    pub fn unread(&self) -> BTreeMap<RegistryName, &Unread> {
        let mut unread: BTreeMap<RegistryName, &Unread> = BTreeMap::new();
        for (place, repository) in &self.repositories {
            if let Some(why) = repository.coverage.unread() {
                let known = unread.entry(place.registry.clone()).or_insert(why);
                if why.cause < known.cause {
                    *known = why;
                }
            }
        }
        unread
    }
}

/// The first-parent history of a checkout, newest commit first.
#[derive(Debug, Clone, Default)]
pub struct GitHistory {
    commits: Vec<(Sha, DateTime<Utc>)>,
    positions: HashMap<Sha, usize>,
}

impl GitHistory {
    /// A history from its commits, newest first; full SHAs.
    #[must_use]
    pub fn new(commits: Vec<(Sha, DateTime<Utc>)>) -> Self {
        let positions = commits.iter().enumerate().map(|(n, (sha, _))| (sha.clone(), n)).collect();
        Self { commits, positions }
    }

    /// How many commits are newer than this one, and its time. A shortened SHA is found if only one
    /// commit begins with it.
    #[must_use]
    pub fn find(&self, sha: &Sha) -> Option<(usize, DateTime<Utc>)> {
        let position = self.positions.get(sha).copied().or_else(|| self.find_prefix(sha))?;
        Some((position, self.commits[position].1))
    }

    fn find_prefix(&self, sha: &Sha) -> Option<usize> {
        if sha.is_full() {
            return None;
        }
        let mut matches =
            self.commits.iter().enumerate().filter(|(_, (commit, _))| sha.is_prefix_of(commit));
        match (matches.next(), matches.next()) {
            (Some((position, _)), None) => Some(position),
            _ => None,
        }
    }

    /// Whether there is no history at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.commits.is_empty()
    }
}
