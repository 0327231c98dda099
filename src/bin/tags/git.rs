//! What the git checkout knows: its branch, its HEAD, the first-parent history of a branch.
//!
//! Without git or a checkout there is simply nothing to know.

use std::process::Stdio;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tags::model::{GitHistory, Sha};
use tokio::process::Command;

const TIME: Duration = Duration::from_secs(20);

/// Git was asked in a checkout and would not answer: it has its own words for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    words: String,
}

impl Refusal {
    /// What git said, or that it said nothing in time.
    pub(crate) fn words(&self) -> &str {
        &self.words
    }

    /// What to do about it.
    pub(crate) fn hint(&self) -> String {
        let Some((_, behind)) = self.words.split_once("safe.directory") else {
            return "run git by hand in this directory; it says what it lacks".to_owned();
        };
        // Git names the directory at the end of the command that it proposes.
        let folder = behind.lines().next().map(str::trim).filter(|text| !text.is_empty());
        format!(
            "the checkout belongs to another user; if that is right, run `git config --global --add safe.directory {}`",
            folder.unwrap_or("DIRECTORY")
        )
    }
}

/// Where there is nothing to know, git ends with 1, or says that this is no repository.
async fn git(arguments: &[&str]) -> Result<Option<String>, Refusal> {
    let child = Command::new("git")
        .args(arguments)
        // Its words are compared with, and shown.
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let Ok(ended) = tokio::time::timeout(TIME, child).await else {
        let words = format!("no answer within {} seconds", TIME.as_secs());
        return Err(Refusal { words });
    };
    let Ok(output) = ended else { return Ok(None) };
    if output.status.success() {
        return Ok(Some(String::from_utf8_lossy(&output.stdout).trim().to_owned()));
    }
    let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    match output.status.code() {
        Some(FATAL) if !is_nothing_to_know(&words) => Err(Refusal { words }),
        _ => Ok(None),
    }
}

/// The exit code with which git says `fatal:`.
const FATAL: i32 = 128;

/// Whether git would answer if there was anything: no repository, or one without a commit.
fn is_nothing_to_know(words: &str) -> bool {
    let none =
        ["not a git repository", "unknown revision", "bad revision", "does not have any commits"];
    words.is_empty() || none.iter().any(|text| words.contains(text))
}

/// The branch that is checked out; none when HEAD is detached.
pub(crate) async fn branch() -> Result<Option<String>, Refusal> {
    let name = git(&["symbolic-ref", "--quiet", "--short", "HEAD"]).await?;
    Ok(name.filter(|name| !name.is_empty()))
}

/// The commit that is checked out.
pub(crate) async fn head() -> Result<Option<Sha>, Refusal> {
    let sha = git(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]).await?;
    Ok(sha.and_then(|text| Sha::parse(&text).ok()))
}

/// Whether the checkout has only a part of its history (`git clone --depth`).
pub(crate) async fn is_shallow() -> bool {
    let answer = git(&["rev-parse", "--is-shallow-repository"]).await;
    answer.is_ok_and(|text| text.as_deref() == Some("true"))
}

/// What git told of a branch's history.
pub(crate) struct Told {
    /// The history; empty where there is none, or git refused.
    pub(crate) history: GitHistory,
    /// That git refused, if it did.
    pub(crate) refusal: Option<Refusal>,
}

/// The first-parent history of an environment's branch, or of HEAD where there is no such branch.
pub(crate) async fn history(environment_branch: Option<&str>) -> Told {
    match log(environment_branch).await {
        Ok(history) => Told { history, refusal: None },
        Err(refusal) => Told { history: GitHistory::default(), refusal: Some(refusal) },
    }
}

async fn log(environment_branch: Option<&str>) -> Result<GitHistory, Refusal> {
    let tip = match environment_branch {
        Some(branch) => tip(branch).await?,
        None => None,
    };
    let tip = tip.unwrap_or_else(|| "HEAD".to_owned());
    let log = ["log", "--first-parent", "--format=%H %ct", "--end-of-options", &tip];
    let text = git(&log).await?.unwrap_or_default();
    Ok(GitHistory::new(text.lines().filter_map(commit).collect()))
}

/// Where a branch is: here or at the remote, whichever is ahead. CI builds what the remote has,
/// and a checkout is often behind it.
async fn tip(branch: &str) -> Result<Option<String>, Refusal> {
    let find = |name: String| async move {
        let commit = format!("{name}^{{commit}}");
        let found = git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]).await?;
        Ok(found.map(|_| name))
    };
    let local = find(format!("refs/heads/{branch}")).await?;
    let remote = find(format!("refs/remotes/origin/{branch}")).await?;
    match (local, remote) {
        (Some(local), Some(remote)) => {
            let behind = git(&["merge-base", "--is-ancestor", &local, &remote]).await?.is_some();
            Ok(Some(if behind { remote } else { local }))
        }
        (local, remote) => Ok(local.or(remote)),
    }
}

fn commit(line: &str) -> Option<(Sha, DateTime<Utc>)> {
    let (sha, time) = line.split_once(' ')?;
    Some((Sha::parse(sha).ok()?, DateTime::from_timestamp(time.parse().ok()?, 0)?))
}
