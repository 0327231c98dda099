//! The program run as a user would run it: in a home directory of its own, with no variables from
//! outside but the path, on which it finds git.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A home directory, in which a policy file and the program's state are.
pub(crate) struct Home {
    folder: TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    /// Variables that each run has, such as tokens.
    pub(crate) fn with(variables: &[(&'static str, &str)]) -> Self {
        let variables = variables.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let folder = tempfile::tempdir().expect("a home");
        Self { folder, variables: variables.collect() }
    }

    /// A home with this policy file.
    pub(crate) fn of(policy: &str) -> Self {
        let home = Self::new();
        home.policy(policy);
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, and the folders that it is in.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, text).expect("a file");
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).expect("a file")
    }

    pub(crate) fn policy(&self, text: &str) {
        self.file("tags.toml", text);
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tags"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("PATH", search_path())
            .env("HOME", self.path())
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn tags(&self, arguments: &[&str]) -> Run {
        self.run(arguments, |command| command)
    }

    /// The same, with the command changed before.
    pub(crate) fn run(
        &self,
        arguments: &[&str],
        change: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Run {
        let mut command = self.command(arguments);
        change(&mut command);
        Run::of(command.output().expect("a run"))
    }

    /// Where the program keeps what it has to know the next time.
    fn state(&self) -> PathBuf {
        self.path().join(".local/state/tags")
    }

    /// The journals, sorted by their names.
    pub(crate) fn journals(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.state()).into_iter().flatten();
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let is_journal = |path: &PathBuf| path.extension().is_some_and(|end| end == "jsonl");
        let mut found: Vec<PathBuf> = paths.filter(is_journal).collect();
        found.sort();
        found
    }

    /// As if this machine had seen manifests of a repository (`host/path`) 400 days ago, which a
    /// plain OCI registry tells nothing of.
    pub(crate) fn saw_long_ago<'a>(
        &self,
        repository: &str,
        digests: impl IntoIterator<Item = &'a tags::model::Digest>,
    ) {
        // What stands last counts.
        let known = std::fs::read_to_string(self.state().join("first-seen.txt"));
        let mut text = known.unwrap_or_else(|_| "tags first-seen 1\n".to_owned());
        text.push_str(&format!("{repository}\n"));
        let then = (now() - chrono::TimeDelta::days(400)).timestamp();
        for digest in digests {
            text.push_str(&format!("{digest} {then}\n"));
        }
        self.file(".local/state/tags/first-seen.txt", &text);
    }
}

/// What a run of the program left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// The time by the clock that the program goes by.
#[expect(clippy::disallowed_methods, reason = "the program has a clock, and the tests follow it")]
pub(crate) fn now() -> chrono::DateTime<chrono::Utc> {
    chrono::Utc::now()
}

#[expect(clippy::disallowed_methods, reason = "git is found by the path of who runs the tests")]
pub(crate) fn search_path() -> OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

/// Sends a signal, such as `INT`.
pub(crate) fn signal(name: &str, process: u32) {
    let sent = Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status();
    assert!(sent.expect("a signal").success());
}

/// Waits until something holds; false when that takes longer than ten seconds.
pub(crate) fn in_time(holds: impl Fn() -> bool) -> bool {
    for _ in 0..1000 {
        if holds() {
            return true;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    holds()
}
