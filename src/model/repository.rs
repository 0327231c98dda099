//! Repositories, their paths, and tags in them.

use std::fmt;

use super::{RegistryName, TagName};

/// The path of a repository, `acme/backend`, by the grammar of the distribution specification.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepositoryPath(Box<str>);

/// The text is not a repository path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a repository path (lower-case letters and digits, joined by `.`, `_`, `__`, `-` or `/`)"
)]
pub struct InvalidRepositoryPath(String);

impl RepositoryPath {
    /// Reads a path.
    ///
    /// # Errors
    /// [`InvalidRepositoryPath`] for upper-case letters, empty parts and other characters.
    pub fn parse(text: &str) -> Result<Self, InvalidRepositoryPath> {
        if text.len() <= 255 && text.split('/').all(is_component) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidRepositoryPath(text.chars().take(260).collect()))
        }
    }

    /// The path as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// This path below another: `acme` and `backend` make `acme/backend`.
    #[must_use]
    pub fn below(&self, parent: Option<&Self>) -> Self {
        match parent {
            Some(parent) => Self(format!("{parent}/{self}").into()),
            None => self.clone(),
        }
    }
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_component(text: &str) -> bool {
    let alphanumeric = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    let edges = |b: Option<&u8>| b.is_some_and(|b| alphanumeric(*b));
    edges(bytes.first())
        && edges(bytes.last())
        && bytes.split(|b| alphanumeric(*b)).all(|separator| {
            matches!(separator, b"" | b"." | b"_" | b"__") || separator.iter().all(|b| *b == b'-')
        })
}

impl fmt::Display for RepositoryPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A repository of one of the policy's registries.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository {
    /// The registry's name in the policy.
    pub registry: RegistryName,
    /// The registry's authority, `host` or `host:port`.
    pub host: String,
    /// The path in the registry, the namespace included.
    pub path: RepositoryPath,
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.path)
    }
}

/// A tag in a repository, `host/path:tag`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagReference {
    /// Where the tag is.
    pub repository: Repository,
    /// The tag.
    pub tag: TagName,
}

impl fmt::Display for TagReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.repository, self.tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_follow_the_specification() {
        for text in ["a", "acme/backend", "a.b/c_d/e__f", "a--b", "a---b/0"] {
            assert!(RepositoryPath::parse(text).is_ok(), "{text:?} was refused");
        }
        for text in ["", "/", "a/", "/a", "a//b", "A", "a..b", "a___b", "-a", "a-", "a b", "a:b"] {
            assert!(RepositoryPath::parse(text).is_err(), "{text:?} was accepted");
        }
    }
}
