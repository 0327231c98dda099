//! What is doubtful about a repository that was read to its end.

use super::{Contradiction, Digest, RepositoryPath};

/// Something that contradicts itself; what it is about is kept, and the rest goes its way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Inconsistency {
    /// Two sources tell a tag in two ways.
    Tag(Contradiction),
    /// A manifest is not what it is declared to be; how.
    Shape(Digest, String),
    /// A manifest is no JSON.
    NotJson(Digest),
}

impl Inconsistency {
    /// A sentence for a person: what was seen, what it means, what to do.
    #[must_use]
    pub fn describe(&self, repository: &RepositoryPath) -> String {
        match self {
            Self::Tag(contradiction) => format!(
                "{}; the tag and every digest named for it are kept until they agree",
                contradiction.describe(repository)
            ),
            Self::Shape(digest, how) => format!(
                "{repository}: {} contradicts itself: {how}; it and all that it names are kept until it is pushed again",
                digest.short()
            ),
            Self::NotJson(digest) => format!(
                "{repository}: {} is no JSON, so nobody knows what it needs; it is kept with all untagged manifests there until it is deleted by hand",
                digest.short()
            ),
        }
    }
}
