//! Every protection against deleting, moving or claiming on doubtful evidence can be switched off
//! by one edit, and a test fails for each.
//!
//! The edits stand in `tests/protections/*.toml`: a text that occurs once in a source file,
//! and what takes its place. By default only the list is checked, so that it cannot go stale. With
//! `TAGS_PROTECTIONS=all` each edit is made in a copy of the sources, which must still compile, and
//! the named tests are run, which must fail. `TAGS_PROTECTIONS=7.3` takes one clause only, and any
//! other word those edits whose description contains it.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    protection: Vec<Protection>,
}

/// One edit that switches a protection off.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Protection {
    /// The clause of the contract that asks for it.
    clause: String,
    /// The protection as a statement.
    says: String,
    /// The source file.
    file: String,
    /// A text that occurs in it once.
    find: String,
    /// What takes its place.
    replace: String,
    /// The test binary, or `lib`.
    test: String,
    /// Which of its tests are run.
    filter: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn protections() -> Vec<Protection> {
    let folder = root().join("tests/protections");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    files
        .iter()
        .flat_map(|path| {
            let text = fs::read_to_string(path).expect("a list");
            let list: List =
                toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            list.protection
        })
        .collect()
}

#[test]
fn each_protection_is_found_in_the_sources_once() {
    let mut wrong = Vec::new();
    for protection in protections() {
        let text = fs::read_to_string(root().join(&protection.file)).unwrap_or_default();
        let found = text.matches(&protection.find).count();
        if found != 1 || protection.find == protection.replace || protection.filter.is_empty() {
            wrong.push(format!("{} ({}): found {found} times", protection.says, protection.file));
        }
    }
    assert!(wrong.is_empty(), "stale entries:\n{}", wrong.join("\n"));
}

#[test]
fn every_clause_about_doubtful_evidence_has_a_protection() {
    let all = protections();
    let without = |clause: &String| !all.iter().any(|protection| protection.clause == *clause);
    let without: Vec<String> = (1..=14).map(|part| format!("7.{part}")).filter(without).collect();
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn each_protection_is_described_once() {
    let all = protections();
    let said: BTreeSet<&str> = all.iter().map(|protection| protection.says.as_str()).collect();
    assert_eq!(said.len(), all.len());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the environment says which edits are made")]
fn without_a_protection_a_test_fails() {
    let Ok(wanted) = env::var("TAGS_PROTECTIONS") else {
        return;
    };
    let is_wanted = |protection: &Protection| {
        wanted == "all" || protection.clause == wanted || protection.says.contains(&wanted)
    };
    let chosen: Vec<Protection> = protections().into_iter().filter(is_wanted).collect();
    assert!(!chosen.is_empty(), "no protection is called `{wanted}`");
    let copy = SourceCopy::new();
    let mut unnoticed = Vec::new();
    for protection in &chosen {
        let outcome = copy.without(protection);
        eprintln!("{} {}: {}", protection.clause, protection.says, outcome.word());
        if outcome != Outcome::Noticed {
            unnoticed.push(format!(
                "{} {}: {}",
                protection.clause,
                protection.says,
                outcome.word()
            ));
        }
    }
    assert!(unnoticed.is_empty(), "{}", unnoticed.join("\n"));
}

/// What happened without a protection.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// A test failed.
    Noticed,
    /// No test failed.
    Unnoticed,
    /// There was no test to run, or the edit does not compile.
    NotTried,
}

impl Outcome {
    fn word(&self) -> &'static str {
        match self {
            Self::Noticed => "a test fails",
            Self::Unnoticed => "NO TEST FAILS",
            Self::NotTried => "the edit does not compile, or no test has that name",
        }
    }
}

/// The sources in a folder of their own, with a build folder that is kept between runs.
struct SourceCopy {
    folder: PathBuf,
}

impl SourceCopy {
    fn new() -> Self {
        let folder = root().join("target/protections/source");
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("a folder that can be emptied");
        }
        for name in ["src", "tests", "benches", "policies", "docs"] {
            copy(&root().join(name), &folder.join(name));
        }
        for name in ["Cargo.toml", "Cargo.lock", "README.md"] {
            fs::copy(root().join(name), folder.join(name)).expect("a copy");
        }
        Self { folder }
    }

    fn without(&self, protection: &Protection) -> Outcome {
        let path = self.folder.join(&protection.file);
        let sound = fs::read_to_string(&path).expect("a source file");
        let edited = sound.replacen(&protection.find, &protection.replace, 1);
        fs::write(&path, edited).expect("an edit");
        let built = self.cargo(protection, &["--no-run"]);
        let outcome =
            if built.status.success() { self.tried(protection) } else { Outcome::NotTried };
        fs::write(&path, sound).expect("the source as it was");
        outcome
    }

    fn tried(&self, protection: &Protection) -> Outcome {
        let run = self.cargo(protection, &["--", &protection.filter]);
        let text = String::from_utf8_lossy(&run.stdout);
        match (run.status.success(), text.contains("running 0 tests")) {
            (_, true) => Outcome::NotTried,
            (true, false) => Outcome::Unnoticed,
            (false, false) => Outcome::Noticed,
        }
    }

    fn cargo(&self, protection: &Protection, more: &[&str]) -> Output {
        let target = match protection.test.as_str() {
            "lib" => vec!["--lib"],
            name => vec!["--test", name],
        };
        Command::new(env!("CARGO"))
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", root().join("target/protections/build"))
            .env_remove("TAGS_PROTECTIONS")
            .args(["test", "--offline", "--quiet"])
            .args(target)
            .args(more)
            .output()
            .expect("cargo")
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).expect("a copy");
        }
    }
}
