//! Holds the picture in `src/lib.rs`: imports run one way, and the pure modules touch nothing of
//! the outside world.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

mod circles;

/// What each module may import of this crate.
const MAY_IMPORT: [(&str, &[&str]); 21] = [
    ("model", &[]),
    ("ownership", &[]),
    ("secrets", &[]),
    ("policy", &["model"]),
    ("running", &["model", "policy"]),
    ("verify", &["model", "policy", "running"]),
    ("releases", &["model", "policy", "running"]),
    ("lint", &["model", "policy"]),
    ("draft", &["model", "policy", "lint"]),
    ("http", &["model", "secrets"]),
    ("cache_file", &["secrets"]),
    ("registry", &["model", "policy", "secrets", "http", "cache_file"]),
    ("pipeline", &["model", "policy"]),
    ("github", &["model", "policy", "secrets", "http", "cache_file"]),
    ("workloads", &["model", "secrets", "http"]),
    ("collect", &["model", "policy", "registry", "github", "pipeline"]),
    ("retention", &["model", "policy", "running", "releases"]),
    ("change", &["model", "ownership", "policy", "registry", "collect", "retention", "secrets"]),
    (
        "report",
        &[
            "model",
            "policy",
            "pipeline",
            "verify",
            "releases",
            "lint",
            "retention",
            "change",
            "draft",
        ],
    ),
    (
        "command",
        &[
            "model",
            "ownership",
            "policy",
            "running",
            "verify",
            "releases",
            "pipeline",
            "http",
            "github",
            "workloads",
            "registry",
            "collect",
            "retention",
            "change",
            "report",
            "secrets",
            "lint",
            "draft",
        ],
    ),
    ("sandbox", &["model"]),
];

/// Modules in which nothing is read, sent, written or timed.
const PURE: [&str; 11] = [
    "model",
    "policy",
    "running",
    "pipeline",
    "verify",
    "releases",
    "retention",
    "lint",
    "draft",
    "report",
    "secrets",
];

/// What pure modules never name.
const OUTSIDE: [&str; 11] = [
    "tokio",
    "reqwest",
    "clap",
    "axum",
    "std::env",
    "std::fs",
    "std::io",
    "std::process",
    "Utc::now",
    "SystemTime",
    "Instant::now",
];

/// What of that a pure module may name all the same: a report is written into whatever its caller
/// hands in, so that a large one is never held whole. The trait and its error open nothing.
const ONLY_A_WRITER: &str = "use std::io::{self, Write};";

/// What only the binary names.
const BINARY_ONLY: [&str; 5] = ["clap", "std::env::", "println!", "eprintln!", "Utc::now"];

/// By what bytes leave the process, or a file gets a content.
const WRITERS: [&str; 20] = [
    "stdout()",
    "stderr()",
    "print!",
    "println!",
    "eprint!",
    "dbg!",
    "File::create",
    "fs::write",
    "fs::copy",
    "OpenOptions",
    "File::options",
    "persist",
    "NamedTempFile",
    "set_hook",
    "make_writer",
    "with_writer",
    "Args::parse()",
    "Command::new",
    "Stdio::inherit",
    "stderr(std::io",
];

/// Who may name one of them, and why no secret gets out there.
const MAY_WRITE: [(&str, &[&str], &str); 13] = [
    (
        "src/bin/tags/sink.rs",
        &["stdout()", "stderr()", "OpenOptions", "set_hook"],
        "this is the layer",
    ),
    (
        "src/bin/tags/log.rs",
        &["with_writer", "stderr()"],
        "writes to the layer; asks for a terminal",
    ),
    ("src/bin/tags/output.rs", &["stdout()"], "asks for a terminal"),
    ("src/bin/tags/exit.rs", &["stderr()"], "asks whether a message of clap is an error"),
    ("src/bin/tags/confirm.rs", &["stderr()"], "asks for a terminal"),
    (
        "src/bin/tags/destination.rs",
        &["stdout()", "stderr()", "OpenOptions", "persist", "NamedTempFile"],
        "opens what the layer writes into",
    ),
    ("src/bin/tags/listener.rs", &["stderr()"], "a bar whose words went through the layer"),
    (
        "src/bin/tags/state.rs",
        &["persist", "NamedTempFile"],
        "a file that appears whole, its text written through the layer",
    ),
    ("src/bin/tags/git.rs", &["Command::new"], "reads what git says"),
    ("src/bin/tags/programs.rs", &["Command::new"], "reads what kubectl, docker and ssh say"),
    (
        "src/bin/tags/command/demo.rs",
        &["stdout()", "stderr(std::io", "fs::write", "Command::new"],
        "runs this same program, which has the layer itself; its policy has no secret",
    ),
    (
        "src/cache_file.rs",
        &["persist", "NamedTempFile"],
        "what holds a secret is refused, and kept in memory only",
    ),
    (
        "src/change/journal/write.rs",
        &["OpenOptions"],
        "lines are redacted, and what would not be the same then is refused",
    ),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The code of a file: no comments, and nothing behind its unit tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a source file");
    let tests = |at: &usize| {
        let mut behind = text[*at..].lines().skip_while(|line| line.starts_with("#["));
        behind.next().is_some_and(|line| line.starts_with("mod "))
    };
    let end = text.match_indices("#[cfg(test)]").map(|(at, _)| at).find(tests);
    let text = text[..end.unwrap_or(text.len())].to_owned();
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// The library's modules with their files.
fn modules() -> BTreeMap<String, Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut modules: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for path in sources(&root) {
        let inside = path.strip_prefix(&root).expect("below src");
        let first = inside.components().next().expect("a name").as_os_str().to_string_lossy();
        let name = first.trim_end_matches(".rs").to_owned();
        if name != "bin" && name != "lib" {
            modules.entry(name).or_default().push(path);
        }
    }
    modules
}

#[test]
fn every_module_is_in_the_import_table() {
    let named: Vec<String> = modules().into_keys().collect();
    let mut table: Vec<String> = MAY_IMPORT.iter().map(|(name, _)| (*name).to_owned()).collect();
    table.sort();
    assert_eq!(named, table);
}

#[test]
fn imports_run_one_way() {
    let modules = modules();
    for (name, allowed) in MAY_IMPORT {
        for path in &modules[name] {
            let code = code(path);
            for (other, _) in MAY_IMPORT.iter().filter(|(other, _)| *other != name) {
                let imports = code.contains(&format!("crate::{other}::"))
                    || code.contains(&format!("crate::{other};"))
                    || code.contains(&format!("crate::{{{other}"));
                assert!(!imports || allowed.contains(other), "{} imports {other}", path.display());
            }
        }
    }
}

#[test]
fn the_pure_modules_touch_nothing_outside() {
    for name in PURE {
        for path in &modules()[name] {
            let mut code = code(path);
            if name == "report" {
                code = code.replace(ONLY_A_WRITER, "");
            }
            for word in OUTSIDE {
                assert!(!code.contains(word), "{} names {word}", path.display());
            }
        }
    }
}

/// What of the library the binary names: the commands, their settings, and what they report.
const FOR_THE_BINARY: [&str; 3] = ["command", "policy", "report"];

/// Who else names something, and why.
const ALSO_NAMES: [(&str, &str, &str); 3] = [
    ("sink.rs", "secrets", "all that is written loses its secrets there"),
    ("command/sandbox.rs", "sandbox", "the embedded registries are what it serves"),
    ("command/demo.rs", "sandbox", "runs the commands against them"),
];

#[test]
fn the_binary_names_only_the_commands_the_policy_and_the_report() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin/tags");
    let modules = modules();
    for path in sources(&root) {
        let name = path.strip_prefix(&root).expect("below the root").display().to_string();
        let code = code(&path);
        for module in modules.keys().filter(|name| !FOR_THE_BINARY.contains(&name.as_str())) {
            let is_named = code.contains(&format!("tags::{module}::"));
            let may = ALSO_NAMES.iter().any(|(file, other, _)| *file == name && other == module);
            assert!(!is_named || may, "src/bin/tags/{name} names tags::{module}");
        }
    }
}

#[test]
fn only_the_binary_reads_the_command_line_and_the_clock_and_prints() {
    for (_, files) in modules() {
        for path in files {
            let code = code(&path);
            for word in BINARY_ONLY {
                assert!(!code.contains(word), "{} names {word}", path.display());
            }
        }
    }
}

#[test]
fn nothing_is_written_around_the_layer_that_knows_the_secrets() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut used = Vec::new();
    for path in sources(&root.join("src")) {
        let name = path.strip_prefix(root).expect("below the root").display().to_string();
        if name.ends_with("/tests.rs") || name.contains("/tests/") {
            continue;
        }
        let code = code(&path);
        let allowed = MAY_WRITE.iter().filter(|(file, _, _)| *file == name);
        let allowed: Vec<&str> = allowed.flat_map(|(_, words, _)| words.iter().copied()).collect();
        for word in WRITERS.iter().filter(|word| code.contains(**word)) {
            assert!(allowed.contains(word), "{name} names {word}: let it write through `sink`");
            used.push((name.clone(), *word));
        }
    }
    for (file, words, why) in MAY_WRITE {
        for word in words {
            let is_used = used.iter().any(|(name, used)| name == file && used == word);
            assert!(is_used && !why.is_empty(), "{file} no longer names {word}");
        }
    }
}

#[test]
fn every_file_opens_with_what_it_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["src", "tests", "benches"].map(|folder| root.join(folder));
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        for path in sources(folder) {
            let text = fs::read_to_string(&path).expect("a source file");
            assert!(text.starts_with("//!"), "{} does not", path.display());
        }
    }
}
