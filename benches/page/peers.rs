//! Other programs, where they are installed.

use std::process::{Command, Stdio};

use crate::world::{REPOSITORY, tag};

/// A program that does the same work.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    Skopeo,
    Crane,
    Regctl,
}

pub(crate) fn installed() -> Vec<Peer> {
    let all = [Peer::Skopeo, Peer::Crane, Peer::Regctl];
    all.into_iter().filter(|peer| peer.version().is_some()).collect()
}

impl Peer {
    fn name(self) -> &'static str {
        match self {
            Self::Skopeo => "skopeo",
            Self::Crane => "crane",
            Self::Regctl => "regctl",
        }
    }

    fn version(self) -> Option<String> {
        let argument = if self == Self::Skopeo { "--version" } else { "version" };
        let output = Command::new(self.name()).arg(argument).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        text.split_whitespace().rev().find(|word| word.contains('.')).map(str::to_owned)
    }

    /// How it is called in a table.
    pub(crate) fn shown(self, work: &str) -> String {
        let command = match (self, work) {
            (Self::Skopeo, "resolve") => "inspect",
            (Self::Skopeo, "list") => "list-tags",
            (Self::Crane, "resolve") => "digest",
            (Self::Crane, "list") => "ls",
            (Self::Regctl, "resolve") => "manifest head",
            (Self::Regctl, "list") => "tag ls",
            (Self::Regctl, _) => "image copy",
            _ => "copy",
        };
        format!("`{} {command}` {}", self.name(), self.version().unwrap_or_default())
    }

    pub(crate) fn resolve(self, host: &str, number: usize) {
        let image = format!("{host}/{REPOSITORY}:{}", tag(number));
        match self {
            Self::Skopeo => {
                let image = format!("docker://{image}");
                self.run(&["inspect", "--tls-verify=false", "--raw", &image]);
            }
            Self::Crane => self.run(&["digest", "--insecure", &image]),
            Self::Regctl => self.run(&["--host", &plain(host), "manifest", "head", &image]),
        }
    }

    pub(crate) fn list(self, host: &str) {
        let repository = format!("{host}/{REPOSITORY}");
        match self {
            Self::Skopeo => {
                let repository = format!("docker://{repository}");
                self.run(&["list-tags", "--tls-verify=false", &repository]);
            }
            Self::Crane => self.run(&["ls", "--insecure", &repository]),
            Self::Regctl => self.run(&["--host", &plain(host), "tag", "ls", &repository]),
        }
    }

    /// Copies a tag from one registry to another.
    pub(crate) fn copy(self, (from, to): (&str, &str), tag: &str) {
        let host = |url: &str| url.trim_start_matches("http://").to_owned();
        let [from, to] = [host(from), host(to)];
        let [source, target] = [&from, &to].map(|host| format!("{host}/{REPOSITORY}:{tag}"));
        match self {
            Self::Skopeo => {
                let [source, target] = [source, target].map(|image| format!("docker://{image}"));
                let plain = ["--src-tls-verify=false", "--dest-tls-verify=false"];
                let words = ["copy", "--quiet", "--preserve-digests", "--all", plain[0], plain[1]];
                self.run(&[&words[..], &[&source, &target]].concat());
            }
            Self::Crane => self.run(&["copy", "--insecure", &source, &target]),
            Self::Regctl => {
                let hosts = ["--host", &plain(&from), "--host", &plain(&to)];
                self.run(&[&hosts[..], &["image", "copy", &source, &target]].concat());
            }
        }
    }

    fn run(self, words: &[&str]) {
        let mut command = Command::new(self.name());
        command.args(words).stdout(Stdio::null()).stderr(Stdio::inherit());
        assert!(command.status().unwrap().success(), "{} {words:?}", self.name());
    }
}

fn plain(host: &str) -> String {
    format!("reg={host},tls=disabled")
}
