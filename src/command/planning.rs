//! Makes the plan of `cleanup`, `apply` and `explain`: reads the registries, plans, reads what the
//! plan still depends on, and plans again.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::deployed;
use super::first_seen::FirstSeenFile;
use super::in_use::Found;
use super::records::read_all;
use super::{CommandError, GitLog, GitLogs, InUseList, Session, State};
use crate::change::journal::JournalRecords;
use crate::collect::{
    Completion, ContentsQuestion, DeletionCandidate, complete, confirm, contents, find_images_by_id,
};
use crate::model::{
    ClockReading, Contents, Deployments, Digest, EnvironmentName, FirstSeen, GitHistory,
    ReleaseRecord, Repository, RestoredManifest, SingleTags, TagName, Unfinished,
};
use crate::retention::{
    Decision, DeletionGroups, InUseReference, KeepCode, Plan, PlanEntry, ReasonCode,
    RetentionInput, deletion_groups, plan,
};

/// What a plan is made from, besides the registries.
pub(super) struct Planning<'a> {
    pub(super) session: &'a Session,
    /// Running images, which are kept.
    pub(super) in_use: &'a InUseList,
    /// What git says about the branch of each environment.
    pub(super) git: &'a GitLogs,
    /// The journals of earlier runs.
    pub(super) journals: &'a [JournalRecords],
    pub(super) state: &'a dyn State,
    /// The time to plan for; by default the current time of the servers.
    pub(super) at: Option<DateTime<Utc>>,
}

/// A plan, with what it was made from.
pub(super) struct Decided<'a> {
    pub(super) contents: Contents,
    pub(super) plan: Plan,
    /// The servers' clocks when the plan was made.
    pub(super) clocks: ClockReading,
    git: BTreeMap<EnvironmentName, GitHistory>,
    /// What was deployed to each environment whose order is `deployed`.
    pub(super) deployments: BTreeMap<EnvironmentName, Deployments>,
    first_seen: FirstSeenFile<'a>,
    in_use: Found,
    records: Vec<ReleaseRecord>,
}

/// What was read, as far as planning needs it.
#[derive(Clone, Copy)]
struct Facts<'a> {
    contents: &'a Contents,
    git: &'a BTreeMap<EnvironmentName, GitHistory>,
    deployments: &'a BTreeMap<EnvironmentName, Deployments>,
    in_use: &'a [InUseReference],
    first_seen: &'a FirstSeen,
    records: &'a [ReleaseRecord],
}

impl<'a> Planning<'a> {
    /// Reads and plans again until the plan depends on nothing that was not read.
    pub(super) async fn run(&self) -> Result<Decided<'a>, CommandError> {
        let session = self.session;
        session.check_images()?;
        let policy = &session.policy;
        let collector = session.collector();
        let git = self.git_histories();
        let records = read_all(session).await?;
        let unfinished: Vec<Unfinished> =
            self.journals.iter().flat_map(JournalRecords::unfinished).collect();
        let restored: Vec<RestoredManifest> =
            self.journals.iter().flat_map(JournalRecords::restored_manifests).collect();
        let question = ContentsQuestion { policy, unfinished: &unfinished };
        let mut contents = contents(collector, &question).await;
        let deployments = deployed::of_contents(session, &contents).await?;
        let seen_file = FirstSeenFile::read(session, self.state);
        seen_file.warn(session, &contents);
        let mut completion = Completion::default();
        let ids = self.in_use.ids();
        loop {
            contents.correct_times(&restored);
            // The earliest of the servers' times: no image counts as older than it is.
            let clocks = session.clock_reading();
            let now = self.at.unwrap_or(clocks.earliest);
            let by_id = find_images_by_id(collector, &contents, &ids).await;
            let in_use = self.in_use.found(&contents, &by_id);
            let (references, first_seen) = (&in_use.references, seen_file.first_seen());
            let facts = Facts {
                contents: &contents,
                git: &git,
                deployments: &deployments,
                in_use: references,
                first_seen,
                records: &records,
            };
            let mut plan = plan(&self.input(facts, now));
            let candidates: Vec<DeletionCandidate<'_>> =
                plan.entries.iter().filter_map(|entry| candidate(session, entry)).collect();
            let needed = if candidates.is_empty() { BTreeSet::new() } else { needed(&plan) };
            let completed = complete(collector, &mut completion, &mut contents, &candidates).await;
            let confirmed = confirm(collector, &mut completion, &mut contents, &needed).await;
            if !completed && !confirmed {
                seen_file.remember(session, &contents);
                plan.warnings.extend(clocks.warnings.iter().map(ToString::to_string));
                plan.warnings.extend(self.in_use.warnings().cloned());
                session.listener.finish_progress();
                self.in_use.check(session, &in_use)?;
                return Ok(Decided {
                    contents,
                    plan,
                    clocks,
                    git,
                    deployments,
                    first_seen: seen_file,
                    in_use,
                    records,
                });
            }
        }
    }

    /// The git history of each environment's branch. Warns where it is missing or incomplete.
    fn git_histories(&self) -> BTreeMap<EnvironmentName, GitHistory> {
        let none = GitLog::default();
        let history = |environment: &crate::policy::Environment| {
            let log = self.git.get(&environment.name).unwrap_or(&none);
            log.check(self.session, environment);
            (environment.name.clone(), log.history.clone())
        };
        self.session.policy.environments.values().map(history).collect()
    }

    /// Which entries of a plan can only be deleted together.
    pub(super) fn deletion_groups(&self, decided: &Decided<'_>) -> DeletionGroups {
        let Decided { contents, git, deployments, plan, records, .. } = decided;
        let (in_use, first_seen) = (&decided.in_use.references, decided.first_seen.first_seen());
        let facts = Facts { contents, git, deployments, in_use, first_seen, records };
        deletion_groups(&self.input(facts, plan.created))
    }

    fn input<'f>(&'f self, facts: Facts<'f>, now: DateTime<Utc>) -> RetentionInput<'f> {
        RetentionInput {
            contents: facts.contents,
            policy: &self.session.policy,
            policy_digest: &self.session.policy_digest,
            in_use: facts.in_use,
            git: facts.git,
            deployments: facts.deployments,
            first_seen: facts.first_seen,
            records: facts.records,
            now,
        }
    }
}

/// The manifests that must be complete before anything is deleted: those of the current releases and
/// of the rollback floors, and those that lose a tag but are kept.
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

/// What would be deleted of an entry; none if it is kept.
fn candidate<'a>(session: &Session, entry: &'a PlanEntry) -> Option<DeletionCandidate<'a>> {
    let tags: &[TagName] = match &entry.decision {
        Decision::Keep => return None,
        Decision::Delete => &entry.tags,
        // What each tag points to has to be checked only where single tags are deleted.
        Decision::Untag(tags) => {
            let registry = session.connections.registry(&entry.repository.registry)?;
            (registry.capabilities().single_tags == SingleTags::Deleted).then_some(tags)?
        }
    };
    Some(DeletionCandidate { repository: &entry.repository, digest: &entry.digest, tags })
}
