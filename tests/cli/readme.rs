//! What the README shows is what the program does: help, demo, plan, policy, workflow, map.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use crate::support::program::Home;

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

/// Wide, and without colours.
const PLAIN: [(&str, &str); 2] = [("COLUMNS", "100"), ("NO_COLOR", "1")];

fn tags(arguments: &[&str]) -> String {
    let run = Home::with(&PLAIN).tags(arguments);
    assert_eq!(run.code, 0, "{run:?}");
    run.stdout.trim().to_owned()
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
    let digits =
        |text: &str| text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b':' | b'.'));
    if let Some(word) = word.strip_prefix('(').filter(|word| !word.is_empty() && digits(word)) {
        return format!("({}", settle_word(word));
    }
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

/// Embedded DigitalOcean and GitHub registries, until dropped.
struct Served {
    process: Child,
    home: Home,
}

impl Served {
    fn start() -> Self {
        let home = Home::with(&PLAIN);
        let mut process = home
            .command(&["sandbox", "--kind", "docr-ghcr", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a sandbox");
        let mut policy = String::new();
        // It goes on serving; the last line of the policy is known.
        for line in BufReader::new(process.stdout.as_mut().expect("stdout")).lines() {
            let line = line.expect("text");
            policy += &format!("{line}\n");
            if line.starts_with("max-share") {
                break;
            }
        }
        home.policy(&policy);
        Self { process, home }
    }

    /// What a command of a block prints, the command itself included.
    fn run(&self, block: &str) -> String {
        let line = block.lines().next().and_then(|line| line.strip_prefix("$ tags "));
        let line = line.expect("a command");
        let words: Vec<&str> = line.split(' ').collect();
        let run = self.home.run(&words, |command| command.env("TAGS_SANDBOX_TOKEN", "sandbox"));
        assert_eq!(run.code, 0, "{run:?}");
        format!("$ tags {line}\n{}", run.stdout)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // One that has ended by itself needs no ending.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Holds a block against an output, of which `...` lines leave something out.
fn assert_shortened(block: &str, output: &str) {
    let output = settled(output);
    let mut rest = output.as_str();
    for part in settled(block).split("...\n").map(str::trim).filter(|part| !part.is_empty()) {
        let at = rest.find(part);
        assert!(at.is_some(), "this is not in it:\n{part}\n--- it goes on with:\n{rest}");
        rest = &rest[at.unwrap_or_default() + part.len()..];
    }
}

#[test]
fn the_plan_and_its_explanation_are_the_programs_own() {
    let served = Served::start();
    for marker in ["plan", "explain"] {
        assert_shortened(&block(marker), &served.run(&block(marker)));
    }
}

#[test]
fn the_nightly_workflow_has_nothing_that_lint_finds() {
    let policy = tags::policy::parse("README.md", &block("policy")).expect("a valid policy");
    let source = tags::lint::Source {
        name: ".github/workflows/cleanup.yml".to_owned(),
        bytes: block("nightly").into_bytes(),
    };
    let found = tags::lint::lint(&[source], Some(&policy));
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn every_reason_is_told() {
    use tags::retention::{DeleteCode, KeepCode};
    let text = readme();
    let codes = KeepCode::ALL.iter().map(|code| code.as_str());
    for code in codes.chain(DeleteCode::ALL.iter().map(|code| code.as_str())) {
        assert!(text.contains(&format!("\n| `{code}` | ")), "{code}");
    }
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
