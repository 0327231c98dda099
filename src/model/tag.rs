//! A tag name by the grammar of the OCI distribution specification.
//!
//! <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests>

use std::fmt;

/// A tag: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagName(Box<str>);

/// The text is not a tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a tag (letters, digits, `_`, `.` and `-`, at most 128, not beginning with `.` or `-`)"
)]
pub struct InvalidTag(String);

impl TagName {
    /// Reads a tag.
    ///
    /// # Errors
    /// [`InvalidTag`] when it does not follow the grammar.
    pub fn parse(text: &str) -> Result<Self, InvalidTag> {
        let mut bytes = text.bytes();
        let first = bytes.next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
        let rest = bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
        if first && rest && text.len() <= 128 {
            Ok(Self(text.into()))
        } else {
            Err(InvalidTag(text.chars().take(140).collect()))
        }
    }

    /// The tag as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is an accessory tag, `sha256-<64 hex>` with or without a suffix: a signature,
    /// an attestation or a referrers list of another manifest, never a release.
    #[must_use]
    pub fn is_accessory(&self) -> bool {
        self.accessory_subject().is_some()
    }

    /// The digest that an accessory tag belongs to; of a sha512 digest only the first 64 digits, since a
    /// tag cannot be longer.
    ///
    /// <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema>
    #[must_use]
    pub fn accessory_subject(&self) -> Option<String> {
        let of = |algorithm: &'static str| Some((algorithm, self.0.strip_prefix(algorithm)?));
        let (algorithm, rest) = of("sha256").or_else(|| of("sha512"))?;
        let rest = rest.strip_prefix('-')?;
        let (hex, suffix) = rest.split_at_checked(64)?;
        let is_hex = hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        (is_hex && (suffix.is_empty() || suffix.starts_with('.')))
            .then(|| format!("{algorithm}:{hex}"))
    }
}

impl fmt::Display for TagName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
