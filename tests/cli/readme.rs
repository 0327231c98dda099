//! What the README and the pages in `docs/` show is what the program does: help, demo, plan, policy,
//! workflow, map; and their links lead somewhere.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use crate::picture;
use crate::support::program::Home;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The README and the pages of `docs/`, by their paths.
fn pages() -> BTreeMap<PathBuf, String> {
    let docs = std::fs::read_dir(root().join("docs")).expect("docs");
    let docs = docs.map(|entry| entry.expect("an entry").path());
    let all = docs.filter(|path| path.extension().is_some_and(|end| end == "md"));
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("a page");
        (path, text)
    };
    all.chain([root().join("README.md")]).map(read).collect()
}

fn page(name: &str) -> String {
    pages().remove(&root().join(name)).expect("a page")
}

/// The code block below a marker, which one page has.
fn block(marker: &str) -> String {
    let marker = format!("<!-- {marker} -->\n```");
    let found: Vec<String> = pages().into_values().filter(|text| text.contains(&marker)).collect();
    assert_eq!(found.len(), 1, "{marker}");
    let (_, rest) = found[0].split_once(&marker).expect("a marker");
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

/// Whether the pages are to be written anew, and not only checked.
#[expect(clippy::disallowed_methods, reason = "the environment says what the tests may write")]
fn updates() -> bool {
    std::env::var_os("TAGS_UPDATE_DOCS").is_some()
}

/// Writes a block anew.
fn update(marker: &str, code: &str) {
    let old = block(marker);
    for (path, text) in pages() {
        if text.contains(&format!("<!-- {marker} -->\n```")) {
            std::fs::write(path, text.replace(&old, code)).expect("a page");
        }
    }
}

#[test]
fn the_demo_shows_what_the_pages_show() {
    let demo = tags(&["demo"]);
    if updates() && settled(&block("demo")) != settled(&demo) {
        update("demo", &demo);
    }
    assert_eq!(settled(&block("demo")), settled(&demo));
}

/// What the picture of the terminal shows, at 100 columns.
const PICTURE: [&str; 3] = ["verify uat --sha 97f8bcab556a", "list prod", "rollback prod"];

#[test]
fn the_picture_shows_what_the_program_prints() {
    let served = Served::start();
    let mut shown = String::new();
    for line in PICTURE {
        let words: Vec<&str> = line.split(' ').collect();
        let run = served.home.run(&words, |command| {
            let colours = [("CLICOLOR_FORCE", "1"), ("COLUMNS", "100")];
            command.env_remove("NO_COLOR").env("TAGS_SANDBOX_TOKEN", "sandbox").envs(colours)
        });
        shown += &format!("\u{1b}[1m$ tags {line}\u{1b}[0m\n{}\n", run.stdout);
    }
    let (path, made) = (root().join("docs/terminal.svg"), picture::svg(shown.trim_end(), 100));
    let known = || std::fs::read_to_string(&path).unwrap_or_default();
    if updates() && picture::settled(&known(), settled) != picture::settled(&made, settled) {
        std::fs::write(&path, &made).expect("a picture");
    }
    assert_eq!(picture::settled(&known(), settled), picture::settled(&made, settled));
    assert!(page("README.md").contains("](docs/terminal.svg)"));
}

#[test]
fn the_readme_is_a_door_and_no_manual() {
    let lines = page("README.md").lines().count();
    assert!(lines <= 200, "{lines} lines");
}

/// A heading as the anchor of a link.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let pages = pages();
    let mut checked = 0;
    for (path, text) in &pages {
        for rest in text.split("](").skip(1) {
            let target = rest.split(')').next().unwrap_or_default();
            if target.starts_with("http") || target.contains(' ') {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let folder = path.parent().expect("a folder");
            let file = if file.is_empty() {
                path.clone()
            } else {
                std::path::absolute(folder.join(file)).expect("a path")
            };
            assert!(file.exists(), "{}: {target}", path.display());
            if !heading.is_empty() {
                let text = pages.get(&file.canonicalize().expect("a file")).expect("a page");
                let has = |line: &str| line.starts_with('#') && anchor(line) == heading;
                assert!(text.lines().any(has), "{}: {target}", path.display());
            }
            checked += 1;
        }
    }
    assert!(checked > 40, "only {checked} links were found");
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
        let run = served.run(&block(marker));
        if updates() && settled(&block(marker)) != settled(&run) {
            update(marker, run.trim_end());
        }
        assert_shortened(&block(marker), &run);
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
    let text = page("docs/cleanup.md");
    let codes = KeepCode::ALL.iter().map(|code| code.as_str());
    for code in codes.chain(DeleteCode::ALL.iter().map(|code| code.as_str())) {
        assert!(text.contains(&format!("\n| `{code}` | ")), "{code}");
    }
}

#[test]
fn the_drafted_policy_is_what_init_writes() {
    let home = Home::with(&[("GITHUB_REPOSITORY", "Acme-Inc/Shop")]);
    let workflow = root().join("tests/cli/init/repositories/branches/main.yml");
    home.file(
        ".github/workflows/main.yml",
        &std::fs::read_to_string(workflow).expect("a workflow"),
    );
    let run = home.tags(&["init", "--out", "-"]);
    assert_eq!(run.code, 0, "{run:?}");
    for marker in ["drafted", "drafted-short"] {
        assert_shortened(&block(marker), &run.stdout);
    }
}

#[test]
fn the_policy_is_valid() {
    tags::policy::parse("README.md", &block("policy")).expect("a valid policy");
}

#[test]
fn the_map_names_every_module() {
    let text = page("docs/source.md");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in std::fs::read_dir(source).expect("a folder") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        let known = name == "lib.rs" || text.contains(&format!("`src/{name}"));
        assert!(known, "the map does not name src/{name}");
    }
}
