//! The encodings of a secret that are searched for, other than escapes.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD, PAD};

use super::needle::{MatchContext, Needle};

/// Shorter secrets are not searched for.
const SHORTEST: usize = 4;
/// Shorter ones are searched for as whole words only.
const ANYWHERE: usize = 8;

/// A secret as it is, with `+` instead of blanks, and in base64.
pub(super) fn of_secret(secret: &[u8]) -> Vec<Needle> {
    if secret.len() < SHORTEST {
        return Vec::new();
    }
    let context =
        if secret.len() < ANYWHERE { MatchContext::Alone } else { MatchContext::Anywhere };
    let mut needles = vec![Needle { bytes: secret.to_vec(), context }];
    if secret.contains(&b' ') {
        let bytes = secret.iter().map(|byte| if *byte == b' ' { b'+' } else { *byte }).collect();
        needles.push(Needle { bytes, context });
    }
    needles.extend(base64(secret).into_iter().map(|bytes| Needle { bytes, context }));
    if context == MatchContext::Anywhere {
        needles.extend(within_base64(secret));
    }
    needles
}

/// `user:password` of Basic authentication, in base64.
pub(super) fn of_pair(user: &str, password: &str) -> Vec<Needle> {
    let pair = format!("{user}:{password}");
    let context = if pair.len() < ANYWHERE { MatchContext::Alone } else { MatchContext::Anywhere };
    let needle = |bytes: Vec<u8>| Needle { bytes, context };
    let all = base64(pair.as_bytes()).into_iter().map(needle);
    all.filter(|needle| needle.bytes.len() >= SHORTEST).collect()
}

/// In both alphabets, with and without padding.
fn base64(bytes: &[u8]) -> Vec<Vec<u8>> {
    let engines = [(&STANDARD, PAD), (&STANDARD, NO_PAD), (&URL_SAFE, PAD), (&URL_SAFE, NO_PAD)];
    let encode = |(alphabet, config)| GeneralPurpose::new(alphabet, config).encode(bytes);
    let mut all: Vec<Vec<u8>> = engines.into_iter().map(|e| encode(e).into_bytes()).collect();
    all.sort();
    all.dedup();
    all
}

/// The base64 digits that depend on the secret alone when a longer text that contains it is
/// encoded. There are three variants, by the position of the secret modulo three bytes.
fn within_base64(secret: &[u8]) -> Vec<Needle> {
    let mut needles = Vec::new();
    for before in 0..3 {
        let longer = [vec![0; before], secret.to_vec()].concat();
        let digits = (before * 8).div_ceil(6)..longer.len() * 8 / 6;
        for alphabet in [&STANDARD, &URL_SAFE] {
            let text = GeneralPurpose::new(alphabet, NO_PAD).encode(&longer);
            let bytes = text.as_bytes()[digits.clone()].to_vec();
            needles.push(Needle { bytes, context: MatchContext::WithinBase64 });
        }
    }
    needles
}
