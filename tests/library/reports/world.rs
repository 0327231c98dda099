//! One realistic cleanup, made by hand: two images in two registries, three environments, an old
//! branch, and a little of everything that can happen to it.

use chrono::{DateTime, TimeDelta, Utc};
use tags::change::{Application, AppliedEntry, ApplyResult, FailureCause, Survivor};
use tags::model::{Digest, EnvironmentName, ImageName, Repository, Sha, Unread, UnreadCause};
use tags::policy::{self, Policy};
use tags::report::{Cleanup, CleanupCommand, Detail, Format, Report, View, github};
use tags::retention::{
    Decision, DeleteCode, EnvironmentSummary, KeepCode, Plan, PlanEntry, Reason, ReasonCode,
    Refusal, RepositoryCoverage, RuleName,
};

use crate::support::tag;

pub(crate) const MIB: u64 = 1 << 20;

pub(crate) fn policy() -> Policy {
    policy::parse("tags.toml", include_str!("../../../policies/projectmeats.toml"))
        .expect("a policy")
}

pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-22T03:00:00Z".parse().expect("a date")
}

/// The nth commit of the story.
pub(crate) fn sha(number: usize) -> Sha {
    let digest = Digest::of(format!("commit {number}").as_bytes());
    Sha::parse(&digest.encoded()[..40]).expect("a SHA")
}

pub(crate) fn keep(code: KeepCode, message: &str) -> Reason {
    Reason { code: ReasonCode::Keep(code), rule: None, message: message.to_owned() }
}

pub(crate) fn delete(code: DeleteCode, rule: Option<RuleName>, message: &str) -> Reason {
    Reason { code: ReasonCode::Delete(code), rule, message: message.to_owned() }
}

pub(crate) const WIDE: View =
    View { width: None, detail: Detail::Short, commits: None, checkout: None };

/// A report in a format, as it is written where there is no terminal.
pub(crate) fn text(report: &Report, format: Format) -> String {
    format.text(report, WIDE).expect("text")
}

/// A report for GitHub Actions: the annotations, then the outputs.
pub(crate) fn for_github(report: &Report) -> String {
    text(report, Format::Github) + "--- outputs\n" + &github::outputs(report)
}

/// A plan under construction.
pub(crate) struct World {
    pub(crate) policy: Policy,
    pub(crate) plan: Plan,
}

impl World {
    fn repositories(&self) -> Vec<(Repository, ImageName)> {
        self.policy.repositories.iter().map(|(at, image)| (at.clone(), image.clone())).collect()
    }

    /// One manifest; its name makes its digest.
    fn add(&mut self, at: &(Repository, ImageName), tags: &[&str], entry: Happens) {
        let name = format!("{} {tags:?} {}", at.0, entry.days);
        self.plan.entries.push(PlanEntry {
            image: Some(at.1.clone()),
            repository: at.0.clone(),
            digest: Digest::of(name.as_bytes()),
            tags: tags.iter().map(|name| tag(name)).collect(),
            decision: entry.decision,
            reason: entry.reason,
            bytes: Some(entry.bytes),
            stored: entry.bytes,
            time: Some(now() - TimeDelta::days(entry.days)),
        });
    }

    /// A release in all four places; in GHCR each is an index with a child that has no tag.
    fn release(&mut self, environment: &str, number: usize, days: i64, reason: &Reason) {
        let name = format!("{environment}-{}", sha(number));
        let goes = matches!(reason.code, ReasonCode::Delete(_));
        let decision = if goes { Decision::Delete } else { Decision::Keep };
        for at in self.repositories() {
            let (decision, reason) = (decision.clone(), reason.clone());
            let is_index = at.0.registry.as_str() == "ghcr";
            let bytes = if is_index { 1200 } else { 140 * MIB };
            self.add(&at, &[&name], Happens { decision: decision.clone(), reason, bytes, days });
            if is_index {
                let reason = if goes {
                    delete(DeleteCode::ChildOfDeleted, None, "only indexes that go list it")
                } else {
                    keep(KeepCode::ChildOfKept, "a kept index lists it")
                };
                let happens = Happens { decision, reason, bytes: 140 * MIB, days };
                self.add(&at, &[], happens);
                // Children have no tag to tell them apart by.
                let last = self.plan.entries.last_mut().expect("it was just added");
                last.digest = Digest::of(format!("{} child of {name}", at.0).as_bytes());
            }
        }
    }

    pub(crate) fn new() -> Self {
        let policy = policy();
        let coverage = policy
            .repositories
            .keys()
            .map(|repository| RepositoryCoverage { repository: repository.clone(), unread: None })
            .collect();
        let plan = Plan {
            created: now(),
            policy: Digest::of(b"the policy file"),
            images: Vec::new(),
            shard: None,
            coverage,
            entries: Vec::new(),
            environments: Vec::new(),
            warnings: Vec::new(),
        };
        let mut world = Self { policy, plan };
        world.releases();
        world.odd_ones();
        world.summary();
        world.plan.warnings.push("rule retention[1] selects nothing in `uat`".to_owned());
        world.plan.entries.sort_by(|a, b| {
            (&a.repository, b.time, &a.digest).cmp(&(&b.repository, a.time, &b.digest))
        });
        world
    }

    fn releases(&mut self) {
        let current = keep(KeepCode::CurrentRelease, "prod runs it");
        self.release("prod", 0, 2, &current);
        for number in 1..=3 {
            let days = i64::try_from(number * 9).expect("few");
            let floor = keep(KeepCode::RollbackFloor, "a rollback of prod may need it");
            self.release("prod", number, days, &floor);
        }
        let why = "older than 90 days, and not of the 20 newest";
        let expired = delete(DeleteCode::Expired, Some(RuleName::retention(1)), why);
        for number in 4..=6 {
            let days = i64::try_from(number * 25).expect("few");
            self.release("prod", number, days, &expired);
        }
        let why = "not of the 10 newest";
        let expired = delete(DeleteCode::Expired, Some(RuleName::retention(0)), why);
        for number in 10..=27 {
            self.release("dev", number, i64::try_from(number).expect("few"), &expired);
        }
    }

    /// What is no release, and a release of which one place is missing.
    fn odd_ones(&mut self) {
        let places = self.repositories();
        let expired =
            delete(DeleteCode::Expired, Some(RuleName::retention(0)), "not of the 10 newest");
        let lone = format!("dev-{}", sha(30));
        let reason = expired.clone();
        self.add(
            &places[0],
            &[&lone],
            Happens { decision: Decision::Delete, reason, bytes: 9 * MIB, days: 40 },
        );
        let shared = [format!("dev-{}", sha(31)), format!("prod-{}", sha(0))];
        let shared: Vec<&str> = shared.iter().map(String::as_str).collect();
        let mut reason = keep(KeepCode::DigestSharedWithKept, "some of its tags are kept");
        reason.rule = Some(RuleName::retention(0));
        let decision = Decision::Untag(vec![tag(shared[0])]);
        self.add(&places[0], &shared, Happens { decision, reason, bytes: 140 * MIB, days: 3 });
        for number in 1..=14 {
            let reason = delete(
                DeleteCode::Expired,
                Some(RuleName::retention(2)),
                &format!("pushed {number} days too early"),
            );
            let name = format!("pr-{number}");
            self.add(
                &places[3],
                &[&name],
                Happens { decision: Decision::Delete, reason, bytes: 90 * MIB, days: 30 + number },
            );
        }
        let mut reason = delete(DeleteCode::UntaggedExpired, None, "no tag, and older than 7 days");
        reason.rule = Some(RuleName::untagged());
        for days in [12, 13, 14] {
            let reason = reason.clone();
            self.add(
                &places[2],
                &[],
                Happens { decision: Decision::Delete, reason, bytes: 2 * MIB, days },
            );
        }
        let reason = keep(KeepCode::ProtectedTag, "the policy protects `cache`");
        self.add(
            &places[2],
            &["cache"],
            Happens { decision: Decision::Keep, reason, bytes: 700 * MIB, days: 1 },
        );
        let reason = keep(KeepCode::NoRule, "no rule speaks of it");
        self.add(
            &places[1],
            &["test"],
            Happens { decision: Decision::Keep, reason, bytes: 33 * MIB, days: 200 },
        );
        let last = self.plan.entries.last_mut().expect("it was just added");
        (last.bytes, last.stored, last.time) = (None, 0, None);
    }

    fn summary(&mut self) {
        let name = |text: &str| EnvironmentName::parse(text).expect("a name");
        self.plan.environments = vec![
            EnvironmentSummary {
                environment: name("prod"),
                current: vec![sha(0)],
                floor: vec![sha(1), sha(2), sha(3)],
                kept: 4,
                deleted: 3,
                complete: Some(6),
            },
            EnvironmentSummary {
                environment: name("dev"),
                current: vec![],
                floor: vec![],
                kept: 10,
                deleted: 19,
                complete: Some(20),
            },
        ];
    }

    /// The second repository broke off while it was read.
    pub(crate) fn broken(mut self) -> Self {
        self.plan.coverage[1].unread = Some(Unread {
            cause: UnreadCause::Unreachable,
            message: "page 3 of the tags: the server answered 503".to_owned(),
            hint: Some("ask again later".to_owned()),
        });
        self
    }

    /// A dry run.
    pub(crate) fn cleanup(&self) -> Cleanup {
        Cleanup::planned(CleanupCommand::Cleanup, &self.policy, self.plan.clone())
    }

    /// Limits that it goes over.
    pub(crate) fn refusals(&self) -> Vec<Refusal> {
        let repository = self.plan.coverage[2].repository.clone();
        vec![
            Refusal::TooMany { count: 612, limit: 500 },
            Refusal::TooLargeShare { repository, count: 30, all: 41, limit: 0.5 },
        ]
    }

    /// An apply in which every result occurs.
    pub(crate) fn application(&self) -> Application {
        let result = |index: usize| match index {
            3 => (ApplyResult::AlreadyGone, "it had gone already"),
            5 | 6 => (ApplyResult::Skipped, "a tag points to it that the plan does not have"),
            9 => (ApplyResult::Retained, "GitHub keeps versions with more than 5,000 downloads"),
            12 | 14 => (ApplyResult::Failed(FailureCause::Rights), "403: the token may not delete"),
            20 => (ApplyResult::Failed(FailureCause::Registry), "the server answered 500"),
            _ => (ApplyResult::Deleted, "deleted"),
        };
        let changed = self.plan.entries.iter().filter(|entry| entry.decision != Decision::Keep);
        let applied = changed.enumerate().map(|(index, entry)| {
            let (result, message) = match &entry.decision {
                Decision::Untag(_) => (ApplyResult::Untagged, "lost its tag"),
                _ => result(index),
            };
            let (repository, digest) = (entry.repository.clone(), entry.digest.clone());
            AppliedEntry { repository, digest, result, message: message.to_owned() }
        });
        let (applied, survivors) = (applied.collect(), self.survivors());
        Application { applied, survivors, ..Application::default() }
    }

    /// What had to survive, all of it whole.
    pub(crate) fn survivors(&self) -> Vec<Survivor> {
        let environment = EnvironmentName::parse("prod").expect("a name");
        let survivor = |coverage: &RepositoryCoverage| Survivor {
            environment: environment.clone(),
            repository: coverage.repository.clone(),
            tag: tag("prod-latest"),
            damage: None,
            unread: None,
        };
        self.plan.coverage.iter().map(survivor).collect()
    }
}

/// What happens to a manifest, and what is known of it.
struct Happens {
    decision: Decision,
    reason: Reason,
    bytes: u64,
    days: i64,
}
