//! A content digest, `algorithm:encoded`, validated once when it is read.
//!
//! The grammar is that of the OCI image specification:
//! <https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#digests>.

use std::fmt;

use sha2::{Digest as _, Sha256, Sha512};

/// A digest such as `sha256:9f86d0…`; any well-formed algorithm is accepted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(Box<str>);

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
        let text = match &self.0 {
            Algorithm::Sha256(state) => format!("sha256:{}", hex(&state.clone().finalize())),
            Algorithm::Sha512(state) => format!("sha512:{}", hex(&state.clone().finalize())),
        };
        Digest(text.into())
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
        let hex = encoded.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let encoded_ok = match algorithm {
            "sha256" => encoded.len() == 64 && hex,
            "sha512" => encoded.len() == 128 && hex,
            _ => {
                (1..=512).contains(&encoded.len())
                    && encoded
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'=' | b'_' | b'-'))
            }
        };
        if algorithm_ok && encoded_ok { Ok(Self(text.into())) } else { Err(invalid()) }
    }

    /// The sha256 digest of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(format!("sha256:{}", hex(&Sha256::digest(bytes))).into())
    }

    /// The whole text, `algorithm:encoded`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the colon.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        self.0.split_once(':').map_or("", |(algorithm, _)| algorithm)
    }

    /// The part after the colon.
    #[must_use]
    pub fn encoded(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, encoded)| encoded)
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
        let actual = match self.algorithm() {
            "sha256" => hex(&Sha256::digest(bytes)),
            "sha512" => hex(&Sha512::digest(bytes)),
            _ => return ByteCheck::UnknownAlgorithm,
        };
        if actual == self.encoded() { ByteCheck::Match } else { ByteCheck::Differ }
    }
}

fn is_lower_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .map(char::from)
        .collect()
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_nothing_is_the_known_one() {
        let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(b"").as_str(), empty);
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
