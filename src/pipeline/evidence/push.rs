//! What a push prints of the digest that it gave a tag.
//!
//! ```text
//! #18 pushing manifest for registry.example.com/acme/backend:prod-…@sha256:… 0.9s done
//!
//! The push refers to repository [registry.example.com/acme/backend]
//! prod-…: digest: sha256:… size: 2202
//! ```

use super::reference::LogReference;
use crate::model::Digest;

/// Reads the lines of `docker push`, of which the repository stands before the digest.
#[derive(Debug, Default)]
pub(super) struct Pushes {
    repository: Option<String>,
    /// Whether the repository has had a digest.
    is_told: bool,
    /// Whether pushes ran at the same time: then it is unknown to which repository a tag belongs.
    is_ambiguous: bool,
}

impl Pushes {
    /// Takes in a line of output; returns a tag and its digest, if the line tells them.
    pub(super) fn read(&mut self, line: &str) -> Option<(LogReference, Digest)> {
        if let Some(text) = line.split_once("pushing manifest for ").map(|(_, text)| text) {
            let pushed = LogReference::parse(text.split_whitespace().next()?)?;
            let digest = pushed.digest()?.clone();
            // Pushed by digest alone: a part of an index, which gets its tag later.
            pushed.tag()?;
            return Some((pushed.without_digest(), digest));
        }
        if let Some((_, text)) = line.split_once("The push refers to repository [") {
            self.is_ambiguous |= self.repository.is_some() && !self.is_told;
            self.repository = text.split_once(']').map(|(name, _)| name.to_owned());
            self.is_told = false;
            return None;
        }
        let (tag, rest) = line.split_once(": digest: ")?;
        let (digest, _) = rest.split_once(" size: ")?;
        let digest = Digest::parse(digest).ok()?;
        let tag = tag.rsplit(char::is_whitespace).next().unwrap_or_default();
        self.is_told = true;
        let repository = self.repository.as_ref().filter(|_| !self.is_ambiguous)?;
        Some((LogReference::parse(&format!("{repository}:{tag}"))?, digest))
    }

    /// Another step or group begins.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// How many bytes are held.
    pub(super) fn held(&self) -> usize {
        self.repository.as_ref().map_or(0, String::capacity)
    }
}
