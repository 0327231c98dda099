//! Image references in logs. The runner replaces each secret by `***`, wherever it stands, so that any
//! part of a reference may be masked.
//!
//! <https://docs.github.com/actions/reference/security/secure-use>

use std::fmt;

use crate::model::Digest;

/// How a secret is shown.
pub(in crate::pipeline) const MASK: &str = "***";

/// Longer ones are not read: a repository has up to 255 characters, a tag 128.
const LONGEST: usize = 640;

/// An image reference, of which parts may be masked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogReference {
    name: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

impl LogReference {
    /// Reads a reference with a tag, a digest or both; none for anything else. Only characters of
    /// references are accepted, so that nothing else of a log gets into an output.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST || text.contains("****") {
            return None;
        }
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(Digest::parse(digest).ok()?)),
            None => (text, None),
        };
        let from = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match rest[from..].rfind(':') {
            Some(colon) => (&rest[..from + colon], Some(&rest[from + colon + 1..])),
            None => (rest, None),
        };
        // The first character also keeps a workflow command of the runner (`::error::x`) out.
        let is_begun = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '*');
        let is_named = is_begun && is_made_of(name, "._-:/");
        let is_tagged =
            tag.is_none_or(|tag| (1..=128).contains(&tag.len()) && is_made_of(tag, "._-"));
        (is_named && is_tagged && (tag.is_some() || digest.is_some())).then(|| Self {
            name: name.to_owned(),
            tag: tag.map(str::to_owned),
            digest,
        })
    }

    /// The repository with its host, without tag and digest.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tag, if it has one.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest, if it has one.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// Whether the name may be this one, with anything for each masked part.
    #[must_use]
    pub fn may_be_named(&self, name: &str) -> bool {
        may_be(&self.name, name)
    }

    /// Whether the tag may be this one. A tag that is masked as a whole may be any, and says nothing.
    #[must_use]
    pub fn may_be_tagged(&self, tag: &str) -> bool {
        self.tag.as_deref().is_some_and(|mine| mine != MASK && may_be(mine, tag))
    }

    /// The reference without its digest.
    #[must_use]
    pub fn without_digest(&self) -> Self {
        Self { digest: None, ..self.clone() }
    }

    /// How many bytes it holds.
    pub(super) fn held(&self) -> usize {
        self.name.len() + self.tag.as_ref().map_or(0, String::len) + 160
    }
}

impl fmt::Display for LogReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.tag.iter().try_for_each(|tag| write!(f, ":{tag}"))?;
        self.digest.iter().try_for_each(|digest| write!(f, "@{digest}"))
    }
}

/// Whether a text consists of letters, digits, these characters, and masks.
fn is_made_of(text: &str, others: &str) -> bool {
    let text = text.replace(MASK, "");
    text.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c))
}

/// Whether a masked text may be another one: a mask stands for at least one character.
fn may_be(masked: &str, text: &str) -> bool {
    let mut parts = masked.split(MASK);
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        let mut after = rest.chars();
        if after.next().is_none() {
            return false;
        }
        let behind = after.as_str();
        if parts.peek().is_none() {
            return behind.ends_with(part);
        }
        // The first place that fits leaves the most for the other parts.
        match behind.find(part) {
            Some(at) => rest = &behind[at + part.len()..],
            None => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    #[test]
    fn a_reference_is_read_with_its_parts_and_its_masks() {
        for (text, name, tag) in [
            (
                "registry.example.com/acme/backend:prod-1",
                "registry.example.com/acme/backend",
                "prod-1",
            ),
            ("localhost:5000/backend:x", "localhost:5000/backend", "x"),
            ("***/***/backend:***-abc", "***/***/backend", "***-abc"),
            ("***:prod-abc", "***", "prod-abc"),
            ("backend:x", "backend", "x"),
        ] {
            let read = LogReference::parse(text).expect(text);
            assert_eq!((read.name(), read.tag()), (name, Some(tag)));
            assert_eq!(read.to_string(), text);
        }
        let digest = format!("acme/backend@sha256:{HEX}");
        assert_eq!(LogReference::parse(&digest).map(|read| read.to_string()), Some(digest));
    }

    #[test]
    fn what_is_no_reference_is_not_read() {
        let long = format!("a/{}:x", "b".repeat(700));
        for text in [
            "",
            "backend",
            "***",
            "a:b c",
            "a:\u{1b}[31m",
            "::error::x",
            "a:x\"}",
            "a:<b>",
            "a@b",
            "a:*",
            "a:****",
            "a:",
            ":x",
            "é:x",
            "a@sha256:abc",
            long.as_str(),
        ] {
            assert_eq!(LogReference::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_mask_stands_for_anything_but_nothing() {
        for (masked, text, fits) in [
            ("***/backend", "host/acme/backend", true),
            ("***/backend", "/backend", false),
            ("***.com/***/backend", "registry.com/acme/backend", true),
            ("***.com/***/backend", "registry.com/backend", false),
            ("a***", "ab", true),
            ("a***", "a", false),
            ("a***a", "aba", true),
            ("a***a", "aa", false),
            ("***", "anything", true),
            ("exact", "exact", true),
            ("exact", "exactly", false),
            ("***b***b", "abab", true),
            ("***b***b", "abb", false),
        ] {
            assert_eq!(may_be(masked, text), fits, "{masked} {text}");
        }
    }
}
