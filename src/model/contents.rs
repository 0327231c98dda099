//! Everything in the repositories of a policy: each manifest with its tags, and what it refers to.
//!
//! What retention decides over. Made by reading registries, holds no decision; kept small, since a
//! repository may hold a million tags.

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{Digest, ImageName, Inconsistency, Manifest, PushTimes, Repository, TagName, Unread};

/// Everything that was read, one entry a repository.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contents {
    /// The repositories, each once.
    pub repositories: Vec<RepositoryContents>,
}

impl Contents {
    /// Whether everything is in its order: repositories and manifests and tags by name.
    #[must_use]
    pub fn is_sorted(&self) -> bool {
        let tags = |record: &ManifestRecord| record.tags.is_sorted_by(|a, b| a.name < b.name);
        let manifests = |repository: &RepositoryContents| {
            repository.manifests.is_sorted_by(|a, b| a.digest < b.digest)
                && repository.manifests.iter().all(tags)
        };
        self.repositories.is_sorted_by(|a, b| a.repository < b.repository)
            && self.repositories.iter().all(manifests)
    }

    /// The same in its order, copied only where it is in another.
    #[must_use]
    pub fn in_order(&self) -> Cow<'_, Self> {
        if self.is_sorted() { Cow::Borrowed(self) } else { Cow::Owned(self.clone().sorted()) }
    }

    /// The same in its order.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.repositories.sort_by(|a, b| a.repository.cmp(&b.repository));
        for repository in &mut self.repositories {
            repository.manifests.sort_by(|a, b| a.digest.cmp(&b.digest));
            for record in &mut repository.manifests {
                record.tags.sort_by(|a, b| a.name.cmp(&b.name));
            }
        }
        self
    }
}

/// One repository, as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryContents {
    /// Where it is.
    pub repository: Repository,
    /// The image that it is of.
    pub image: ImageName,
    /// What its registry can take away.
    pub capabilities: Capabilities,
    /// Whether everything was read.
    pub coverage: ContentsCoverage,
    /// What the push times of its tags and manifests belong to.
    pub push_times: PushTimes,
    /// Its manifests, each once.
    pub manifests: Vec<ManifestRecord>,
    /// Digests that others refer to, and that the registry was asked for and does not have.
    pub gone: Vec<Digest>,
    /// Manifests that an earlier run deleted before it broke off; what is about them goes too.
    pub deleted_before: Vec<Digest>,
    /// What those referred to; what nothing else reaches of it goes too.
    pub abandoned: Vec<Digest>,
    /// What contradicts itself in it.
    pub inconsistencies: Vec<Inconsistency>,
}

/// How far the reading of a repository got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContentsCoverage {
    /// Everything was read.
    Complete,
    /// All tags are known, but not every manifest could be read.
    ManifestsUnread(Unread),
    /// The listing broke, or a listed tag could not be resolved: any tag may be there, on anything.
    Unlisted(Unread),
}

impl ContentsCoverage {
    /// Why something could not be read, if anything.
    #[must_use]
    pub fn unread(&self) -> Option<&Unread> {
        match self {
            Self::Complete => None,
            Self::ManifestsUnread(why) | Self::Unlisted(why) => Some(why),
        }
    }
}

/// What a kind of registry can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Capabilities {
    /// Whether it lists manifests by a management API, those without a tag too. Its OCI API then
    /// still has a list of tags of its own.
    pub lists_manifests: bool,
    /// What the push times in its listing belong to.
    pub push_times: PushTimes,
    /// Whether it can be asked what refers to a manifest.
    pub lists_referrers: bool,
    /// Whether it takes a single tag off a manifest.
    pub single_tags: SingleTags,
    /// Whether it refuses to delete the last manifest that has a tag (GHCR).
    pub keeps_last_tagged: bool,
    /// Whether it brings deleted versions back.
    pub restores: bool,
    /// Whether it collects garbage on demand.
    pub collects_garbage: bool,
}

/// Whether a registry takes a single tag off a manifest that keeps others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SingleTags {
    /// It does (DOCR).
    Deleted,
    /// Some do; only the attempt shows it (plain OCI).
    #[default]
    Perhaps,
    /// It deletes whole manifests only (GHCR).
    Kept,
}

/// One manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestRecord {
    /// Its digest.
    pub digest: Digest,
    /// Its tags.
    pub tags: Box<[TagPush]>,
    /// When it was pushed, where the registry says so.
    pub pushed: Option<DateTime<Utc>>,
    /// When its image was built, where that was read.
    pub built: Option<DateTime<Utc>>,
    /// The size of the manifest, its config and its layers, as far as it is known.
    pub bytes: Option<u64>,
    /// What it refers to.
    pub references: References,
    /// Whether all that was read of it agrees.
    pub agreement: TagAgreement,
}

/// Whether all that was read of a manifest agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagAgreement {
    /// It does, or only one source was asked.
    Agreed,
    /// Two sources tell one of its tags in two ways; every manifest that either names is kept.
    Disputed,
    /// The types that were declared for it and its bytes contradict each other.
    Misdeclared,
}

/// A tag on a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagPush {
    /// The tag.
    pub name: TagName,
    /// When it was set last, where the registry says so.
    pub pushed: Option<DateTime<Utc>>,
}

/// What a manifest refers to in its repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum References {
    /// It was read.
    Read {
        /// The manifests of an index.
        children: Box<[Digest]>,
        /// The manifest that it is about.
        subject: Option<Digest>,
    },
    /// It is there, but could not be read: it may refer to anything.
    Unread,
    /// It was read, and is no JSON: it may refer to anything without a tag.
    NotJson,
}

impl References {
    /// What a manifest says that it refers to; a child that an index names twice, for two platforms,
    /// is one.
    #[must_use]
    pub fn of(manifest: &Manifest) -> Self {
        let children = match manifest {
            Manifest::Index(index) => index.children.as_slice(),
            Manifest::Image(_) => &[],
        };
        let mut seen = BTreeSet::new();
        let children = children.iter().map(|child| &child.digest);
        let children = children.filter(|child| seen.insert(*child)).cloned().collect();
        Self::Read { children, subject: manifest.subject().cloned() }
    }

    /// References of an image that refers to nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::Read { children: Box::default(), subject: None }
    }

    /// The manifests of an index.
    #[must_use]
    pub fn children(&self) -> &[Digest] {
        match self {
            Self::Read { children, .. } => children,
            Self::Unread | Self::NotJson => &[],
        }
    }

    /// The manifest that this one is about.
    #[must_use]
    pub fn subject(&self) -> Option<&Digest> {
        match self {
            Self::Read { subject, .. } => subject.as_ref(),
            Self::Unread | Self::NotJson => None,
        }
    }
}
