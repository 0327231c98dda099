//! The ID of a running image: what Docker and Kubernetes print when an image has no tag any more.

use std::fmt;

use super::Digest;

/// 12 to 64 hex digits: the digest of an image's config or manifest, or its beginning.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageId(Box<str>);

impl ImageId {
    /// Parses an ID, with or without the prefix `sha256:`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix("sha256:").unwrap_or(text);
        let digits = hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        (digits && (12..=64).contains(&hex.len())).then(|| Self(hex.into()))
    }

    /// Whether the digest begins with this ID.
    #[must_use]
    pub fn matches(&self, digest: &Digest) -> bool {
        digest.algorithm() == "sha256" && digest.encoded().starts_with(&*self.0)
    }
}

impl fmt::Display for ImageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_12_to_64_hex_digits() {
        let digest = Digest::of(b"");
        let (hex, whole) = (&*digest.encoded(), &*digest.to_string());
        for text in [hex, &hex[..12], &hex[..40], whole, &whole[..20]] {
            assert!(ImageId::parse(text).is_some_and(|id| id.matches(&digest)), "{text}");
            assert!(
                !ImageId::parse(text).is_some_and(|id| id.matches(&Digest::of(b"x"))),
                "{text}"
            );
        }
        let upper = hex.to_uppercase();
        for text in
            [&hex[..11], &format!("{hex}0"), &upper, "sha256:", "redis", "sha512:0123456789ab"]
        {
            assert_eq!(ImageId::parse(text), None, "{text}");
        }
    }
}
