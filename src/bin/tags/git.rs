//! What the git checkout knows: its branch, its HEAD, the first-parent history of a branch.
//!
//! Without git or a checkout there is simply nothing to know.

use std::process::Stdio;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tags::model::{GitHistory, Sha};
use tokio::process::Command;

const TIME: Duration = Duration::from_secs(20);

async fn git(arguments: &[&str]) -> Option<String> {
    let child = Command::new("git")
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(TIME, child).await.ok()?.ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The branch that is checked out; none when HEAD is detached.
pub(crate) async fn branch() -> Option<String> {
    git(&["symbolic-ref", "--quiet", "--short", "HEAD"]).await.filter(|name| !name.is_empty())
}

/// The commit that is checked out.
pub(crate) async fn head() -> Option<Sha> {
    Sha::parse(&git(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]).await?).ok()
}

/// Whether the checkout has only a part of its history (`git clone --depth`).
pub(crate) async fn is_shallow() -> bool {
    git(&["rev-parse", "--is-shallow-repository"]).await.as_deref() == Some("true")
}

/// The first-parent history of an environment's branch, or of HEAD where there is no such branch.
pub(crate) async fn history(environment_branch: Option<&str>) -> GitHistory {
    let tip = match environment_branch {
        Some(branch) => tip(branch).await,
        None => None,
    };
    let tip = tip.unwrap_or_else(|| "HEAD".to_owned());
    let log = ["log", "--first-parent", "--format=%H %ct", "--end-of-options", &tip];
    let text = git(&log).await.unwrap_or_default();
    GitHistory::new(text.lines().filter_map(commit).collect())
}

/// Where a branch is: here or at the remote, whichever is ahead. CI builds what the remote has,
/// and a checkout is often behind it.
async fn tip(branch: &str) -> Option<String> {
    let find = |name: String| async move {
        let commit = format!("{name}^{{commit}}");
        git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]).await.map(|_| name)
    };
    let local = find(format!("refs/heads/{branch}")).await;
    let remote = find(format!("refs/remotes/origin/{branch}")).await;
    match (local, remote) {
        (Some(local), Some(remote)) => {
            let behind = git(&["merge-base", "--is-ancestor", &local, &remote]).await.is_some();
            Some(if behind { remote } else { local })
        }
        (local, remote) => local.or(remote),
    }
}

fn commit(line: &str) -> Option<(Sha, DateTime<Utc>)> {
    let (sha, time) = line.split_once(' ')?;
    Some((Sha::parse(sha).ok()?, DateTime::from_timestamp(time.parse().ok()?, 0)?))
}
