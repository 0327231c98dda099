//! Judges what the logs of one run show: which images it deployed, by which tags.

use std::collections::BTreeSet;

use super::evidence::{Evidence, EvidenceKind};
use super::image_name::{TagMeaning, images_named, tag_meaning};
use super::judged_run::JobEvidence;
use super::log::{JobLog, JobRole, LogRead};
use super::run_finding::RunCode;
use super::stage_finding::{Remark, quoted};
use crate::model::{Digest, ImageName, Sha};
use crate::policy::Environment;

/// What the logs of a run show of the environment's images, and what is wrong with it.
pub(super) fn judge_logs(
    environment: &Environment,
    sha: Option<&Sha>,
    logs: &[JobLog],
) -> (Vec<JobEvidence>, Vec<Remark>) {
    let images = Images { environment, sha, seen: seen(environment, logs) };
    let mut remarks = images.by_moving_tag();
    remarks.extend(images.of_other_commits());
    remarks.extend(images.of_other_digests());
    remarks.extend(images.without_evidence(logs));
    remarks.extend(logs.iter().filter_map(already_exists));
    remarks.extend(expired(logs));
    let evidence = images
        .seen
        .iter()
        .map(|seen| JobEvidence { job: seen.job.job.clone(), evidence: seen.evidence.clone() });
    (evidence.collect(), remarks)
}

/// One image in one log.
struct Seen<'a> {
    job: &'a JobLog,
    evidence: &'a Evidence,
    /// The images that it may be.
    images: BTreeSet<&'a ImageName>,
    meaning: TagMeaning,
}

impl Seen<'_> {
    fn is_deployed(&self) -> bool {
        self.evidence.kind == EvidenceKind::Pull && self.job.role != JobRole::Other
    }

    fn text(&self) -> String {
        format!("the job {} pulled {}", quoted(&self.job.job), self.evidence.reference)
    }
}

struct Images<'a> {
    environment: &'a Environment,
    sha: Option<&'a Sha>,
    seen: Vec<Seen<'a>>,
}

/// The environment's images in the logs. Other images are nobody's business here.
fn seen<'a>(environment: &'a Environment, logs: &'a [JobLog]) -> Vec<Seen<'a>> {
    let of_log = |job: &'a JobLog| {
        let evidence = job.log.evidence().map_or(&[][..], |evidence| &evidence.images);
        evidence.iter().map(move |evidence| Seen {
            job,
            evidence,
            images: images_named(environment, &evidence.reference),
            meaning: tag_meaning(environment, &evidence.reference),
        })
    };
    logs.iter().flat_map(of_log).filter(|seen| !seen.images.is_empty()).collect()
}

impl Images<'_> {
    fn deployed(&self) -> impl Iterator<Item = &Seen<'_>> {
        self.seen.iter().filter(|seen| seen.is_deployed())
    }

    fn by_moving_tag(&self) -> Vec<Remark> {
        let moving = self.deployed().filter(|seen| seen.meaning == TagMeaning::Moving);
        let remark = |seen: &Seen<'_>| {
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
        let named = |seen: &&Seen<'_>| matches!(seen.meaning, TagMeaning::Sha(_));
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
        let remark = |seen: &Seen<'_>| {
            let message = format!("{}, but {whose} {expected}", seen.text());
            let hint = "if a run may deploy another commit than that of its workflow, let `run-name` name it, and give `deploys` a `title` with `{sha}`";
            Remark::new(RunCode::DeployOtherSha, message, hint)
        };
        once_per_reference(other).map(remark).collect()
    }

    fn of_other_digests(&self) -> Vec<Remark> {
        let mut remarks = Vec::new();
        let pulls: Vec<&Seen<'_>> = self.deployed().collect();
        for (number, pull) in pulls.iter().enumerate() {
            let Some(digest) = &pull.evidence.digest else { continue };
            let pushes = self.seen.iter().filter(|seen| seen.evidence.kind == EvidenceKind::Push);
            let pushed = known_digests(self, pull, pushes);
            let (known, what) = if pushed.is_empty() {
                (known_digests(self, pull, pulls[..number].iter().copied()), "was pulled before as")
            } else {
                (pushed, "was pushed as")
            };
            if let Some(other) = known.first().filter(|_| !known.contains(&digest)) {
                let message = format!("{} as {digest}, which {what} {other}", pull.text());
                let hint = "the tag moved in between, or another build has the same tag; a SHA tag must never move";
                remarks.push(Remark::new(RunCode::DeployOtherDigest, message, hint));
            }
        }
        remarks
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
        let tells = |seen: &&Seen<'_>| {
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

/// The digests that others tell of the image that was pulled.
fn known_digests<'a>(
    images: &Images<'_>,
    pull: &Seen<'_>,
    others: impl Iterator<Item = &'a Seen<'a>>,
) -> Vec<&'a Digest> {
    let is_same_image = |other: &&Seen<'_>| {
        // Registries may have different digests where the policy says so.
        let is_comparable = images.environment.same_digest
            || pull.evidence.reference.name() == other.evidence.reference.name();
        pull.images.len() == 1 && pull.images == other.images && is_comparable
    };
    let is_same_tag = |other: &&Seen<'_>| match (&pull.meaning, &other.meaning) {
        (TagMeaning::Sha(mine), TagMeaning::Sha(theirs)) => mine.agrees_with(theirs),
        (TagMeaning::Digest, TagMeaning::Sha(theirs)) => {
            images.sha.is_some_and(|sha| sha.agrees_with(theirs))
        }
        (TagMeaning::Moving, TagMeaning::Moving) => {
            pull.evidence.reference.tag() == other.evidence.reference.tag()
        }
        _ => false,
    };
    let same = others.filter(is_same_image).filter(is_same_tag);
    same.filter_map(|other| other.evidence.digest.as_ref()).collect()
}

fn sha(meaning: &TagMeaning) -> Option<&Sha> {
    match meaning {
        TagMeaning::Sha(sha) => Some(sha),
        _ => None,
    }
}

/// The first of those with the same reference.
fn once_per_reference<'a>(
    seen: impl Iterator<Item = &'a Seen<'a>>,
) -> impl Iterator<Item = &'a Seen<'a>> {
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
