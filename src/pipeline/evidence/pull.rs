//! What `docker pull` and `docker run` print of an image that they fetched: its digest, then its reference.
//!
//! ```text
//! Digest: sha256:…
//! Status: Downloaded newer image for registry.example.com/acme/backend:prod-…
//! ```

use super::reference::LogReference;
use crate::model::Digest;

/// Docker prints both lines at once: a digest that came longer before belongs to something else.
const NEAR: u64 = 8;

const STATUSES: [&str; 2] =
    ["Status: Downloaded newer image for ", "Status: Image is up to date for "];

/// Pairs the digests and the references of pulls.
#[derive(Debug, Default)]
pub(super) struct Pulls {
    /// Digests without a reference so far, with their lines.
    open: Vec<(u64, Digest)>,
    /// Whether several were open at once: then it is unknown which belongs to which image.
    is_ambiguous: bool,
}

impl Pulls {
    /// Takes in a line of output; returns an image and its digest, if both are told by now.
    pub(super) fn read(
        &mut self,
        number: u64,
        line: &str,
    ) -> Option<(LogReference, Option<Digest>)> {
        if let Some(digest) = behind(line, "Digest: ").and_then(|text| Digest::parse(text).ok()) {
            self.forget_before(number);
            self.open.push((number, digest));
            self.is_ambiguous |= self.open.len() > 1;
            return None;
        }
        let image = STATUSES.iter().find_map(|status| behind(line, status))?;
        let image = LogReference::parse(image)?;
        self.forget_before(number);
        let told = if self.open.is_empty() { None } else { Some(self.open.remove(0).1) };
        let told = told.filter(|_| !self.is_ambiguous);
        self.is_ambiguous &= !self.open.is_empty();
        // A reference by digest names it itself.
        let digest = image.digest().cloned().or(told);
        Some((image, digest))
    }

    /// Another step or group begins.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    fn forget_before(&mut self, number: u64) {
        self.open.retain(|(line, _)| line + NEAR >= number);
        self.is_ambiguous &= !self.open.is_empty();
    }
}

/// The last word of a line, if this text stands before it.
fn behind<'a>(line: &'a str, text: &str) -> Option<&'a str> {
    let at = line.find(text)?;
    // `Digest:` alone, or behind a prefix of the program that runs the command: `out: Digest: …`.
    let is_word = line[..at].chars().next_back().is_none_or(char::is_whitespace);
    let word = line[at + text.len()..].trim();
    (is_word && !word.contains(char::is_whitespace)).then_some(word)
}
