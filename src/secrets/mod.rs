//! The secrets of a run, and their replacement in everything that leaves the process.
//!
//! A secret is added as soon as it is known. From then on it is replaced by `***` in any text, both
//! unencoded and as a server, a log or an output format may encode it: in base64 (also as part of a
//! longer text), URL-encoded, escaped for JSON, Markdown or HTML, and in combinations of these.
//!
//! Secrets of eight bytes and more are replaced everywhere. Those of four to seven are replaced
//! only as whole words: `prod` as a password must not change `prod-latest`. Shorter ones are not
//! replaced.

mod decode;
mod needle;
mod spelling;

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use decode::{Decoded, ESCAPE_STARTS};
use needle::Needles;

/// What replaces a secret.
const MASK: &[u8] = b"***";
/// How many nested encodings are decoded.
const LAYERS: usize = 5;

/// The secrets that are known so far; clones share them.
#[derive(Clone, Default)]
pub struct Secrets {
    needles: Arc<RwLock<Needles>>,
}

impl Secrets {
    /// Adds a secret.
    pub fn add(&self, secret: &str) {
        self.add_needles(spelling::of_secret(secret.as_bytes()));
        // If the secret itself contains an escape, decoding a text would decode that one too.
        if Decoded::of(secret.as_bytes()).is_some() {
            self.needles.write().unwrap_or_else(PoisonError::into_inner).note_escapes();
        }
        let mut bytes = secret.as_bytes().to_vec();
        for _ in 0..LAYERS {
            let Some(decoded) = Decoded::of(&bytes) else {
                return;
            };
            bytes = decoded.into_bytes();
            self.add_needles(spelling::of_secret(&bytes));
        }
    }

    /// Adds a password, alone and together with its user.
    pub fn add_pair(&self, user: &str, password: &str) {
        self.add(password);
        self.add_needles(spelling::of_pair(user, password));
    }

    /// Adds the password of a URL, if there is one.
    pub fn add_url(&self, url: &url::Url) {
        if let Some(password) = url.password() {
            self.add_pair(url.username(), password);
            // The decoded form is what is sent.
            if let Some(decoded) = Decoded::of(password.as_bytes()) {
                let password = String::from_utf8_lossy(decoded.bytes());
                self.add_pair(url.username(), &password);
            }
        }
    }

    fn add_needles(&self, needles: Vec<needle::Needle>) {
        let mut known = self.needles.write().unwrap_or_else(PoisonError::into_inner);
        for needle in needles {
            known.add(needle);
        }
    }

    /// The bytes with every secret replaced.
    #[must_use]
    pub fn redact<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let found = self.find(bytes);
        if found.is_empty() {
            return Cow::Borrowed(bytes);
        }
        let mut safe = Vec::with_capacity(bytes.len());
        let mut end = 0;
        for range in found {
            safe.extend_from_slice(&bytes[end..range.start]);
            safe.extend_from_slice(MASK);
            end = range.end;
        }
        safe.extend_from_slice(&bytes[end..]);
        Cow::Owned(safe)
    }

    /// The text with every secret replaced.
    #[must_use]
    pub fn redact_text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.redact(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(safe) => Cow::Owned(String::from_utf8_lossy(&safe).into_owned()),
        }
    }

    /// Whether the bytes contain a secret, in any encoding.
    #[must_use]
    pub fn occur_in(&self, bytes: &[u8]) -> bool {
        !self.find(bytes).is_empty()
    }

    /// Whether a secret contains a line break. If none does, a text can be searched line by line.
    #[must_use]
    pub fn may_span_lines(&self) -> bool {
        self.needles.read().unwrap_or_else(PoisonError::into_inner).have_lines()
    }

    /// The ranges of secrets, in order and not overlapping.
    fn find(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let needles = self.needles.read().unwrap_or_else(PoisonError::into_inner);
        if needles.is_empty() {
            return Vec::new();
        }
        let mut plain = needles.find(bytes).into_iter().peekable();
        let (mut found, mut start) = (Vec::new(), 0);
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let end = start + line.len();
            let within = std::iter::from_fn(|| plain.next_if(|range| range.start < end));
            let within: Vec<Range<usize>> = within.collect();
            match Decoded::of(line) {
                Some(decoded) => {
                    // Whole escapes are replaced.
                    found.extend(within.into_iter().map(|range| decoded.around(range, start)));
                    found.extend(find_encoded(&needles, decoded, start));
                    if needles.has_escapes() {
                        found.extend(find_mixed(&needles, line, start));
                    }
                }
                None => found.extend(within),
            }
            start = end;
        }
        joined(found)
    }
}

/// Finds secrets in a decoded line, one layer of escapes after the other; `start` is the position
/// of the line.
fn find_encoded(needles: &Needles, mut decoded: Decoded, start: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for _ in 0..LAYERS {
        for range in needles.find(decoded.bytes()) {
            let source = decoded.source(range);
            found.push(source.start + start..source.end + start);
        }
        match decoded.decode_again() {
            Some(next) => decoded = next,
            None => break,
        }
    }
    found
}

/// Finds secrets that contain an escape themselves: decoding all kinds of escapes at once would
/// change them, so each kind is decoded alone, in every order.
fn find_mixed(needles: &Needles, line: &[u8], start: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut seen: HashSet<Vec<u8>> = HashSet::new();
    let mut layer = vec![Decoded::undecoded(line)];
    for _ in 0..LAYERS {
        let next =
            layer.iter().flat_map(|one| ESCAPE_STARTS.map(|begin| one.decode_again_of(begin)));
        layer = next.flatten().filter(|one| seen.insert(one.bytes().to_vec())).collect();
        for decoded in &layer {
            for range in needles.find(decoded.bytes()) {
                let source = decoded.source(range);
                found.push(source.start + start..source.end + start);
            }
        }
    }
    found
}

/// The ranges in order, with adjacent and overlapping ones merged.
fn joined(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

#[cfg(test)]
mod tests;
