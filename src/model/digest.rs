//! A content digest, `algorithm:encoded`, validated once when it is read.
//!
//! The grammar is that of the OCI image specification:
//! <https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#digests>.

use std::cmp::Ordering;
use std::fmt;

use sha2::{Digest as _, Sha256, Sha512};

use super::hex;

/// A digest such as `sha256:9f86d0…`; any well-formed algorithm is accepted. Digests are ordered as their
/// texts are.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Digest(Value);

/// A registry may have a million digests, nearly all of them sha256: their bytes need less than half of
/// the memory that their text does, and are compared without following a pointer.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Value {
    Sha256([u8; 32]),
    /// The whole text, for every other algorithm.
    Text(Box<str>),
}

const SHA256: &str = "sha256:";

/// The text is not `algorithm:encoded`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a digest (expected something like `sha256:` and 64 hex digits)")]
pub struct InvalidDigest(String);

/// Computes a digest of bytes that arrive piece by piece.
#[derive(Debug, Clone)]
pub struct DigestState(Algorithm);

#[derive(Debug, Clone)]
enum Algorithm {
    Sha256(Box<Sha256>),
    Sha512(Box<Sha512>),
}

impl DigestState {
    /// Takes in the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            Algorithm::Sha256(state) => state.update(bytes),
            Algorithm::Sha512(state) => state.update(bytes),
        }
    }

    /// The digest of all bytes so far.
    #[must_use]
    pub fn digest(&self) -> Digest {
        match &self.0 {
            Algorithm::Sha256(state) => Digest(Value::Sha256(state.clone().finalize().into())),
            Algorithm::Sha512(state) => Digest(Value::Text(
                format!("sha512:{}", hex::digits(&state.clone().finalize())).into(),
            )),
        }
    }
}

/// The result of comparing bytes with a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteCheck {
    /// The bytes have this digest.
    Match,
    /// The bytes have another digest.
    Differ,
    /// The digest has an algorithm that is not supported here.
    UnknownAlgorithm,
}

impl Digest {
    /// Reads a digest, checking the length for `sha256` and `sha512`.
    ///
    /// # Errors
    /// [`InvalidDigest`] when the text does not follow the grammar.
    pub fn parse(text: &str) -> Result<Self, InvalidDigest> {
        let invalid = || InvalidDigest(text.chars().take(140).collect());
        let (algorithm, encoded) = text.split_once(':').ok_or_else(invalid)?;
        let algorithm_ok = !algorithm.is_empty()
            && algorithm
                .split(['+', '.', '_', '-'])
                .all(|part| !part.is_empty() && part.bytes().all(is_lower_alphanumeric));
        let encoded_ok = match algorithm {
            "sha256" => {
                let bytes = hex::bytes(encoded).filter(|_| encoded.len() == 64);
                let bytes = bytes.ok_or_else(invalid)?;
                return Ok(Self(Value::Sha256(bytes)));
            }
            "sha512" => encoded.len() == 128 && encoded.bytes().all(is_hex_digit),
            _ => {
                (1..=512).contains(&encoded.len())
                    && encoded
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'=' | b'_' | b'-'))
            }
        };
        let is_valid = algorithm_ok && encoded_ok;
        if is_valid { Ok(Self(Value::Text(text.into()))) } else { Err(invalid()) }
    }

    /// The sha256 digest of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Value::Sha256(Sha256::digest(bytes).into()))
    }

    /// The part before the colon.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        match &self.0 {
            Value::Sha256(_) => "sha256",
            Value::Text(text) => text.split_once(':').map_or("", |(algorithm, _)| algorithm),
        }
    }

    /// The part after the colon.
    #[must_use]
    pub fn encoded(&self) -> String {
        match &self.0 {
            Value::Sha256(bytes) => hex::digits(bytes),
            Value::Text(text) => text.split_once(':').map_or("", |(_, encoded)| encoded).to_owned(),
        }
    }

    /// Whether its text begins with another.
    #[must_use]
    pub fn begins_with(&self, text: &str) -> bool {
        match &self.0 {
            Value::Sha256(_) => self.to_string().starts_with(text),
            Value::Text(whole) => whole.starts_with(text),
        }
    }

    /// Whether its text is ordered before another.
    #[must_use]
    pub fn is_before(&self, text: &str) -> bool {
        match &self.0 {
            Value::Sha256(_) => *self.to_string() < *text,
            Value::Text(whole) => **whole < *text,
        }
    }

    /// The algorithm and the first twelve characters: enough for a person to compare.
    #[must_use]
    pub fn short(&self) -> String {
        let encoded = self.encoded();
        format!("{}:{}", self.algorithm(), &encoded[..encoded.len().min(12)])
    }

    /// The state to compute a digest of the same algorithm with; none when the algorithm is unknown.
    #[must_use]
    pub fn state(&self) -> Option<DigestState> {
        match self.algorithm() {
            "sha256" => Some(DigestState(Algorithm::Sha256(Box::default()))),
            "sha512" => Some(DigestState(Algorithm::Sha512(Box::default()))),
            _ => None,
        }
    }

    /// Recomputes the digest of `bytes` and compares.
    #[must_use]
    pub fn check(&self, bytes: &[u8]) -> ByteCheck {
        let is_match = match &self.0 {
            Value::Sha256(expected) => Sha256::digest(bytes)[..] == expected[..],
            Value::Text(_) if self.algorithm() == "sha512" => {
                hex::digits(&Sha512::digest(bytes)) == self.encoded()
            }
            Value::Text(_) => return ByteCheck::UnknownAlgorithm,
        };
        if is_match { ByteCheck::Match } else { ByteCheck::Differ }
    }
}

fn is_lower_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn is_hex_digit(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

impl Ord for Digest {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            // Hex digits are ordered as the bytes that they stand for.
            (Value::Sha256(a), Value::Sha256(b)) => {
                hex::beginning(a).cmp(&hex::beginning(b)).then_with(|| a.cmp(b))
            }
            (Value::Text(a), Value::Text(b)) => a.cmp(b),
            // No other text begins with `sha256:`, and none is a beginning of it.
            (Value::Sha256(_), Value::Text(text)) => SHA256.cmp(text),
            (Value::Text(text), Value::Sha256(_)) => (**text).cmp(SHA256),
        }
    }
}

impl PartialOrd for Digest {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Value::Sha256(bytes) => {
                f.write_str(SHA256)?;
                f.write_str(&hex::digits(bytes))
            }
            Value::Text(text) => f.write_str(text),
        }
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_nothing_is_the_known_one() {
        let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(b"").to_string(), empty);
        assert_eq!(Digest::parse(empty).map(|d| d.check(b"")), Ok(ByteCheck::Match));
        assert_eq!(Digest::parse(empty).map(|d| d.check(b"x")), Ok(ByteCheck::Differ));
    }

    #[test]
    fn a_digest_in_pieces_is_that_of_the_whole() {
        let sha512 = Digest::parse(&format!("sha512:{}", "0".repeat(128))).expect("a digest");
        for like in [Digest::of(b""), sha512] {
            let mut state = like.state().expect("a known algorithm");
            state.update(b"a ");
            state.update(b"layer");
            assert_eq!(state.digest().check(b"a layer"), ByteCheck::Match);
            assert_eq!(state.digest().algorithm(), like.algorithm());
        }
    }

    #[test]
    fn digests_are_ordered_as_their_texts_are() {
        let long = format!("sha512:{}", "0".repeat(128));
        let texts = [
            "a:b",
            "sha2:b",
            "sha256+b:c",
            "sha256.x:c",
            "sha257:c",
            "sha3:c",
            long.as_str(),
            "z:a",
        ];
        let mut digests: Vec<Digest> =
            texts.iter().map(|text| Digest::parse(text).expect("a digest")).collect();
        digests.extend([b"a", b"b", b"c", b"d"].map(|bytes| Digest::of(bytes)));
        for a in &digests {
            for b in &digests {
                let (one, other) = (a.to_string(), b.to_string());
                assert_eq!(a.cmp(b), one.cmp(&other), "{a} {b}");
                assert_eq!(a.is_before(&other), one < other, "{a} {b}");
                assert_eq!(a.begins_with(&other), a == b, "{a} {b}");
            }
            assert!(a.begins_with(&a.to_string()[..a.to_string().len() - 1]), "{a}");
            assert_eq!(Digest::parse(&a.to_string()), Ok(a.clone()));
        }
    }

    #[test]
    fn malformed_digests_are_refused() {
        for text in [
            "",
            "sha256",
            "sha256:",
            "sha256:abc",
            ":abc",
            "SHA256:e3b0",
            "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
            "blake3:../../etc",
            "a b:abc",
        ] {
            assert!(Digest::parse(text).is_err(), "{text:?} was accepted");
        }
        assert!(
            Digest::parse("multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8")
                .is_ok()
        );
    }
}
