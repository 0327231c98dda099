//! A realistic history of releases: two images, three environments, some 75 days, and a few
//! incomplete pushes.
//!
//! It depends on nothing but the given time: the same time gives the same bytes.

use chrono::{DateTime, TimeDelta, Utc};

use super::content::{Build, BuiltImage, Format, Provenance};
use super::store::Store;
use crate::model::{Digest, Platform, RepositoryPath, Sha, TagName};

/// The environments, in the order in which a commit goes through them.
pub const ENVIRONMENTS: [&str; 3] = ["dev", "uat", "prod"];

/// The images, each in the repository `acme/<image>`.
pub const IMAGES: [&str; 2] = ["backend", "frontend"];

/// How many commits there are, and the time between two of them.
const COMMITS: i64 = 36;
const PACE: TimeDelta = TimeDelta::hours(50);

/// The newest commit is this old.
const AGE_OF_NEWEST: TimeDelta = TimeDelta::hours(3);

/// An image that was pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Where to.
    pub repository: RepositoryPath,
    /// The tags that were set.
    pub tags: Vec<TagName>,
    /// The image.
    pub image: BuiltImage,
    /// When.
    pub at: DateTime<Utc>,
}

/// A commit that was released to an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRelease {
    /// The environment.
    pub environment: &'static str,
    /// The commit.
    pub sha: Sha,
    /// When its first image was built.
    pub built: DateTime<Utc>,
    /// Which of its pushes succeeded.
    pub outcome: PushOutcome,
}

/// Which pushes of a release succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushOutcome {
    /// Both images were pushed under both tags.
    Complete,
    /// The backend was never pushed.
    BackendMissing,
    /// The backend was pushed, but its latest tag still points to the previous release.
    BackendLatestTagNotMoved,
}

/// Everything that was ever pushed, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The pushes, oldest first.
    pub steps: Vec<Push>,
    releases: Vec<HistoryRelease>,
}

impl History {
    /// The history that ends at `now`.
    ///
    /// In prod the release before the current one has no backend, so it is not a rollback target,
    /// and the frontend is an index for two platforms with attestations. In uat the backend's
    /// latest tag points to the release before the newest.
    #[must_use]
    pub fn ending_at(now: DateTime<Utc>) -> Self {
        let mut releases: Vec<HistoryRelease> =
            (0..COMMITS).flat_map(|commit| releases_of(commit, now)).collect();
        releases.sort_by_key(|release| release.built);
        let mut prod = releases.iter_mut().rev().filter(|release| release.environment == "prod");
        if let Some(before_current) = prod.nth(1) {
            before_current.outcome = PushOutcome::BackendMissing;
        }
        let mut uat = releases.iter_mut().rev().filter(|release| release.environment == "uat");
        if let Some(newest) = uat.next() {
            newest.outcome = PushOutcome::BackendLatestTagNotMoved;
        }
        let mut steps: Vec<Push> = releases.iter().flat_map(pushes_of).collect();
        steps.sort_by_key(|push| push.at);
        Self { steps, releases }
    }

    /// Pushes everything into a store, each push at its own time.
    pub fn fill(&self, store: &Store) {
        for push in &self.steps {
            store.push(&push.repository, &push.image, &push.tags, Some(push.at));
        }
    }

    /// Pushes everything below another prefix than `acme`, such as the name of a DigitalOcean
    /// registry or a GitHub owner, except what `leave_out` selects.
    pub fn fill_below(&self, store: &Store, prefix: &str, leave_out: impl Fn(&Push) -> bool) {
        for push in self.steps.iter().filter(|push| !leave_out(push)) {
            let image = push.repository.as_str().rsplit('/').next().unwrap_or_default();
            let moved = RepositoryPath::parse(&format!("{prefix}/{image}"));
            let repository = moved.as_ref().unwrap_or(&push.repository);
            store.push(repository, &push.image, &push.tags, Some(push.at));
        }
    }

    /// The releases of an environment, newest first.
    pub fn releases(&self, environment: &str) -> impl Iterator<Item = &HistoryRelease> {
        self.releases.iter().rev().filter(move |release| release.environment == environment)
    }

    /// The newest release of an environment.
    #[must_use]
    pub fn newest(&self, environment: &str) -> Option<&Sha> {
        self.releases(environment).next().map(|release| &release.sha)
    }

    /// The release to which the latest tags of all images point; none if they disagree.
    #[must_use]
    pub fn current(&self, environment: &str) -> Option<&Sha> {
        let newest = self.releases(environment).next()?;
        (newest.outcome == PushOutcome::Complete).then_some(&newest.sha)
    }

    /// The newest release before the current one that has all its images.
    #[must_use]
    pub fn rollback_target(&self, environment: &str) -> Option<&Sha> {
        self.current(environment)?;
        let mut before = self.releases(environment).skip(1);
        before
            .find(|release| release.outcome != PushOutcome::BackendMissing)
            .map(|release| &release.sha)
    }
}

/// The releases of one commit. Every commit is released to dev, two of three to uat, and one of
/// three to prod.
fn releases_of(commit: i64, now: DateTime<Utc>) -> Vec<HistoryRelease> {
    let sha = sha_of(commit);
    let age = AGE_OF_NEWEST + PACE * i32::try_from(COMMITS - 1 - commit).unwrap_or(i32::MAX);
    let minutes = i64::from(sha.to_string().as_bytes()[0] % 16) * 7;
    let committed = now - age - TimeDelta::minutes(minutes);
    let waits = [("dev", 0, true), ("uat", 20, commit % 3 != 2), ("prod", 72, commit % 3 == 0)];
    waits
        .into_iter()
        .filter(|(_, _, goes)| *goes)
        .map(|(environment, hours, _)| HistoryRelease {
            environment,
            sha: sha.clone(),
            built: committed + TimeDelta::hours(hours),
            outcome: PushOutcome::Complete,
        })
        .collect()
}

fn pushes_of(release: &HistoryRelease) -> Vec<Push> {
    let frontend = Push {
        repository: repository("frontend"),
        tags: vec![sha_tag(release), latest_tag(release)],
        image: frontend(release),
        at: release.built + TimeDelta::minutes(2),
    };
    let mut pushes = vec![frontend];
    if release.outcome != PushOutcome::BackendMissing {
        let mut tags = vec![sha_tag(release)];
        if release.outcome == PushOutcome::Complete {
            tags.push(latest_tag(release));
        }
        let image = BuiltImage::single(&build(release, "backend", "amd64"), Format::Oci);
        let at = release.built + TimeDelta::minutes(6);
        pushes.push(Push { repository: repository("backend"), tags, image, at });
    }
    pushes
}

fn frontend(release: &HistoryRelease) -> BuiltImage {
    match release.environment {
        "prod" => {
            let builds = ["amd64", "arm64"].map(|machine| build(release, "frontend", machine));
            BuiltImage::index(&builds, Format::Oci, Provenance::Plain)
        }
        _ => BuiltImage::single(&build(release, "frontend", "amd64"), Format::Oci),
    }
}

/// The backend is built after the frontend.
fn build(release: &HistoryRelease, image: &str, machine: &str) -> Build {
    let after = if image == "backend" { 4 } else { 0 };
    let HistoryRelease { environment, sha, .. } = release;
    Build {
        created: release.built + TimeDelta::minutes(after),
        revision: sha.to_string(),
        platform: Platform {
            os: "linux".to_owned(),
            architecture: machine.to_owned(),
            variant: None,
        },
        text: format!("acme {image} for {environment} on {machine}, commit {sha}\n"),
    }
}

/// The SHA of a commit: looks random, and its order says nothing about the commits' order.
#[expect(clippy::expect_used, reason = "forty hex digits are a SHA")]
fn sha_of(commit: i64) -> Sha {
    let digest = Digest::of(format!("commit {commit} of acme").as_bytes());
    Sha::parse(&digest.encoded()[..40]).expect("forty hex digits")
}

#[expect(clippy::expect_used, reason = "the environments and SHAs of this file make tags")]
fn sha_tag(release: &HistoryRelease) -> TagName {
    TagName::parse(&format!("{}-{}", release.environment, release.sha)).expect("a tag")
}

#[expect(clippy::expect_used, reason = "the environments of this file make tags")]
fn latest_tag(release: &HistoryRelease) -> TagName {
    TagName::parse(&format!("{}-latest", release.environment)).expect("a tag")
}

#[expect(clippy::expect_used, reason = "the images of this file make repository names")]
fn repository(image: &str) -> RepositoryPath {
    RepositoryPath::parse(&format!("acme/{image}")).expect("a repository")
}
