//! The state of a run in one repository: its last reading, the outcomes of entries, and the reason to stop.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tokio::time::Instant;

use super::attempt::{Attempt, AttemptError, Outcome};
use super::journal_guard::JournalGuard;
use super::live_state::{LiveState, ManifestText, Reading, manifest_read};
use super::preflight::{Preflight, Texts};
use super::tag_checks::{LatestTags, LatestTagsCheck};
use super::waits::{RunEnd, RunWaits};
use crate::change::access::{Failure, RegistryAccess};
use crate::change::journal::{JournalStep, StepAction};
use crate::change::order::Order;
use crate::change::result::{ApplyResult, FailureCause};
use crate::collect::Progress;
use crate::model::{Digest, Repository, TagName};
use crate::registry::{ErrorKind, RequestError};
use crate::retention::{Decision, PlanEntry};

/// How many manifests are read at once.
const AT_ONCE: usize = 8;

/// After this many refusals without an accepted deletion the rest is not tried.
const REFUSALS: usize = 6;

/// A repository that was read longer ago than this is read again before the next deletion.
const LISTING_VALID_FOR: Duration = Duration::from_mins(1);

/// The input for one repository.
pub(super) struct Task<'a> {
    pub(super) access: RegistryAccess<'a>,
    pub(super) repository: &'a Repository,
    /// All entries of the plan in it.
    pub(super) entries: &'a [PlanEntry],
    /// The latest tags that it may have.
    pub(super) latest_tags: BTreeSet<TagName>,
    pub(super) journal: &'a JournalGuard<'a>,
    pub(super) waits: &'a RunWaits<'a>,
    pub(super) progress: &'a dyn Progress,
}

/// Why nothing more is tried once the run has stalled.
pub(super) const STALLED: &str = "not tried: the registry's rate limit did not end, and there was no progress for too long; \
                       the next run continues";

/// Why a repository is not started.
pub(super) enum PrepareError {
    Failed(Failure),
    Ended(RunEnd),
}

impl From<RunEnd> for PrepareError {
    fn from(end: RunEnd) -> Self {
        Self::Ended(end)
    }
}

impl From<Failure> for PrepareError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// The repository as it was read last, with the entries that are left out because of it.
pub(super) struct Snapshot {
    pub(super) state: LiveState,
    left_out: BTreeMap<Digest, Outcome>,
    read_at: Instant,
}

impl Snapshot {
    /// Whether it has to be read again before the next deletion.
    pub(super) fn is_old(&self) -> bool {
        self.read_at.elapsed() > LISTING_VALID_FOR
    }
}

/// The run in one repository.
pub(super) struct Run<'a> {
    pub(super) task: &'a Task<'a>,
    pub(super) latest_tags: LatestTags<'a>,
    snapshot: tokio::sync::Mutex<Arc<Snapshot>>,
    texts: Texts,
    pub(super) order: Order,
    outcomes: Mutex<BTreeMap<Digest, Outcome>>,
    recorded: Mutex<Vec<JournalStep>>,
    /// Why nothing more is deleted in this repository, once that is decided.
    stopped: OnceLock<String>,
    refusals: AtomicUsize,
    /// Whether the registry has accepted a deletion here.
    accepts: AtomicBool,
    /// Whether the registry was seen to delete a manifest together with a tag.
    pub(super) tags_take_manifests: AtomicBool,
}

impl<'a> Run<'a> {
    pub(super) async fn prepare(
        task: &'a Task<'a>,
        changed: &[&PlanEntry],
    ) -> Result<Self, PrepareError> {
        let path = &task.repository.path;
        let reading = reading(task, changed);
        let state = loop {
            match task.waits.unless_stopped(reading.read()).await? {
                Ok(state) => break state,
                Err(error) if error.kind() == ErrorKind::RateLimited => {
                    let wait = error.retry_after().unwrap_or(Duration::from_secs(5));
                    task.waits.wait(wait).await?;
                }
                Err(error) => return Err(Failure::from(error).into()),
            }
        };
        let reached = task.waits.unless_stopped(reading.reached(&state)).await??;
        let texts = task.waits.unless_stopped(texts_read(task, changed, &state)).await?;
        let mut order = Order::default();
        for entry in changed.iter().filter(|entry| entry.decision == Decision::Delete) {
            if let Some(Ok(Some(text))) = texts.get(&entry.digest) {
                order.add(&entry.digest, &text.references, &entry.tags);
            }
        }
        let preflight =
            Preflight { changed, live: &state, reached: &reached, texts: &texts, order: &order };
        let left_out = preflight.left_out();
        task.waits.progress();
        let snapshot = Snapshot { state, left_out, read_at: Instant::now() };
        Ok(Self {
            task,
            latest_tags: LatestTags::new(task.access, path, (&task.latest_tags, task.entries)),
            snapshot: tokio::sync::Mutex::new(Arc::new(snapshot)),
            texts,
            order,
            outcomes: Mutex::default(),
            recorded: Mutex::default(),
            stopped: OnceLock::new(),
            refusals: AtomicUsize::new(0),
            accepts: AtomicBool::new(false),
            tags_take_manifests: AtomicBool::new(false),
        })
    }

    pub(super) fn note(&self, entry: &PlanEntry, outcome: Option<Outcome>) {
        if let Some(outcome) = outcome {
            self.outcomes().insert(entry.digest.clone(), outcome);
        }
    }

    pub(super) fn outcomes(&self) -> MutexGuard<'_, BTreeMap<Digest, Outcome>> {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why an entry is not tried because of the outcomes of others.
    pub(super) fn not_tried_because_of_others(&self, entry: &PlanEntry) -> Option<Outcome> {
        if self.task.waits.is_stalled() {
            return Some(Outcome::skipped(STALLED));
        }
        if let Some(why) = self.stopped.get() {
            return Some(Outcome::skipped(why.clone()));
        }
        let outcomes = self.outcomes();
        let stays =
            |other: &&Digest| outcomes.get(*other).is_some_and(|outcome| !outcome.is_gone());
        if entry.decision == Decision::Delete
            && let Some(parent) = self.order.before(&entry.digest).find(stays)
        {
            let why = format!("still listed by {}, which is kept", parent.short());
            return Some(Outcome::skipped(why));
        }
        let refused = self.refusals.load(Ordering::SeqCst);
        if refused >= REFUSALS && !self.accepts.load(Ordering::SeqCst) {
            let why = format!(
                "not tried: a permission is missing in this repository, since {refused} other deletions were refused"
            );
            return Some(Outcome::failed(Failure::rights(why)));
        }
        None
    }

    /// Why an entry is not tried because of the current state of the repository.
    pub(super) fn objection(&self, entry: &PlanEntry, snapshot: &Snapshot) -> Option<Outcome> {
        if let Some(why) = self.stopped.get() {
            return Some(Outcome::skipped(why.clone()));
        }
        snapshot.left_out.get(&entry.digest).cloned()
    }

    /// Stops all deletions in this repository; returns the first reason to stop.
    pub(super) fn stop_here(&self, reason: String) -> String {
        self.stopped.get_or_init(|| reason).clone()
    }

    /// The outcome of an entry whose last attempt has none; none if it counts as not started.
    pub(super) fn ended_early(&self, error: &AttemptError) -> Option<Outcome> {
        if let AttemptError::Ended(RunEnd::Stalled) = error {
            return Some(Outcome::skipped(STALLED));
        }
        self.task.journal.may_begin();
        None
    }

    pub(super) fn count(&self, outcome: &Outcome) {
        match outcome {
            Outcome::Refused(_) | Outcome::Known(ApplyResult::Failed(FailureCause::Rights), _) => {
                self.refusals.fetch_add(1, Ordering::SeqCst);
            }
            Outcome::Accepted | Outcome::Known(ApplyResult::Untagged, _) => {
                self.accepts.store(true, Ordering::SeqCst);
            }
            _ => {}
        }
    }

    /// The state of the repository, read again if it is older than a minute.
    pub(super) async fn snapshot(&self) -> Result<Arc<Snapshot>, AttemptError> {
        let mut snapshot = self.snapshot.lock().await;
        if snapshot.is_old() {
            *snapshot = Arc::new(self.task.waits.unless_stopped(self.read_again()).await??);
        }
        Ok(Arc::clone(&snapshot))
    }

    async fn read_again(&self) -> Result<Snapshot, RequestError> {
        let settled: BTreeSet<Digest> = self.outcomes().keys().cloned().collect();
        let is_left = |entry: &&PlanEntry| {
            entry.decision != Decision::Keep && !settled.contains(&entry.digest)
        };
        let changed: Vec<&PlanEntry> = self.task.entries.iter().filter(is_left).collect();
        let reading = reading(self.task, &changed);
        let state = reading.read().await?;
        let reached = reading
            .reached(&state)
            .await
            .map_err(|failure| RequestError::new(ErrorKind::BadAnswer, failure.message))?;
        let preflight = Preflight {
            changed: &changed,
            live: &state,
            reached: &reached,
            texts: &self.texts,
            order: &self.order,
        };
        let left_out = preflight.left_out();
        Ok(Snapshot { state, left_out, read_at: Instant::now() })
    }

    /// Records a step before it is carried out, once for each entry.
    pub(super) fn record(
        &self,
        entry: &PlanEntry,
        action: StepAction,
        (attempt, snapshot, latest): (&mut Attempt, &Snapshot, LatestTagsCheck),
    ) -> Result<(), AttemptError> {
        if attempt.step.is_some() {
            return Ok(());
        }
        let text = self.texts.get(&entry.digest).and_then(|read| read.as_ref().ok()?.as_ref());
        let Some(ManifestText { media_type, text, .. }) = text else {
            return Err(AttemptError::Unwritten);
        };
        let mut tags: BTreeSet<&TagName> = entry.tags.iter().collect();
        tags.extend(snapshot.state.tags_of(&entry.digest));
        let step = JournalStep {
            repository: entry.repository.clone(),
            digest: entry.digest.clone(),
            action,
            tags: tags.into_iter().cloned().collect(),
            media_type: media_type.clone(),
            manifest: text.clone(),
            version: snapshot.state.present.get(&entry.digest).copied().flatten(),
            time: entry.time,
            latest: Some(latest.seen),
        };
        // The numbers of steps are those of their records.
        let mut recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.task.journal.step(&step) {
            return Err(AttemptError::Unwritten);
        }
        attempt.step = Some(self.latest_tags.answered.begin());
        recorded.push(step);
        Ok(())
    }

    /// The manifests whose deletion or untagging was recorded.
    pub(super) fn recorded(&self) -> BTreeSet<Digest> {
        let recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        recorded.iter().map(|step| step.digest.clone()).collect()
    }

    /// The record of a manifest that loses tags.
    pub(super) fn untag_step(&self, digest: &Digest) -> Option<JournalStep> {
        let recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |step: &&JournalStep| {
            step.digest == *digest && matches!(step.action, StepAction::Untag(_))
        };
        recorded.iter().find(is_it).cloned()
    }
}

fn reading<'a>(task: &'a Task<'_>, changed: &'a [&'a PlanEntry]) -> Reading<'a> {
    Reading {
        access: task.access,
        path: &task.repository.path,
        entries: task.entries,
        changed,
        latest: &task.latest_tags,
    }
}

/// The existing manifests that are to change, from the cache if possible.
async fn texts_read(task: &Task<'_>, changed: &[&PlanEntry], live: &LiveState) -> Texts {
    let there = changed.iter().filter(|entry| live.present.contains_key(&entry.digest));
    stream::iter(there)
        .map(|entry| async move {
            let mut text = manifest_read(task.access, &task.repository.path, &entry.digest).await;
            if let Ok(Some(text)) = &mut text {
                let secrets = task.access.cache.secrets();
                let mut tags = entry.tags.iter().chain(live.tags_of(&entry.digest));
                text.secret |= tags.any(|tag| secrets.occur_in(tag.as_str().as_bytes()));
            }
            (entry.digest.clone(), text)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await
}
