//! Everything in the repositories of a policy: each manifest with its tags and references.
//!
//! The input of retention. Records are small, since a repository may have a million tags.

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{
    Digest, ImageName, Inconsistency, Manifest, PushTimes, Repository, StatementSource,
    StoredContent, TagName, Unread,
};

/// Everything that was read, one entry per repository.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contents {
    /// The repositories, each once.
    pub repositories: Vec<RepositoryContents>,
}

impl Contents {
    /// Whether repositories, manifests and tags are sorted.
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

    /// The sorted contents; copied only if they are not sorted.
    #[must_use]
    pub fn in_order(&self) -> Cow<'_, Self> {
        if self.is_sorted() { Cow::Borrowed(self) } else { Cow::Owned(self.clone().sorted()) }
    }

    /// The sorted contents.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.repositories.sort_by(|a, b| a.repository.cmp(&b.repository));
        for repository in &mut self.repositories {
            repository.manifests.sort_unstable_by(|a, b| a.digest.cmp(&b.digest));
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
    /// The image that it belongs to.
    pub image: ImageName,
    /// How its registry deletes.
    pub capabilities: Capabilities,
    /// Whether everything was read.
    pub coverage: ContentsCoverage,
    /// Whether its push times are those of tags or of manifests.
    pub push_times: PushTimes,
    /// Its manifests, each once.
    pub manifests: Vec<ManifestRecord>,
    /// Digests that other manifests refer to, and that the registry does not have.
    pub missing: Vec<Digest>,
    /// Manifests that an earlier, interrupted run deleted. Their referrers are to be deleted too.
    pub deleted_earlier: Vec<Digest>,
    /// The manifests that those listed. They are to be deleted too, unless something else refers to them.
    pub orphaned: Vec<Digest>,
    /// Contradictions found in it.
    pub inconsistencies: Vec<Inconsistency>,
    /// What its manifests consist of.
    pub stored: StoredContent,
}

/// How far the reading of a repository got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContentsCoverage {
    /// Everything was read.
    Complete,
    /// All tags are known, but not every manifest could be read.
    ManifestsUnread(Unread),
    /// The listing failed, or a listed tag could not be resolved: any manifest may have further tags.
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
    /// Whether a management API lists its manifests, also those without a tag. The OCI API still has its
    /// own list of tags.
    pub lists_manifests: bool,
    /// The name of its listing in messages: the management API's where there is one.
    pub listing: StatementSource,
    /// What the push times in its listing belong to.
    pub push_times: PushTimes,
    /// Whether it has a referrers API.
    pub lists_referrers: bool,
    /// Whether it can delete a single tag.
    pub single_tags: SingleTags,
    /// Whether it refuses to delete the last tagged manifest (GHCR).
    pub keeps_last_tagged: bool,
    /// Whether it can restore deleted versions.
    pub restores: bool,
    /// Whether it collects garbage on demand.
    pub collects_garbage: bool,
}

/// Whether a registry can delete a single tag of a manifest that has others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SingleTags {
    /// It can (DOCR).
    Deleted,
    /// Unknown until it is tried (plain OCI).
    #[default]
    Perhaps,
    /// It cannot; it deletes whole manifests only (GHCR).
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
    /// The numbers of its content in the repository's [`StoredContent`]; empty if it was not read.
    pub stored: Box<[u32]>,
    /// What it refers to.
    pub references: References,
    /// Whether all sources agree about it.
    pub agreement: TagAgreement,
}

/// Whether all sources agree about a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagAgreement {
    /// They agree, or there is only one source.
    Agreed,
    /// Two sources disagree about one of its tags; every manifest that either names is kept.
    Disputed,
    /// Its declared media types and its bytes contradict each other.
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
        /// Its subject: the manifest that a signature or attestation belongs to.
        subject: Option<Digest>,
    },
    /// It exists, but could not be read: it may refer to anything.
    Unread,
    /// It was read, and is not JSON: it may refer to any untagged manifest.
    NotJson,
}

impl References {
    /// The references of a manifest. A child that an index names twice, for two platforms, is listed
    /// once.
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

    /// No references.
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

    /// The subject: the manifest that a signature or attestation belongs to.
    #[must_use]
    pub fn subject(&self) -> Option<&Digest> {
        match self {
            Self::Read { subject, .. } => subject.as_ref(),
            Self::Unread | Self::NotJson => None,
        }
    }
}
