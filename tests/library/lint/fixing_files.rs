//! `tags lint --fix` as a program: a diff by default, files with `--apply`, and nothing else of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

/// A workflow with two mistakes that can be corrected, and text that has to stay as it is.
const WRONG: &str = "# Builds the shop.   Trailing blanks stay:  \non:\n    push: { branches: [ main ] }\npermissions: { packages: write }\nconcurrency:\n    group:   shop # one at a time\n    cancel-in-progress:   true   # faster\njobs:\n\n    build:\n        runs-on: 'ubuntu-latest'\n        steps:\n            - uses: docker/login-action@v3 # v3.4\n              with: { registry: ghcr.io, password: \"${{ secrets.GITHUB_TOKEN }}\" }\n            - run: docker push \"ghcr.io/Acme/Shop:${{ github.sha }}\" # Acme/Shop: umlauts äöü\n";

fn corrected() -> String {
    WRONG
        .replace("cancel-in-progress:   true ", "cancel-in-progress:   false ")
        .replace("\"ghcr.io/Acme/Shop:", "\"ghcr.io/acme/shop:")
}

/// A folder with one workflow.
fn home(text: &str) -> (TempDir, PathBuf) {
    let home = tempfile::tempdir().expect("a home");
    let folder = home.path().join(".github/workflows");
    fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("ci.yml");
    fs::write(&path, text).expect("a file");
    (home, path)
}

fn lint(home: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tags"));
    command.arg("lint").args(arguments).current_dir(home).env_clear().output().expect("a run")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

#[test]
fn by_default_the_changes_are_a_diff_and_the_file_stays() {
    let (home, path) = home(WRONG);
    let output = lint(home.path(), &["--fix"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let diff = stdout(&output);
    let changed = |sign: &str| {
        let lines = diff.lines().filter(|line| line.starts_with(sign));
        lines.filter(|line| !line.starts_with("---") && !line.starts_with("+++")).count()
    };
    assert_eq!((changed("-"), changed("+")), (2, 2), "{diff}");
    assert!(diff.contains("+    cancel-in-progress:   false   # faster"), "{diff}");
    assert!(stderr(&output).contains("--apply"), "{output:?}");
    assert_eq!(fs::read_to_string(path).expect("a file"), WRONG);
}

#[test]
fn the_diff_is_one_that_git_applies() {
    let (home, path) = home(WRONG);
    let diff = stdout(&lint(home.path(), &["--fix"]));
    fs::write(home.path().join("fix.diff"), diff).expect("a file");
    let apply =
        Command::new("git").args(["apply", "-p1", "fix.diff"]).current_dir(home.path()).output();
    let Ok(apply) = apply else { return };
    assert!(apply.status.success(), "{apply:?}");
    assert_eq!(fs::read_to_string(path).expect("a file"), corrected());
}

#[test]
fn with_apply_only_the_wrong_words_of_the_file_change() {
    let (home, path) = home(WRONG);
    let output = lint(home.path(), &["--fix", "--apply"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(stdout(&output), "");
    assert_eq!(fs::read_to_string(&path).expect("a file"), corrected());
    assert_eq!(stdout(&lint(home.path(), &["--fix"])), "");
}

#[test]
fn line_ends_and_a_missing_last_one_stay() {
    for change in [|text: &str| text.replace('\n', "\r\n"), |text: &str| text.trim_end().to_owned()]
    {
        let (home, path) = home(&change(WRONG));
        lint(home.path(), &["--fix", "--apply"]);
        assert_eq!(fs::read_to_string(&path).expect("a file"), change(&corrected()));
    }
}

#[test]
fn a_file_without_corrections_is_not_written() {
    let (home, path) = home(&corrected());
    let before = SystemTime::UNIX_EPOCH + Duration::from_hours(24 * 365);
    let file = fs::File::options().write(true).open(&path).expect("a file");
    file.set_modified(before).expect("a time");
    drop(file);
    let output = lint(home.path(), &["--fix", "--apply"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(stderr(&output).contains("no finding can be corrected"), "{output:?}");
    assert_eq!(fs::metadata(&path).and_then(|data| data.modified()).expect("a time"), before);
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_written_is_named_and_stays() {
    use std::os::unix::fs::PermissionsExt as _;

    let (home, path) = home(WRONG);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).expect("a mode");
    if fs::OpenOptions::new().write(true).open(&path).is_ok() {
        // The administrator of the machine may write every file.
        return;
    }
    let output = lint(home.path(), &["--fix", "--apply"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(stderr(&output).contains("ci.yml"), "{output:?}");
    assert_eq!(fs::read_to_string(&path).expect("a file"), WRONG);
}

#[test]
fn apply_without_fix_is_refused() {
    let (home, path) = home(WRONG);
    assert_eq!(lint(home.path(), &["--apply"]).status.code(), Some(2));
    assert_eq!(fs::read_to_string(path).expect("a file"), WRONG);
}
