//! Asks git for the branch, the HEAD commit, and the first-parent history of a branch.
//!
//! Without git, or outside a checkout, each of these is none. That is not an error.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use futures_util::future::join_all;
use tags::command::{GitLog, GitLogs, GitRefusal};
use tags::policy::{Environment, Policy};
use tokio::process::Command;

const TIME: Duration = Duration::from_secs(20);

/// There is a checkout, but git refuses to answer: its own message, and what to do.
fn refusal(message: String) -> GitRefusal {
    let hint = match message.split_once("safe.directory") {
        None => "run git in this directory to see what is wrong".to_owned(),
        // Git names the directory at the end of the command that it proposes.
        Some((_, behind)) => format!(
            "the checkout belongs to another user; if that is right, run `git config --global --add safe.directory {}`",
            behind
                .lines()
                .next()
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .unwrap_or("DIRECTORY")
        ),
    };
    GitRefusal { message, hint }
}

/// Runs git. None when git ends with code 1, or says that this is not a repository.
async fn git(arguments: &[&str]) -> Result<Option<String>, GitRefusal> {
    let child = Command::new("git")
        .args(arguments)
        // Untranslated messages: they are searched, and shown to the user.
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let Ok(ended) = tokio::time::timeout(TIME, child).await else {
        return Err(refusal(format!("no answer within {} seconds", TIME.as_secs())));
    };
    ended.map_or(Ok(None), |output| said(&output))
}

/// What git said, if there was something to know.
fn said(output: &Output) -> Result<Option<String>, GitRefusal> {
    if output.status.success() {
        return Ok(Some(String::from_utf8_lossy(&output.stdout).trim().to_owned()));
    }
    let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    match output.status.code() {
        Some(FATAL) if !is_nothing_to_know(&message) => Err(refusal(message)),
        _ => Ok(None),
    }
}

/// The exit code with which git says `fatal:`.
const FATAL: i32 = 128;

/// Whether there is no repository, no commit or no such branch: git itself works.
fn is_nothing_to_know(message: &str) -> bool {
    let none =
        ["not a git repository", "unknown revision", "bad revision", "does not have any commits"];
    message.is_empty() || none.iter().any(|text| message.contains(text))
}

/// The branch that is checked out; none when HEAD is detached.
pub(crate) async fn branch() -> Result<Option<String>, GitRefusal> {
    let name = git(&["symbolic-ref", "--quiet", "--short", "HEAD"]).await?;
    Ok(name.filter(|name| !name.is_empty()))
}

/// The address of the remote `origin` of the checkout that a directory is in, which may contain a password.
pub(crate) fn origin(of: &Path) -> Result<Option<String>, GitRefusal> {
    let mut git = std::process::Command::new("git");
    git.args(["remote", "get-url", "origin"]).env("LC_ALL", "C").stdin(Stdio::null());
    git.current_dir(of);
    git.output().map_or(Ok(None), |output| said(&output))
}

/// The SHA of the commit that is checked out.
pub(crate) async fn head() -> Result<Option<String>, GitRefusal> {
    git(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]).await
}

/// The first-parent history of each environment's branch.
pub(crate) async fn logs(policy: &Policy) -> GitLogs {
    let logs = policy
        .environments
        .values()
        .map(async |environment| (environment.name.clone(), log(environment).await));
    join_all(logs).await.into_iter().collect()
}

/// The first-parent history of an environment's branch, or of HEAD where there is no such branch.
pub(crate) async fn log(environment: &Environment) -> GitLog {
    match try_log(environment.branch.as_deref()).await {
        Ok(text) => GitLog::parse(&text, is_shallow().await),
        Err(refusal) => GitLog::refused(refusal),
    }
}

async fn try_log(branch: Option<&str>) -> Result<String, GitRefusal> {
    let tip = match branch {
        Some(branch) => tip(branch).await?,
        None => None,
    };
    let tip = tip.unwrap_or_else(|| "HEAD".to_owned());
    let log = ["log", "--first-parent", "--format=%H %ct", "--end-of-options", &tip];
    Ok(git(&log).await?.unwrap_or_default())
}

/// Whether the checkout has only a part of its history (`git clone --depth`).
async fn is_shallow() -> bool {
    let answer = git(&["rev-parse", "--is-shallow-repository"]).await;
    answer.is_ok_and(|text| text.as_deref() == Some("true"))
}

/// The tip of a branch: the local or the remote one, whichever is ahead. CI builds what the remote
/// has, and a checkout is often behind it.
async fn tip(branch: &str) -> Result<Option<String>, GitRefusal> {
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
