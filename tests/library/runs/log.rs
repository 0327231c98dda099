//! Logs as the runner writes them, made up line by line.

use tags::pipeline::evidence::LogEvidence;
use tags::pipeline::evidence::LogReader;

/// A digest of one repeated digit.
pub(crate) fn digest(digit: char) -> String {
    format!("sha256:{}", digit.to_string().repeat(64))
}

/// A log with a time before each line, and a byte order mark before the first.
pub(crate) fn timed(lines: &str) -> String {
    let line = |(number, line): (usize, &str)| {
        format!("2026-11-22T03:{:02}:{:02}.1234567Z {line}\n", number / 60 % 60, number % 60)
    };
    format!("\u{feff}{}", lines.lines().enumerate().map(line).collect::<String>())
}

/// A step with a script, and what it prints.
pub(crate) fn step(script: &[&str], output: &str) -> String {
    let shown = script.iter().map(|line| format!("\u{1b}[36;1m{line}\u{1b}[0m\n"));
    let first = script.first().copied().unwrap_or_default();
    format!(
        "##[group]Run {first}\n{}shell: /usr/bin/bash -e {{0}}\nenv:\n  TAG: x\n##[endgroup]\n{output}\n",
        shown.collect::<String>()
    )
}

/// What `docker pull` prints.
pub(crate) fn pull(reference: &str, digit: char) -> String {
    format!(
        "prod: Pulling from acme/backend\n4f4fb700ef54: Pull complete\nDigest: {}\nStatus: Downloaded newer image for {reference}\n{reference}",
        digest(digit)
    )
}

/// What `docker push` prints.
pub(crate) fn push(repository: &str, tag: &str, digit: char) -> String {
    format!(
        "The push refers to repository [{repository}]\n5f70bf18a086: Layer already exists\n{tag}: digest: {} size: 1574",
        digest(digit)
    )
}

pub(crate) fn read(text: &str) -> LogEvidence {
    let mut reader = LogReader::default();
    reader.read(text.as_bytes());
    reader.finish()
}

/// The images of a log as `pull REFERENCE DIGIT`, with `-` for an unknown digest.
pub(crate) fn images(text: &str) -> Vec<String> {
    let image = |image: &tags::pipeline::evidence::Evidence| {
        let digit = image
            .digest
            .as_ref()
            .map_or('-', |digest| digest.to_string().chars().next_back().unwrap_or('?'));
        format!("{} {} {digit}", image.kind.as_str(), image.reference)
    };
    read(text).images.iter().map(image).collect()
}
