//! Small workflows, each with what is found in it: `# expect LINE RULE SEVERITY`, or nothing at all.
//!
//! A case is a file, or a directory that is one set, with its `tags.toml` where it has one. The
//! expectations are complete.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tags::lint::{Finding, Source, lint};
use tags::policy::{Policy, parse};

/// File, line, rule and severity.
type Row = (String, u32, String, String);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/library/lint/cases")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let list = fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<PathBuf> = list.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

fn name_of(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

/// The workflows of a case.
fn sources(case: &Path) -> Vec<Source> {
    let files = if case.is_dir() { entries(case) } else { vec![case.to_owned()] };
    let workflows = files.into_iter().filter(|path| path.extension().is_some_and(|e| e == "yml"));
    workflows
        .map(|path| Source { name: name_of(&path), bytes: fs::read(&path).expect("a file") })
        .collect()
}

/// The policy of a case: none without a file, an error where it is refused.
fn policy(case: &Path) -> Result<Option<Policy>, String> {
    let path = case.join("tags.toml");
    let Ok(text) = fs::read_to_string(path) else { return Ok(None) };
    parse("tags.toml", &text).map(Some).map_err(|error| error.to_string())
}

/// The line of a syntax error depends on the reader.
fn row(file: &str, line: u32, rule: &str, severity: &str) -> Row {
    let line = if rule == "yaml-syntax" { 0 } else { line };
    (file.to_owned(), line, rule.to_owned(), severity.to_owned())
}

fn rows(findings: &[Finding]) -> Vec<Row> {
    let of = |f: &Finding| row(&f.file, f.at.line, f.rule, f.severity.as_str());
    let mut rows: Vec<Row> = findings.iter().map(of).collect();
    rows.sort();
    rows
}

/// What the comments of a case expect.
fn expected(sources: &[Source]) -> Vec<Row> {
    let mut rows = Vec::new();
    for source in sources {
        for line in String::from_utf8_lossy(&source.bytes).lines() {
            let Some(rest) = line.strip_prefix("# expect ") else { continue };
            let words: Vec<&str> = rest.split(' ').collect();
            let [line, rule, severity] = words[..] else { panic!("not an expectation: {rest}") };
            rows.push(row(&source.name, line.parse().expect("a line"), rule, severity));
        }
    }
    rows.sort();
    rows
}

#[test]
fn every_case_has_the_findings_that_it_expects_and_no_other() {
    let mut count = 0;
    for case in entries(&folder()) {
        let sources = sources(&case);
        let policy = policy(&case).expect("a valid policy");
        let findings = lint(&sources, policy.as_ref());
        assert_eq!(rows(&findings), expected(&sources), "{}\n{findings:#?}", name_of(&case));
        count += 1;
    }
    assert!(count >= 40, "only {count} cases");
}

/// Where other cases are, with their table of expectations; a variable names the folder.
#[expect(clippy::disallowed_methods, reason = "whoever runs the tests names the folder")]
fn given_cases() -> Option<PathBuf> {
    std::env::var_os("TAGS_LINT_CASES").map(PathBuf::from).filter(|path| path.is_dir())
}

#[test]
fn given_cases_have_the_findings_of_their_table() {
    let Some(folder) = given_cases() else {
        eprintln!("skipped: TAGS_LINT_CASES names no folder with cases and their expected.tsv");
        return;
    };
    let table = fs::read_to_string(folder.join("expected.tsv")).expect("a table");
    let mut cases: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [case, file, line, rule, severity] = cells[..] else { panic!("not a row: {line}") };
        let wanted = cases.entry(case.to_owned()).or_default();
        match rule {
            "NONE" => {}
            "exit-2" => wanted.push(row("tags.toml", 0, rule, "")),
            _ => wanted.push(row(file, line.parse().expect("a line"), rule, severity)),
        }
    }
    for (case, mut wanted) in cases {
        wanted.sort();
        let path = folder.join(&case);
        let found = match policy(&path) {
            Ok(policy) => rows(&lint(&sources(&path), policy.as_ref())),
            Err(_) => vec![row("tags.toml", 0, "exit-2", "")],
        };
        assert_eq!(found, wanted, "{case}");
    }
}
