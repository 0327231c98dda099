//! Contradictions in a repository that was read completely.

use super::{Contradiction, Digest, RepositoryPath};

/// A contradiction. What it concerns is kept; the rest of the repository is planned as usual.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Inconsistency {
    /// Two sources disagree about a tag.
    Tag(Contradiction),
    /// A manifest is not of its declared type, with an explanation.
    Misdeclared(Digest, String),
    /// A manifest is not JSON.
    NotJson(Digest),
}

impl Inconsistency {
    /// A sentence for a person: what was seen, what it means, what to do.
    #[must_use]
    pub fn describe(&self, repository: &RepositoryPath) -> String {
        match self {
            Self::Tag(contradiction) => format!(
                "{}; the tag and every digest named for it are kept until the sources agree",
                contradiction.describe(repository)
            ),
            Self::Misdeclared(digest, how) => format!(
                "{repository}: {} contradicts itself: {how}; it and everything that it references are kept until it is pushed again",
                digest.short()
            ),
            Self::NotJson(digest) => format!(
                "{repository}: {} is not JSON, so it may need any untagged manifest of the repository; it and all untagged manifests are kept until it is deleted by hand",
                digest.short()
            ),
        }
    }
}
