//! A search for panics and hangs. `TAGS_LINT_SEARCH` is its length in seconds; half a second by default.
//! Each input is in a file while it is linted, so that it outlives a test that is killed.

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use tags::lint::rule::RULES;
use tags::lint::{Source, lint};

use crate::lint::mutation::{Random, mutated};
use crate::lint::properties::PIPELINES;
use crate::lint::world::policy;

/// How long one set may take, without optimisation.
const LONGEST: Duration = Duration::from_secs(20);

/// A number that whoever runs the tests gives.
#[expect(clippy::disallowed_methods, reason = "a longer search is asked for by the environment")]
pub(crate) fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn a_search_finds_no_panic_and_no_hang() {
    let length = asked("TAGS_LINT_SEARCH").map_or(Duration::from_millis(500), Duration::from_secs);
    let end = Instant::now() + length;
    let mut random = Random::new(asked("TAGS_LINT_SEED").unwrap_or(1));
    let examples = RULES.iter().flat_map(|rule| [rule.bad, rule.good]);
    let texts: Vec<&str> = PIPELINES.into_iter().chain(examples).collect();
    let mut sets = 0;
    while Instant::now() < end {
        let count = if random.below(4) == 0 { 2 + random.below(3) } else { 1 };
        let names = ["a.yml", "deploy.yml", "reusable.yml", "b.yml"];
        let source = |at: usize| Source {
            name: format!(".github/workflows/{}", names[at % names.len()]),
            bytes: mutated(&texts, &mut random),
        };
        searched((0..count).map(source).collect(), random.below(2) == 0);
        sets += 1;
    }
    assert!(sets > 0);
}

/// Lints in a thread of its own, so that a hang is reported with its input.
fn searched(sources: Vec<Source>, with_policy: bool) {
    let files = write(&sources);
    let (done, waits) = mpsc::channel();
    let worker = thread::spawn(move || {
        let policy = with_policy.then(policy);
        let findings = lint(&sources, policy.as_ref());
        // Nobody waits any more once the time is over.
        let _ = done.send(());
        (sources, findings)
    });
    let ended = waits.recv_timeout(LONGEST);
    assert!(ended != Err(mpsc::RecvTimeoutError::Timeout), "hangs: {files:?}");
    let (sources, findings) = worker.join().unwrap_or_else(|_| panic!("panics: {files:?}"));
    for finding in findings {
        let source = sources.iter().find(|source| source.name == finding.file).expect("a file");
        let text = String::from_utf8_lossy(&source.bytes);
        let lines = u32::try_from(text.split(['\n', '\r']).count()).expect("a number");
        assert!(finding.at.line >= 1 && finding.at.line <= lines + 1, "{finding:?} of {files:?}");
        let private = |c: char| (0xF_0000..=0x10_FFFD).contains(&u32::from(c));
        let shown = [&finding.subject, &finding.message, &finding.help];
        assert!(!shown.iter().any(|text| text.contains(private)), "{finding:?} of {files:?}");
    }
}

/// Keeps a set where it outlives the test.
fn write(sources: &[Source]) -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("lint-search");
    std::fs::create_dir_all(&folder).expect("a folder");
    let keep = |(at, source): (usize, &Source)| {
        let path = folder.join(format!("{at}.yml"));
        std::fs::write(&path, &source.bytes).expect("a file");
        path
    };
    sources.iter().enumerate().map(keep).collect()
}
