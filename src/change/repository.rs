//! One repository of a plan: read again, what moved left out, then one wave after another.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tokio::time::Instant;

use super::access::{Failure, RegistryAccess};
use super::attempt::{Attempt, AttemptError};
use super::entry_outcome::Outcome;
use super::journal::{JournalStep, StepAction};
use super::journal_guard::JournalGuard;
use super::latest_tags::{LatestTags, LatestTagsCheck, Sharing};
use super::live_state::{LiveState, Reading};
use super::manifest::{ManifestText, manifest_read};
use super::order::Order;
use super::pace::{Halt, RunWaits};
use super::preflight::{Preflight, Texts, rights};
use super::{AppliedEntry, ApplyResult, FailureCause};
use crate::collect::Progress;
use crate::model::{Digest, Repository, TagName};
use crate::registry::{ErrorKind, RegistryError};
use crate::retention::{Decision, PlanEntry};

/// How many manifests are under way at once in one repository; the transport throttles besides.
const AT_ONCE: usize = 8;

/// Up to so many tagged manifests are deleted one after the other, each after a look of its own, so
/// that it is known with which of them a latest tag went. More go side by side.
const ONE_BY_ONE: usize = 64;

/// So many different manifests refused and none taken, and the rest is not tried.
const REFUSALS: usize = 6;

/// A listing older than this is read again before the next deletion.
const LISTING_VALID_FOR: Duration = Duration::from_mins(1);

/// What there is to do in one repository.
pub(super) struct Task<'a> {
    pub(super) access: RegistryAccess<'a>,
    pub(super) repository: &'a Repository,
    /// Everything that the plan has in it.
    pub(super) entries: &'a [PlanEntry],
    /// The latest tags that may stand in it.
    pub(super) latest: BTreeSet<TagName>,
    pub(super) journal: &'a JournalGuard<'a>,
    pub(super) pace: &'a RunWaits<'a>,
    pub(super) progress: &'a dyn Progress,
}

/// Does what there is to do; what was not begun is missing in the answer.
pub(super) async fn repository_apply(task: &Task<'_>) -> Vec<AppliedEntry> {
    let changed: Vec<&PlanEntry> =
        task.entries.iter().filter(|entry| entry.decision != Decision::Keep).collect();
    if changed.is_empty() || !task.journal.may_begin() {
        return Vec::new();
    }
    let mut told = match Run::prepare(task, &changed).await {
        Ok(run) => run.all().await,
        Err(PrepareError::Halted(Halt::Stopped)) => {
            task.journal.may_begin();
            return Vec::new();
        }
        Err(PrepareError::Halted(Halt::Stalled)) => {
            let skipped = |entry: &&PlanEntry| {
                (entry.digest.clone(), (ApplyResult::Skipped, STALLED.to_owned()))
            };
            changed.iter().map(skipped).collect()
        }
        Err(PrepareError::Failed(failure)) => changed
            .iter()
            .map(|entry| {
                let message = format!("nothing is deleted here: {}", failure.message);
                (entry.digest.clone(), (ApplyResult::Failed(failure.cause), message))
            })
            .collect(),
    };
    let applied = |entry: &PlanEntry, (result, message): (ApplyResult, String)| AppliedEntry {
        repository: entry.repository.clone(),
        digest: entry.digest.clone(),
        result,
        message,
    };
    changed
        .into_iter()
        .filter_map(|entry| Some(applied(entry, told.remove(&entry.digest)?)))
        .collect()
}

const STALLED: &str = "not tried: the registry's limit did not end, and nothing moved for too long; \
                       the next run goes on";

/// Why a repository is not begun.
enum PrepareError {
    Failed(Failure),
    Halted(Halt),
}

impl From<Halt> for PrepareError {
    fn from(halt: Halt) -> Self {
        Self::Halted(halt)
    }
}

impl From<Failure> for PrepareError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// The repository as it was read last, with what is not to be tried because of it.
pub(super) struct Live {
    pub(super) state: LiveState,
    left_out: BTreeMap<Digest, Outcome>,
    read: Instant,
}

impl Live {
    /// Whether it has to be read again before the next deletion.
    pub(super) fn is_old(&self) -> bool {
        self.read.elapsed() > LISTING_VALID_FOR
    }
}

/// A repository under work.
pub(super) struct Run<'a> {
    pub(super) task: &'a Task<'a>,
    pub(super) latest: LatestTags<'a>,
    live: tokio::sync::Mutex<std::sync::Arc<Live>>,
    texts: Texts,
    order: Order,
    outcomes: Mutex<BTreeMap<Digest, Outcome>>,
    recorded: Mutex<Vec<JournalStep>>,
    /// Why nothing more is done here, once that is so.
    stopped: OnceLock<String>,
    refusals: AtomicUsize,
    /// Whether the registry has accepted a deletion here.
    accepts: AtomicBool,
    /// Whether the registry was seen to delete a manifest along with a tag.
    pub(super) tags_take_manifests: AtomicBool,
}

impl<'a> Run<'a> {
    async fn prepare(task: &'a Task<'a>, changed: &[&PlanEntry]) -> Result<Self, PrepareError> {
        let path = &task.repository.path;
        let reading = reading(task, changed);
        let state = loop {
            match task.pace.unless_stopped(reading.read()).await? {
                Ok(state) => break state,
                Err(error) if error.kind() == ErrorKind::RateLimited => {
                    let wait = error.retry_after().unwrap_or(Duration::from_secs(5));
                    task.pace.wait(wait).await?;
                }
                Err(error) => return Err(Failure::from(error).into()),
            }
        };
        let reached = task.pace.unless_stopped(reading.reached(&state)).await??;
        let texts = task.pace.unless_stopped(texts_read(task, changed, &state)).await?;
        let mut order = Order::default();
        for entry in changed.iter().filter(|entry| entry.decision == Decision::Delete) {
            if let Some(Ok(Some(text))) = texts.get(&entry.digest) {
                order.add(&entry.digest, &text.references, &entry.tags);
            }
        }
        let preflight =
            Preflight { changed, live: &state, reached: &reached, texts: &texts, order: &order };
        let left_out = preflight.left_out();
        task.pace.progress();
        let live = Live { state, left_out, read: Instant::now() };
        Ok(Self {
            task,
            latest: LatestTags::new(task.access, path, (&task.latest, task.entries)),
            live: tokio::sync::Mutex::new(std::sync::Arc::new(live)),
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

    /// Deletes in waves, then takes tags off.
    async fn all(self) -> BTreeMap<Digest, (ApplyResult, String)> {
        let (deletes, untags): (BTreeMap<_, _>, BTreeMap<_, _>) = self
            .task
            .entries
            .iter()
            .filter(|entry| entry.decision != Decision::Keep)
            .map(|entry| (entry.digest.clone(), entry))
            .partition(|(_, entry)| entry.decision == Decision::Delete);
        self.task.progress.expect(deletes.len() + untags.len(), "manifests");
        for wave in self.order.waves(&deletes.keys().cloned().collect()) {
            let wave: Vec<&PlanEntry> =
                wave.iter().filter_map(|digest| deletes.get(digest).copied()).collect();
            self.wave(&wave).await;
        }
        // One by one: the first that takes its manifest along must be the last.
        for entry in untags.values() {
            let outcome = self.one(entry, Sharing::Own).await;
            self.note(entry, outcome);
        }
        self.ended().await
    }

    /// Those without tags side by side, then those with tags, then a look at what is gone.
    async fn wave(&self, wave: &[&PlanEntry]) {
        let (tagged, untagged): (Vec<&PlanEntry>, Vec<&PlanEntry>) =
            wave.iter().partition(|entry| !entry.tags.is_empty());
        let (at_once, sharing) =
            if tagged.len() <= ONE_BY_ONE { (1, Sharing::Own) } else { (AT_ONCE, Sharing::Shared) };
        self.side_by_side(&untagged, (AT_ONCE, Sharing::Shared)).await;
        self.side_by_side(&tagged, (at_once, sharing)).await;
        self.confirm(wave).await;
    }

    async fn side_by_side(&self, entries: &[&PlanEntry], (at_once, sharing): (usize, Sharing)) {
        self.latest.forget().await;
        stream::iter(entries)
            .for_each_concurrent(at_once, |entry| async move {
                let outcome = self.one(entry, sharing).await;
                self.note(entry, outcome);
            })
            .await;
    }

    fn note(&self, entry: &PlanEntry, outcome: Option<Outcome>) {
        if let Some(outcome) = outcome {
            self.outcomes().insert(entry.digest.clone(), outcome);
        }
    }

    pub(super) fn outcomes(&self) -> MutexGuard<'_, BTreeMap<Digest, Outcome>> {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One entry; none when it was not begun.
    async fn one(&self, entry: &PlanEntry, sharing: Sharing) -> Option<Outcome> {
        if !self.task.journal.may_begin() {
            return None;
        }
        let outcome = match self.hindered(entry) {
            Some(outcome) => outcome,
            None => match &entry.decision {
                Decision::Keep => return None,
                Decision::Delete => self.deletion(entry, sharing).await?,
                Decision::Untag(tags) => self.untagging(entry, tags).await?,
            },
        };
        self.count(&outcome);
        self.task.progress.advance();
        Some(outcome)
    }

    /// Why an entry is not tried, by what became of others.
    fn hindered(&self, entry: &PlanEntry) -> Option<Outcome> {
        if self.task.pace.is_stalled() {
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
            let why = format!("still listed by {}, which stays", parent.short());
            return Some(Outcome::skipped(why));
        }
        let refused = self.refusals.load(Ordering::SeqCst);
        if refused >= REFUSALS && !self.accepts.load(Ordering::SeqCst) {
            let why = format!(
                "not tried: rights are missing in this repository, {refused} other manifests were refused"
            );
            return Some(Outcome::failed(rights(why)));
        }
        None
    }

    /// Why an entry is not tried, by what the repository is like now.
    pub(super) fn objection(&self, entry: &PlanEntry, live: &Live) -> Option<Outcome> {
        if let Some(why) = self.stopped.get() {
            return Some(Outcome::skipped(why.clone()));
        }
        live.left_out.get(&entry.digest).cloned()
    }

    /// Nothing more is done in this repository; the reason, which is that of the first.
    pub(super) fn stop_here(&self, why: String) -> String {
        self.stopped.get_or_init(|| why).clone()
    }

    /// The end of an entry without an outcome of its own.
    pub(super) fn halted(&self, turn: &AttemptError) -> Option<Outcome> {
        match turn {
            AttemptError::Halted(Halt::Stalled) => Some(Outcome::skipped(STALLED)),
            AttemptError::Halted(Halt::Stopped) | AttemptError::Unwritten | AttemptError::Again => {
                self.task.journal.may_begin();
                None
            }
        }
    }

    fn count(&self, outcome: &Outcome) {
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

    /// The repository, read again if that is a minute ago.
    pub(super) async fn live_state(
        &self,
    ) -> Result<Result<std::sync::Arc<Live>, RegistryError>, Halt> {
        let mut live = self.live.lock().await;
        if !live.is_old() {
            return Ok(Ok(std::sync::Arc::clone(&live)));
        }
        Ok(match self.task.pace.unless_stopped(self.read_again()).await? {
            Ok(read) => {
                *live = std::sync::Arc::new(read);
                Ok(std::sync::Arc::clone(&live))
            }
            Err(error) => Err(error),
        })
    }

    async fn read_again(&self) -> Result<Live, RegistryError> {
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
            .map_err(|failure| RegistryError::new(ErrorKind::BadAnswer, failure.message))?;
        let preflight = Preflight {
            changed: &changed,
            live: &state,
            reached: &reached,
            texts: &self.texts,
            order: &self.order,
        };
        let left_out = preflight.left_out();
        Ok(Live { state, left_out, read: Instant::now() })
    }

    /// Records what is about to be done, once for each entry.
    pub(super) fn record(
        &self,
        entry: &PlanEntry,
        action: StepAction,
        (attempt, live, latest): (&mut Attempt, &Live, LatestTagsCheck),
    ) -> Result<(), AttemptError> {
        if attempt.step.is_some() {
            return Ok(());
        }
        let text = self.texts.get(&entry.digest).and_then(|read| read.as_ref().ok()?.as_ref());
        let Some(ManifestText { media_type, text, .. }) = text else {
            return Err(AttemptError::Unwritten);
        };
        let mut tags: BTreeSet<&TagName> = entry.tags.iter().collect();
        tags.extend(live.state.tags_of(&entry.digest));
        let step = JournalStep {
            repository: entry.repository.clone(),
            digest: entry.digest.clone(),
            action,
            tags: tags.into_iter().cloned().collect(),
            media_type: media_type.clone(),
            manifest: text.clone(),
            version: live.state.present.get(&entry.digest).copied().flatten(),
            time: entry.time,
            latest: Some(latest.seen),
        };
        // The numbers of steps are those of their records.
        let mut recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.task.journal.step(&step) {
            return Err(AttemptError::Unwritten);
        }
        attempt.step = Some(self.latest.answered.begin());
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
        latest: &task.latest,
    }
}

/// The manifests that are to change and are there, from the cache where they were read before.
async fn texts_read(task: &Task<'_>, changed: &[&PlanEntry], live: &LiveState) -> Texts {
    let there = changed.iter().filter(|entry| live.present.contains_key(&entry.digest));
    stream::iter(there)
        .map(|entry| async move {
            let mut text = manifest_read(task.access, &task.repository.path, &entry.digest).await;
            if let Ok(Some(text)) = &mut text {
                let secrets = task.access.cache.secrets();
                let mut tags = entry.tags.iter().chain(live.tags_of(&entry.digest));
                text.secret |= tags.any(|tag| secrets.are_in(tag.as_str().as_bytes()));
            }
            (entry.digest.clone(), text)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await
}
