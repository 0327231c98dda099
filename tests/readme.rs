//! What the README shows is what the program does: help, demo, policy, map.

#![cfg(feature = "sandbox")]
#![expect(clippy::expect_used, reason = "a test that cannot go on says why and fails")]

use std::path::Path;
use std::process::Command;

fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    std::fs::read_to_string(path).expect("a README")
}

/// The code block below a marker.
fn block(marker: &str) -> String {
    let text = readme();
    let (_, rest) = text.split_once(&format!("<!-- {marker} -->\n```")).expect("a marker");
    let (_, code) = rest.split_once('\n').expect("a block");
    code.split_once("\n```").expect("an end").0.to_owned()
}

fn tags(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tags"))
        .args(arguments)
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .output()
        .expect("a run");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

/// Ports, times, ages and digests (which hold times) differ from run to run.
fn settled(text: &str) -> String {
    let mut settled = String::new();
    for line in text.lines() {
        let words: Vec<String> = line.split_whitespace().map(settle_word).collect();
        settled.push_str(&words.join(" "));
        settled.push('\n');
    }
    // `1 day 7 hours ago` and `2 days ago` are both ages.
    for unit in ["day", "days", "hour", "hours", "minute", "minutes"] {
        settled = settled.replace(&format!(" N {unit}"), " AGE");
    }
    settled.replace("AGE AGE", "AGE")
}

fn settle_word(word: &str) -> String {
    if let Some((before, digest)) = word.split_once("sha256:") {
        let rest = digest.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        return settle_word(before) + "DIGEST" + rest;
    }
    if let Some((before, rest)) = word.split_once("127.0.0.1:") {
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        return format!("{before}HOST{rest}");
    }
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b':'));
    if !word.is_empty()
        && word.len() <= 10
        && digits(word)
        && word.bytes().any(|b| b.is_ascii_digit())
    {
        return "N".to_owned();
    }
    word.to_owned()
}

#[test]
fn the_help_is_the_programs_own() {
    assert_eq!(block("help"), tags(&["-h"]));
}

#[test]
fn the_demo_shows_what_the_readme_shows() {
    assert_eq!(settled(&block("demo")), settled(&tags(&["demo"])));
}

#[test]
fn the_policy_is_valid() {
    tags::policy::parse("README.md", &block("policy")).expect("a valid policy");
}

#[test]
fn the_map_names_every_module() {
    let text = readme();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in std::fs::read_dir(source).expect("a folder") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        let known = name == "lib.rs" || text.contains(&format!("`src/{name}"));
        assert!(known, "the map does not name src/{name}");
    }
}
