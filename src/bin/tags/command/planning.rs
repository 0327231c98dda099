//! What `cleanup` and `explain` share: everything is read, decided, completed and decided again.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use tags::collect::{
    Collector, Completion, ContentsQuestion, DeletionCandidate, complete, contents, ids_find, prove,
};
use tags::command::Session;
use tags::model::{
    ClockReading, Contents, Digest, EnvironmentName, FirstSeen, GitHistory, Repository,
    RestoredManifest, TagName, Unfinished,
};
use tags::policy::{Policy, RegistryKind};
use tags::retention::{
    Decision, InUse, InUseFound, InUseReference, KeepCode, Plan, PlanEntry, ReasonCode,
    RetentionInput, Ties, plan, ties,
};

use crate::first_seen::Sights;
use crate::{git, output};

/// What is planned over.
pub(super) struct Planning<'a> {
    pub(super) session: &'a Session,
    pub(super) collector: Collector<'a>,
    /// What runs, where that was told.
    pub(super) in_use: &'a InUse,
    /// What runs that broke off have left to do.
    pub(super) unfinished: &'a [Unfinished],
    /// What was deleted once and put back.
    pub(super) put_back: &'a [RestoredManifest],
    /// The time that counts as now, if not that of the servers.
    pub(super) at: Option<DateTime<Utc>>,
}

/// What was read, and what was decided.
pub(super) struct Planned {
    pub(super) contents: Contents,
    pub(super) plan: Plan,
    /// What the servers' clocks showed.
    pub(super) clocks: ClockReading,
    git: BTreeMap<EnvironmentName, GitHistory>,
    /// When this machine saw digests first.
    sights: Sights,
    /// What of the list of what runs was found.
    pub(super) in_use: InUseFound,
}

/// What was read, as far as a decision needs it.
#[derive(Clone, Copy)]
struct Read<'a> {
    contents: &'a Contents,
    git: &'a BTreeMap<EnvironmentName, GitHistory>,
    in_use: &'a [InUseReference],
    first_seen: &'a FirstSeen,
}

impl Planning<'_> {
    /// Reads and decides, until nothing that would go raises a question any more.
    pub(super) async fn run(&self) -> Planned {
        let policy = &self.session.policy;
        let question = ContentsQuestion { policy, unfinished: self.unfinished };
        let (mut contents, git) =
            tokio::join!(contents(self.collector, &question), histories(self.session));
        let sights = Sights::read(self.session.clock_reading().latest);
        for warning in sights.warnings(policy, &contents) {
            output::talk(&warning);
        }
        let mut completion = Completion::default();
        let ids = self.in_use.ids();
        loop {
            contents.correct_times(self.put_back);
            // By the earliest of the servers' times nothing is older than it is.
            let clocks = self.session.clock_reading();
            let now = self.at.unwrap_or(clocks.earliest);
            let by_id = ids_find(self.collector, &contents, &ids).await;
            let in_use = self.in_use.found(&contents, &by_id);
            let (in_use_now, first_seen) = (&in_use.references, sights.first_seen());
            let read = Read { contents: &contents, git: &git, in_use: in_use_now, first_seen };
            let mut plan = self.decide(read, now);
            let doomed: Vec<DeletionCandidate<'_>> =
                plan.entries.iter().filter_map(|entry| doomed(policy, entry)).collect();
            let needed = if doomed.is_empty() { BTreeSet::new() } else { needed(&plan) };
            let completed = complete(self.collector, &mut completion, &mut contents, &doomed).await;
            let proved = prove(self.collector, &mut completion, &mut contents, &needed).await;
            if !completed && !proved {
                if let Err(warning) = sights.remember(&contents) {
                    output::talk(&warning);
                }
                plan.warnings.extend(clocks.warnings.iter().map(ToString::to_string));
                plan.warnings.extend(self.in_use.warnings.iter().cloned());
                return Planned { contents, plan, clocks, git, sights, in_use };
            }
        }
    }

    fn decide(&self, read: Read<'_>, now: DateTime<Utc>) -> Plan {
        plan(&self.input(read, now))
    }

    /// What belongs together in what was decided.
    pub(super) fn ties(&self, planned: &Planned) -> Ties {
        let Planned { contents, git, plan, .. } = planned;
        let (in_use, first_seen) = (&planned.in_use.references, planned.sights.first_seen());
        ties(&self.input(Read { contents, git, in_use, first_seen }, plan.created))
    }

    fn input<'a>(&'a self, read: Read<'a>, now: DateTime<Utc>) -> RetentionInput<'a> {
        RetentionInput {
            contents: read.contents,
            policy: &self.session.policy,
            policy_digest: &self.session.policy_digest,
            in_use: read.in_use,
            git: read.git,
            first_seen: read.first_seen,
            now,
        }
    }
}

/// What others may go for, since it stays: the current releases, the rollback floors, and what
/// shares a digest with them.
fn needed(plan: &Plan) -> BTreeSet<(&Repository, &Digest)> {
    let entries = plan.entries.iter().filter(|entry| match &entry.decision {
        Decision::Delete => false,
        Decision::Untag(_) => true,
        Decision::Keep => matches!(
            entry.reason.code,
            ReasonCode::Keep(
                KeepCode::LatestTag | KeepCode::CurrentRelease | KeepCode::RollbackFloor
            )
        ),
    });
    entries.map(|entry| (&entry.repository, &entry.digest)).collect()
}

/// A manifest of which something would go, with the tags that would.
fn doomed<'a>(policy: &Policy, entry: &'a PlanEntry) -> Option<DeletionCandidate<'a>> {
    let tags: &[TagName] = match &entry.decision {
        Decision::Keep => return None,
        Decision::Delete => &entry.tags,
        // Only of DOCR's own listing it has to be proved what a single tag points to.
        Decision::Untag(tags) => {
            let registry = policy.registries.get(&entry.repository.registry)?;
            (registry.kind == RegistryKind::Docr).then_some(tags)?
        }
    };
    Some(DeletionCandidate { repository: &entry.repository, digest: &entry.digest, tags })
}

/// The checkout's history for each environment.
async fn histories(session: &Session) -> BTreeMap<EnvironmentName, GitHistory> {
    let logs = git::logs(&session.policy).await;
    for (name, log) in &logs {
        log.check(session, &session.policy.environments[name]);
    }
    logs.into_iter().map(|(name, log)| (name, log.history)).collect()
}
