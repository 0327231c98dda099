//! A garbage collection of a registry: what it deletes, its state, and its result.

use std::fmt;

use chrono::{DateTime, Utc};

use super::{Digest, RepositoryPath, TagName};

/// What a collection deletes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum CollectionKind {
    /// Layers and configs that no manifest names.
    #[default]
    UnreferencedBlobs,
    /// Manifests that no tag names.
    UntaggedManifests,
    /// Both.
    UntaggedManifestsAndUnreferencedBlobs,
}

impl CollectionKind {
    /// The word used on the command line and in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether it deletes manifests without a tag. The children of tagged indexes may be among them.
    #[must_use]
    pub fn deletes_untagged_manifests(self) -> bool {
        self != Self::UnreferencedBlobs
    }
}

/// The state of a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CollectionState {
    /// It is running; the registry's own word for its state.
    Running(String),
    /// It ended successfully.
    Succeeded,
    /// It failed.
    Failed,
    /// It was cancelled.
    Cancelled,
    /// A state that this program does not know; it may have ended or not.
    Unknown(String),
}

impl CollectionState {
    /// Parses a state. DigitalOcean's API description has both `succeeded` and `success`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "requested"
            | "waiting for write JWTs to expire"
            | "scanning manifests"
            | "deleting unreferenced blobs"
            | "cancelling" => Self::Running(text.to_owned()),
            "succeeded" | "success" => Self::Succeeded,
            "failed" => Self::Failed,
            "cancelled" => Self::Cancelled,
            _ => Self::Unknown(text.to_owned()),
        }
    }

    /// Whether this is a final state.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

impl fmt::Display for CollectionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running(text) | Self::Unknown(text) => f.write_str(text),
            Self::Succeeded => f.write_str("succeeded"),
            Self::Failed => f.write_str("failed"),
            Self::Cancelled => f.write_str("cancelled"),
        }
    }
}

/// A collection, as the registry reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// The registry's name for it.
    pub id: String,
    /// Its state.
    pub state: CollectionState,
    /// When it was asked for.
    pub created: Option<DateTime<Utc>>,
    /// When it last changed.
    pub updated: Option<DateTime<Utc>>,
    /// How many blobs it deleted.
    pub blobs_deleted: Option<u64>,
    /// How many bytes it freed.
    pub freed_bytes: Option<u64>,
}

/// A tagged index with children that no tag names: a collection of untagged manifests may break it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexAtRisk {
    /// Where it is.
    pub repository: RepositoryPath,
    /// One of its tags.
    pub tag: TagName,
    /// The index.
    pub index: Digest,
    /// Its children without a tag.
    pub untagged: Vec<Digest>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_words_for_success_are_one_and_the_unknown_is_not_over() {
        assert_eq!(CollectionState::parse("success"), CollectionState::parse("succeeded"));
        assert!(CollectionState::parse("failed").is_over());
        for text in ["requested", "cancelling", "something new", ""] {
            assert!(!CollectionState::parse(text).is_over(), "{text:?}");
        }
    }
}
