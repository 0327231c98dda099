//! Judges what the logs of one run show: which images it deployed, by which tags.

use std::collections::BTreeSet;

use super::digest_finding::other_digests;
use super::image_name::TagMeaning;
use super::judged_run::JobEvidence;
use super::log::{JobLog, JobRole, LogRead, RunLogs};
use super::run_finding::RunCode;
use super::seen_image::{SeenImage, SeenImages};
use super::stage_finding::{Remark, quoted};
use crate::model::{ImageName, Sha};
use crate::policy::Environment;

/// What the logs of a run show of the environment's images, and what is wrong with it.
pub(super) fn judge_logs(
    environment: &Environment,
    sha: Option<&Sha>,
    read: &RunLogs,
) -> (Vec<JobEvidence>, Vec<Remark>) {
    let logs = &read.logs;
    let images = SeenImages::of(environment, sha, logs);
    let mut remarks = images.by_moving_tag();
    remarks.extend(images.of_other_commits());
    remarks.extend(other_digests(&images, &read.tags));
    remarks.extend(images.without_evidence(logs));
    remarks.extend(logs.iter().filter_map(already_exists));
    remarks.extend(expired(logs));
    let evidence = images
        .seen
        .iter()
        .map(|seen| JobEvidence { job: seen.job.job.clone(), evidence: seen.evidence.clone() });
    (evidence.collect(), remarks)
}

impl SeenImages<'_> {
    fn by_moving_tag(&self) -> Vec<Remark> {
        let moving = self.deployed().filter(|seen| seen.meaning == TagMeaning::Moving);
        let remark = |seen: &SeenImage<'_>| {
            let message = format!("{}: that tag moves, and does not name a commit", seen.text());
            let hint = format!(
                "deploy `{}` or a digest: what runs is then known, and a rollback can name it",
                self.environment.scheme.sha
            );
            Remark::new(RunCode::DeployByMovingTag, message, &hint)
        };
        once_per_reference(moving).map(remark).collect()
    }

    fn of_other_commits(&self) -> Vec<Remark> {
        let named = |seen: &&SeenImage<'_>| matches!(seen.meaning, TagMeaning::Sha(_));
        // A run that names no commit must at least deploy only one.
        let first = self.deployed().find_map(|seen| sha(&seen.meaning));
        let (expected, whose) = match (self.sha, first) {
            (Some(sha), _) => (sha, "the run is of"),
            (None, Some(sha)) => (sha, "another image is of"),
            (None, None) => return Vec::new(),
        };
        let other = self
            .deployed()
            .filter(named)
            .filter(|seen| sha(&seen.meaning).is_some_and(|sha| !sha.agrees_with(expected)));
        let remark = |seen: &SeenImage<'_>| {
            let message = format!("{}, but {whose} {expected}", seen.text());
            let hint = "if a run may deploy another commit than that of its workflow, let `run-name` name it, and give `deploys` a `title` with `{sha}`";
            Remark::new(RunCode::DeployOtherSha, message, hint)
        };
        once_per_reference(other).map(remark).collect()
    }

    /// The images of which no log tells what was deployed. Unknown if a log is gone.
    fn without_evidence(&self, logs: &[JobLog]) -> Option<Remark> {
        let mut deploys = logs.iter().filter(|log| log.role == JobRole::Deploy).peekable();
        deploys.peek()?;
        let mut is_cut = false;
        for log in deploys {
            match log.log {
                LogRead::Expired => return None,
                LogRead::Beginning(_) => is_cut = true,
                LogRead::Whole(_) => {}
            }
        }
        let tells = |seen: &&SeenImage<'_>| {
            seen.job.role == JobRole::Deploy && seen.meaning != TagMeaning::Unknown
        };
        let told: BTreeSet<&ImageName> =
            self.deployed().filter(tells).flat_map(|seen| seen.images.iter().copied()).collect();
        let untold: Vec<&str> = self
            .environment
            .images
            .keys()
            .filter(|image| !told.contains(image))
            .map(ImageName::as_str)
            .collect();
        if untold.is_empty() {
            return None;
        }
        let part =
            if is_cut { " (one is over 64 MiB, and only its beginning was read)" } else { "" };
        let message = format!(
            "the logs of its deploy jobs do not tell which image of {} they deployed{part}",
            untold.join(", ")
        );
        let hint = "let the job run `docker pull HOST/PATH:TAG` and keep its output: `docker compose pull` and `--quiet` print no digest";
        Some(Remark::new(RunCode::DeployNoEvidence, message, hint))
    }
}

fn sha(meaning: &TagMeaning) -> Option<&Sha> {
    match meaning {
        TagMeaning::Sha(sha) => Some(sha),
        _ => None,
    }
}

/// The first of those with the same reference.
fn once_per_reference<'a>(
    seen: impl Iterator<Item = &'a SeenImage<'a>>,
) -> impl Iterator<Item = &'a SeenImage<'a>> {
    let mut told = BTreeSet::new();
    seen.filter(move |seen| told.insert(seen.evidence.reference.to_string()))
}

/// An error of a deploy or migrate job because something already exists. Tests provoke such errors.
fn already_exists(log: &JobLog) -> Option<Remark> {
    if log.role == JobRole::Other {
        return None;
    }
    let evidence = log.log.evidence()?;
    let line = evidence.first_already_exists?;
    let times = match evidence.already_exists {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    };
    let message = format!(
        "the log of {} says {times} that something failed because it already exists, first in line {line}",
        quoted(&log.job)
    );
    let hint = "a migration or a deployment that can be repeated asks first (`IF NOT EXISTS`), and does not create blindly";
    Some(Remark::new(RunCode::AlreadyExists, message, hint))
}

fn expired(logs: &[JobLog]) -> Option<Remark> {
    let gone = logs.iter().filter(|log| log.log == LogRead::Expired).count();
    (gone > 0).then(|| {
        let message = format!("GitHub no longer has {gone} of the {} logs", logs.len());
        let hint = "logs are kept for 90 days unless the repository says otherwise; run this soon after a deployment";
        Remark::new(RunCode::LogExpired, message, hint)
    })
}
