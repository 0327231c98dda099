//! Sources that contradict each other about one tag.
//!
//! None is trusted: the tag and every digest that any source names for it are kept, and a command
//! that needs the tag reports it as unread.

use std::fmt;

use super::{Digest, RepositoryPath, TagName, Unread, UnreadCause};

/// A source of a statement about a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum StatementSource {
    /// The registry's own list of tags (`/tags/list`).
    #[default]
    TagsList,
    /// DigitalOcean's list of tags.
    DocrTags,
    /// DigitalOcean's list of manifests.
    DocrDigests,
    /// GitHub's list of package versions.
    GhcrVersions,
    /// The listing of a management API.
    Listing,
    /// What was read of the tag earlier in the run.
    Earlier,
    /// A HEAD request for the tag.
    Head,
    /// A GET request for the tag.
    Get,
    /// A request for the manifest by its digest.
    ByDigest,
}

impl StatementSource {
    /// The words used in messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TagsList => "the registry's list of tags",
            Self::DocrTags => "DigitalOcean's list of tags",
            Self::DocrDigests => "DigitalOcean's list of manifests",
            Self::GhcrVersions => "GitHub's list of versions",
            Self::Listing => "the listing",
            Self::Earlier => "an earlier answer",
            Self::Head => "HEAD of the tag",
            Self::Get => "GET of the tag",
            Self::ByDigest => "HEAD of the digest",
        }
    }
}

impl fmt::Display for StatementSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a source says about a tag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum TagStatement {
    /// It points to this digest.
    PointsTo(Digest),
    /// It exists; its digest is not known.
    Exists,
    /// It does not exist.
    Missing,
}

impl TagStatement {
    /// The statement of a source that returns a digest or nothing.
    #[must_use]
    pub fn of(digest: Option<&Digest>) -> Self {
        digest.map_or(Self::Missing, |digest| Self::PointsTo(digest.clone()))
    }
}

impl fmt::Display for TagStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PointsTo(digest) => write!(f, "says {}", digest.short()),
            Self::Exists => f.write_str("has it"),
            Self::Missing => f.write_str("does not have it"),
        }
    }
}

/// Two or more statements about one tag that cannot all be true.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contradiction {
    /// The tag.
    pub tag: TagName,
    /// Each source with its statement.
    pub statements: Vec<(StatementSource, TagStatement)>,
}

impl Contradiction {
    /// Every digest that any source names.
    pub fn digests(&self) -> impl Iterator<Item = &Digest> {
        self.statements.iter().filter_map(|(_, said)| match said {
            TagStatement::PointsTo(digest) => Some(digest),
            TagStatement::Exists | TagStatement::Missing => None,
        })
    }

    /// The tag, and what each source says about it.
    #[must_use]
    pub fn describe(&self, repository: &RepositoryPath) -> String {
        let statements: Vec<String> = self
            .statements
            .iter()
            .map(|(source, statement)| match (source, statement) {
                (
                    StatementSource::Head | StatementSource::Get | StatementSource::ByDigest,
                    TagStatement::Missing,
                ) => format!("{source} does not find it"),
                _ => format!("{source} {statement}"),
            })
            .collect();
        format!("{repository}:{}: {}", self.tag, statements.join(", "))
    }

    /// The contradiction as the reason why the tag counts as unread.
    #[must_use]
    pub fn to_unread(&self, repository: &RepositoryPath) -> Unread {
        Unread {
            cause: UnreadCause::Unreachable,
            message: format!("{}; none of them is trusted", self.describe(repository)),
            hint: Some(HINT.to_owned()),
        }
    }
}

/// What to do about sources that contradict each other.
const HINT: &str = "if something was just pushed or deleted, try again in a few minutes; otherwise compare the registry's web page with `docker manifest inspect`";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_the_sources_and_what_each_said() {
        let (a, b) = (Digest::of(b"a"), Digest::of(b"b"));
        let contradiction = Contradiction {
            tag: TagName::parse("prod-latest").expect("a tag"),
            statements: vec![
                (StatementSource::DocrTags, TagStatement::PointsTo(a.clone())),
                (StatementSource::Head, TagStatement::PointsTo(b.clone())),
                (StatementSource::Get, TagStatement::of(None)),
            ],
        };
        let repository = RepositoryPath::parse("acme/backend").expect("a path");
        let unread = contradiction.to_unread(&repository);
        let expected = format!(
            "acme/backend:prod-latest: DigitalOcean's list of tags says {}, HEAD of the tag says {}, GET of the tag does not find it; none of them is trusted",
            a.short(),
            b.short()
        );
        assert_eq!(unread.message, expected);
        assert_eq!(contradiction.digests().collect::<Vec<_>>(), [&a, &b]);
    }
}
