//! Secrets of a run, and their removal from whatever leaves the process.
//!
//! A secret is learned as soon as it is known and from then on found in any text, as it is and in
//! the spellings that a server, a log or one of our own formats gives it: base64 (also as part of
//! something longer), URL-encoded, escaped for JSON, Markdown or HTML, and several of these on top
//! of each other. Each becomes `***`.
//!
//! Secrets of eight bytes and more are found everywhere. Those of four to seven are found where
//! they stand as a word of their own: `prod` as a password must not turn `prod-latest` into
//! something else. Shorter ones are not looked for.

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

/// What stands in place of a secret.
const MASK: &[u8] = b"***";
/// How many encodings on top of each other are looked through.
const LAYERS: usize = 5;

/// The secrets that are known so far; clones share them.
#[derive(Clone, Default)]
pub struct Secrets {
    needles: Arc<RwLock<Needles>>,
}

impl Secrets {
    /// From now on this is a secret.
    pub fn learn(&self, secret: &str) {
        self.add(spelling::of_secret(secret.as_bytes()));
        // One that has what looks like an escape may lose it along with the escapes around it.
        if Decoded::of(secret.as_bytes()).is_some() {
            self.needles.write().unwrap_or_else(PoisonError::into_inner).note_escapes();
        }
        let mut bytes = secret.as_bytes().to_vec();
        for _ in 0..LAYERS {
            let Some(decoded) = Decoded::of(&bytes) else {
                return;
            };
            bytes = decoded.into_bytes();
            self.add(spelling::of_secret(&bytes));
        }
    }

    /// From now on this is a password, alone and together with its user.
    pub fn learn_pair(&self, user: &str, password: &str) {
        self.learn(password);
        self.add(spelling::of_pair(user, password));
    }

    /// From now on the password in a URL is a secret, if there is one.
    pub fn learn_url(&self, url: &url::Url) {
        if let Some(password) = url.password() {
            self.learn_pair(url.username(), password);
            // What it is sent as.
            if let Some(decoded) = Decoded::of(password.as_bytes()) {
                let password = String::from_utf8_lossy(decoded.bytes());
                self.learn_pair(url.username(), &password);
            }
        }
    }

    fn add(&self, needles: Vec<needle::Needle>) {
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

    /// Whether a secret is in there, in whatever spelling.
    #[must_use]
    pub fn are_in(&self, bytes: &[u8]) -> bool {
        !self.find(bytes).is_empty()
    }

    /// Whether a secret may begin on one line and end on another. If none does, a text can be looked
    /// through line by line.
    #[must_use]
    pub fn span_lines(&self) -> bool {
        self.needles.read().unwrap_or_else(PoisonError::into_inner).have_lines()
    }

    /// Where secrets are: in order, apart from each other.
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
                    // No escape is cut in two.
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

/// Finds secrets in what a line stands for, layer by layer; `start` is where the line is.
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

/// Finds secrets that have what looks like an escape themselves: taking all escapes off at once
/// spoils them, so each kind is taken off alone, in every order.
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

/// Ranges in order; those that touch become one.
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
