//! How reading and deciding grow with the number of tags, without any registry.

use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

use tags::retention::totals;

use crate::million::{answers, contents, policy, with_input};

const SIZES: [usize; 4] = [10_000, 100_000, 1_000_000, 5_000_000];

/// What one size takes.
pub(crate) struct Growth {
    pub(crate) tags: usize,
    /// To make contents from the texts that registries answer.
    pub(crate) read: Duration,
    /// To decide about all of them.
    pub(crate) decide: Duration,
    /// The memory that the contents take, in bytes a tag; `None` where the system does not tell.
    pub(crate) contents_bytes: Option<u64>,
    /// The memory that the decision takes besides, in bytes a tag.
    pub(crate) decision_bytes: Option<u64>,
}

pub(crate) fn measured() -> Vec<Growth> {
    SIZES.into_iter().map(one).collect()
}

fn one(tags: usize) -> Growth {
    let (policy, answers) = (policy(), answers(tags));
    let (contents, read, contents_bytes) = step(|| contents(&policy, &answers));
    drop(answers);
    let decide = || with_input(&policy, &contents, |input| black_box(totals(input)).delete);
    // The first decision of a process is the one that users wait for.
    let (deleted, took, decision_bytes) = step(decide);
    assert!(deleted > tags / 10 * 8, "{deleted} of {tags} are deleted");
    let each = |bytes: Option<u64>| Some(bytes? / u64::try_from(tags).ok()?);
    Growth {
        tags,
        read,
        decide: took,
        contents_bytes: each(contents_bytes),
        decision_bytes: each(decision_bytes),
    }
}

/// Does something; how long it took, and how much more memory the process needed at most meanwhile.
fn step<T>(act: impl FnOnce() -> T) -> (T, Duration, Option<u64>) {
    // From here on the peak counts anew. Linux only.
    let is_reset = fs::write("/proc/self/clear_refs", "5").is_ok();
    let before = bytes("VmRSS:").filter(|_| is_reset);
    let begin = Instant::now();
    let done = act();
    let took = begin.elapsed();
    let more = bytes("VmHWM:").zip(before).map(|(peak, before)| peak.saturating_sub(before));
    (done, took, more)
}

/// A line of `/proc/self/status`.
fn bytes(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}
