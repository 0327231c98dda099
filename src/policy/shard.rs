//! Which of several runs that share the repositories of a policy a run is.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use crate::model::Digest;

/// One of `count` shards, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: NonZeroU32,
}

/// A text that names no shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected I/N, such as 0/8: shard I of N, from 0 to N-1")]
pub struct InvalidShard;

impl Shard {
    /// Shard `index` of `count`; N of N is the same as 0 of N, so that one may count from 1 too.
    ///
    /// # Errors
    /// [`InvalidShard`] when there is no such shard.
    pub fn new(index: u32, count: NonZeroU32) -> Result<Self, InvalidShard> {
        if index > count.get() {
            Err(InvalidShard)
        } else {
            Ok(Self { index: index % count, count })
        }
    }

    /// Whether a group of repositories is in this shard. The key is hashed in a way that never changes.
    pub(super) fn has(self, key: &str) -> bool {
        let digest = Digest::of(key.as_bytes());
        let number = digest.encoded().get(..15).and_then(|hex| u64::from_str_radix(hex, 16).ok());
        number.unwrap_or_default() % u64::from(self.count.get()) == u64::from(self.index)
    }
}

impl FromStr for Shard {
    type Err = InvalidShard;

    fn from_str(text: &str) -> Result<Self, InvalidShard> {
        let (index, count) = text.split_once('/').ok_or(InvalidShard)?;
        let number = |text: &str| text.trim().parse().map_err(|_| InvalidShard);
        Self::new(number(index)?, NonZeroU32::new(number(count)?).ok_or(InvalidShard)?)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_counted_from_0_or_from_1() {
        for (text, shown) in [("0/8", "0/8"), ("7/8", "7/8"), ("8/8", "0/8"), (" 1 / 1", "0/1")] {
            assert_eq!(text.parse::<Shard>().map(|shard| shard.to_string()), Ok(shown.to_owned()));
        }
        for text in ["", "1", "9/8", "0/0", "-1/8", "1/8/2", "a/b", "1/", "/8"] {
            assert_eq!(text.parse::<Shard>(), Err(InvalidShard), "{text}");
        }
    }

    #[test]
    fn a_key_is_in_the_same_shard_for_ever() {
        let shard = |key: &str| {
            (0..8).find(|index| {
                let count = NonZeroU32::new(8).expect("a count");
                Shard::new(*index, count).expect("a shard").has(key)
            })
        };
        assert_eq!(
            ["environment prod", "environment uat", "image web"].map(shard),
            [Some(4), Some(0), Some(4)]
        );
    }
}
