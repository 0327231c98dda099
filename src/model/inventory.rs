//! What was read of an environment's repositories, and how far the reading got.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::{Digest, EnvironmentName, Place, PushTimes, RegistryName, Repository, Sha, TagName};

/// Why something could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnreadCause {
    /// The registry refused the credentials, or wants some.
    Credentials,
    /// The registry says that there is no such repository, which may also mean "not for you".
    NotFound,
    /// Anything else: no connection, no answer in time, a server error, a broken answer.
    Unreachable,
}

/// Something that could not be read, in words for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The kind of failure.
    pub cause: UnreadCause,
    /// What failed, target named.
    pub message: String,
    /// What to try next.
    pub hint: Option<String>,
}

/// Whether a repository was read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coverage {
    /// Everything was read.
    Complete,
    /// The listing is whole, but some of its tags could not be read; those are marked.
    TagsUnread(Unread),
    /// The listing broke, so nothing is known of the repository: any tag may be there.
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

/// What is known of a tag that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRecord {
    /// What the tag points to.
    pub digest: Digest,
    /// When the registry says that it was pushed; only some know.
    pub pushed: Option<DateTime<Utc>>,
    /// When its config says that it was built.
    pub built: Option<DateTime<Utc>>,
}

/// A tag that was listed or asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagState {
    /// It is there.
    Read(TagRecord),
    /// It may be there, but the registry did not say what it points to.
    Unread,
}

/// One repository, as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryInventory {
    /// Where it is.
    pub repository: Repository,
    /// Whether the listing and the tags were read to the end.
    pub coverage: Coverage,
    /// What the push times of its tags belong to.
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
    /// The registries of which something could not be read, each with the gravest cause.
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
    places: HashMap<Box<str>, usize>,
}

impl GitHistory {
    /// A history from its commits, newest first; full SHAs.
    #[must_use]
    pub fn new(commits: Vec<(Sha, DateTime<Utc>)>) -> Self {
        let places =
            commits.iter().enumerate().map(|(n, (sha, _))| (sha.as_str().into(), n)).collect();
        Self { commits, places }
    }

    /// How many commits lie before this one from the newest, and its time. A shortened SHA is
    /// found when only one commit begins with it.
    #[must_use]
    pub fn find(&self, sha: &Sha) -> Option<(usize, DateTime<Utc>)> {
        let place = self.places.get(sha.as_str()).copied().or_else(|| self.find_prefix(sha))?;
        Some((place, self.commits[place].1))
    }

    fn find_prefix(&self, sha: &Sha) -> Option<usize> {
        if sha.is_full() {
            return None;
        }
        let mut matches =
            self.commits.iter().enumerate().filter(|(_, (commit, _))| sha.is_prefix_of(commit));
        match (matches.next(), matches.next()) {
            (Some((place, _)), None) => Some(place),
            _ => None,
        }
    }

    /// Whether there is no history at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.commits.is_empty()
    }
}
