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

/// The first-parent history of an environment's branch, or of HEAD where the branch is checked
/// out or unknown. What CI built is on the remote's branch, so that comes before the local one.
pub(crate) async fn history(environment_branch: Option<&str>) -> GitHistory {
    let mut names = Vec::new();
    if let Some(wanted) = environment_branch
        && branch().await.as_deref() != Some(wanted)
    {
        names.push(format!("refs/remotes/origin/{wanted}"));
        names.push(format!("refs/heads/{wanted}"));
    }
    names.push("HEAD".to_owned());
    for name in names {
        let log = ["log", "--first-parent", "--format=%H %ct", "--end-of-options", &name];
        if let Some(text) = git(&log).await {
            return GitHistory::new(text.lines().filter_map(commit).collect());
        }
    }
    GitHistory::default()
}

fn commit(line: &str) -> Option<(Sha, DateTime<Utc>)> {
    let (sha, time) = line.split_once(' ')?;
    Some((Sha::parse(sha).ok()?, DateTime::from_timestamp(time.parse().ok()?, 0)?))
}
