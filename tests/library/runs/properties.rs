//! What holds of every log, whatever is in it.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tags::pipeline::evidence::{LogEvidence, LogReader};

use crate::runs::log::{pull, push, read, step, timed};

/// What a reader may hold of the longest log.
const HELD: usize = 256 << 10;

/// `TAGS_EXHAUSTIVE=1` tries many more.
#[expect(clippy::disallowed_methods, reason = "the exhaustive form is asked for by a variable")]
fn config() -> Config {
    let exhaustive = std::env::var_os("TAGS_EXHAUSTIVE").is_some_and(|value| value == "1");
    Config {
        failure_persistence: None,
        ..Config::with_cases(if exhaustive { 100_000 } else { 200 })
    }
}

/// Pieces of logs, whole, broken and foreign.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let reference = "registry.digitalocean.com/acme/backend:prod-1111111";
    let whole = prop::sample::select(vec![
        pull(reference, 'a'),
        pull("***/***:***-1111111111111111111111111111111111111111", 'b'),
        push("ghcr.io/acme/backend", "prod-latest", 'c'),
        step(&["docker pull x"], "ERROR: it already exists"),
        timed("one\ntwo"),
        "##[group]Run x\n".to_owned(),
        "##[endgroup]\r\n".to_owned(),
        "\u{1b}[36;1m".to_owned(),
        "\u{1b}]8;;".to_owned(),
        "\u{feff}".to_owned(),
        "Status: Downloaded newer image for ".to_owned(),
        "#1 pushing manifest for ".to_owned(),
        ": digest: ".to_owned(),
        "\r".to_owned(),
        "\n".to_owned(),
    ]);
    prop_oneof![
        6 => whole.prop_map(String::into_bytes),
        2 => prop::collection::vec(any::<u8>(), 0..80),
        1 => (any::<u8>(), 0usize..40_000).prop_map(|(byte, count)| vec![byte; count]),
    ]
}

/// Reads a log in pieces of these sizes, which are repeated.
fn read_in_pieces(log: &[u8], sizes: &[usize]) -> (LogEvidence, usize) {
    let (mut reader, mut most, mut rest) = (LogReader::default(), 0, log);
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (now, later) = rest.split_at((*size).min(rest.len()));
        reader.read(now);
        most = most.max(reader.held());
        rest = later;
    }
    (reader.finish(), most)
}

#[test]
fn a_log_shows_the_same_in_whatever_pieces_it_comes() {
    let logs = prop::collection::vec(piece(), 0..12).prop_map(|pieces| pieces.concat());
    let sizes = prop::collection::vec(1usize..3000, 1..5);
    let held = |(log, sizes): (Vec<u8>, Vec<usize>)| {
        let (whole, _) = read_in_pieces(&log, &[usize::MAX]);
        let (parts, most) = read_in_pieces(&log, &sizes);
        prop_assert_eq!(&whole, &parts);
        prop_assert!(most <= HELD, "{} bytes are held", most);
        for image in &whole.images {
            let text = image.reference.to_string();
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-:/@*".contains(c);
            prop_assert!(text.chars().all(is_plain) && !text.starts_with(':'), "{}", text);
        }
        Ok(())
    };
    TestRunner::new(config()).run(&(logs, sizes), held).expect("it holds of every log");
}

#[test]
fn a_log_of_64_mib_is_read_in_constant_memory() {
    let expected = read(&pull("a.example/x:1", 'a')).images;
    // One endless line, many short ones, and many different images.
    let images: String =
        (0..2000).map(|number| pull(&format!("a.example/{number}:1"), 'b') + "\n").collect();
    for (what, filler, times) in [
        ("one line", "x".repeat(1 << 20), 64),
        (
            "short lines",
            "a line of a log, as long as most lines of a log are, 64 bytes.\n".repeat(1 << 14),
            64,
        ),
        ("images", images, 1),
    ] {
        let mut reader = LogReader::default();
        reader.read((pull("a.example/x:1", 'a') + "\n").as_bytes());
        let mut most = 0;
        for _ in 0..times {
            reader.read(filler.as_bytes());
            most = most.max(reader.held());
        }
        assert!(most <= HELD, "{what}: {most} bytes are held");
        let found = reader.finish().images;
        assert_eq!(found[..1], expected[..], "{what}");
        assert!(found.len() <= 256, "{what}");
    }
}
