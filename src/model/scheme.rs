//! The tag names of an environment: a pattern for SHA tags, older patterns, and the latest tag.

use std::fmt;

use super::{Sha, TagName};

/// A pattern with one `{sha}` in it, such as `prod-{sha}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagPattern {
    prefix: Box<str>,
    suffix: Box<str>,
}

/// The text is not a valid pattern for SHA tags.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPattern {
    /// There is no `{sha}`, or more than one.
    #[error("`{0}` must have `{{sha}}` in it exactly once")]
    Placeholder(String),
    /// The pattern would make invalid tags.
    #[error(
        "`{0}` does not make a tag: only letters, digits, `_`, `.` and `-` are allowed around `{{sha}}`"
    )]
    NotATag(String),
    /// A hex digit beside `{sha}` could not be distinguished from the SHA.
    #[error(
        "`{0}` has a hex digit right beside `{{sha}}`, so the end of the SHA could not be recognised; put `-` between them"
    )]
    Ambiguous(String),
}

impl TagPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// [`InvalidPattern`] when it does not have exactly one `{sha}`, would make invalid tags, or has a
    /// hex digit beside the placeholder.
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        let (prefix, suffix) = text
            .split_once("{sha}")
            .filter(|(_, suffix)| !suffix.contains("{sha}"))
            .ok_or_else(|| InvalidPattern::Placeholder(text.to_owned()))?;
        TagName::parse(&format!("{prefix}{}{suffix}", "0".repeat(64)))
            .map_err(|_| InvalidPattern::NotATag(text.to_owned()))?;
        let hex =
            |b: Option<u8>| b.is_some_and(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if hex(prefix.bytes().last()) || hex(suffix.bytes().next()) {
            return Err(InvalidPattern::Ambiguous(text.to_owned()));
        }
        Ok(Self { prefix: prefix.into(), suffix: suffix.into() })
    }

    /// The tag of a SHA.
    ///
    /// # Panics
    /// Never: [`TagPattern::parse`] has tried the longest SHA.
    #[must_use]
    pub fn render(&self, sha: &Sha) -> TagName {
        #[expect(clippy::expect_used, reason = "parse has rendered the longest SHA already")]
        TagName::parse(&format!("{}{sha}{}", self.prefix, self.suffix))
            .expect("a checked pattern makes a tag")
    }

    /// The SHA in a tag, when the tag follows this pattern.
    #[must_use]
    pub fn sha_in(&self, tag: &TagName) -> Option<Sha> {
        let sha = tag.as_str().strip_prefix(&*self.prefix)?.strip_suffix(&*self.suffix)?;
        Sha::parse(sha).ok()
    }
}

impl fmt::Display for TagPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{{sha}}{}", self.prefix, self.suffix)
    }
}

/// All the tag names of one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagScheme {
    /// The pattern that new builds are tagged with.
    pub sha: TagPattern,
    /// Older patterns whose tags are still releases.
    pub former: Vec<TagPattern>,
    /// The moving tag.
    pub latest: TagName,
}

/// What a tag means to an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagKind {
    /// The SHA tag of a release.
    Sha(Sha),
    /// The environment's moving tag.
    Latest,
    /// A signature, an attestation or a referrers list.
    Accessory,
    /// Something else.
    Foreign,
}

impl TagScheme {
    /// What a tag means to this environment. The latest tag is tried first, then the current pattern,
    /// then the former ones.
    #[must_use]
    pub fn classify(&self, tag: &TagName) -> TagKind {
        if *tag == self.latest {
            return TagKind::Latest;
        }
        if tag.is_accessory() {
            return TagKind::Accessory;
        }
        std::iter::once(&self.sha)
            .chain(&self.former)
            .find_map(|pattern| pattern.sha_in(tag))
            .map_or(TagKind::Foreign, TagKind::Sha)
    }
}
