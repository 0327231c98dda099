//! One repository of a plan: read again, what moved left out, then one wave after another.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::{StreamExt as _, stream};

use super::fresh::{Fresh, Reading};
use super::journal::{Action, Step};
use super::ledger::Ledger;
use super::manifest::{ManifestText, manifest_read};
use super::order::Order;
use super::site::{Failure, Site};
use super::spare::{Became, Known, Texts, skipped};
use super::{AppliedEntry, ApplyResult, FailureCause};
use crate::collect::Progress;
use crate::model::{Digest, Repository, TagName};
use crate::retention::{Decision, PlanEntry};

/// How many deletions are under way at once in one repository; the transport throttles besides.
const AT_ONCE: usize = 4;

/// So many missing rights in a row, and the rest is not tried.
const RIGHTS_MISSED: usize = 3;

/// What there is to do in one repository.
pub(super) struct Task<'a> {
    pub(super) site: Site<'a>,
    pub(super) repository: &'a Repository,
    /// Everything that the plan has in it.
    pub(super) entries: &'a [PlanEntry],
    /// The latest tags that may stand in it.
    pub(super) latest: BTreeSet<TagName>,
    pub(super) ledger: &'a Ledger<'a>,
    pub(super) progress: &'a dyn Progress,
}

/// Does what there is to do; what was not begun is missing in the answer.
pub(super) async fn repository_apply(task: &Task<'_>) -> Vec<AppliedEntry> {
    let changed: Vec<&PlanEntry> =
        task.entries.iter().filter(|entry| entry.decision != Decision::Keep).collect();
    if changed.is_empty() || !task.ledger.may_begin() {
        return Vec::new();
    }
    let mut became = match Run::prepare(task, &changed).await {
        Ok(run) => run.all().await,
        Err(failure) => changed
            .iter()
            .map(|entry| {
                let message = format!("nothing is deleted here: {}", failure.message);
                (entry.digest.clone(), (ApplyResult::Failed(failure.cause), message))
            })
            .collect(),
    };
    let applied = |entry: &PlanEntry, (result, message): Became| AppliedEntry {
        repository: entry.repository.clone(),
        digest: entry.digest.clone(),
        result,
        message,
    };
    changed
        .into_iter()
        .filter_map(|entry| Some(applied(entry, became.remove(&entry.digest)?)))
        .collect()
}

/// A repository under work.
pub(super) struct Run<'a> {
    pub(super) task: &'a Task<'a>,
    pub(super) fresh: Fresh,
    texts: Texts,
    order: Order,
    settled: BTreeMap<Digest, Became>,
    rights_missed: AtomicUsize,
    /// Whether the registry was seen to delete a manifest along with a tag.
    pub(super) tags_take_manifests: AtomicBool,
}

impl<'a> Run<'a> {
    async fn prepare(task: &'a Task<'a>, changed: &[&PlanEntry]) -> Result<Self, Failure> {
        let Task { site, repository, entries, latest, .. } = task;
        let reading = Reading { site: *site, path: &repository.path, entries, latest };
        let fresh = reading.read().await?;
        let reached = reading.reached(&fresh).await?;
        let texts = texts_read(task, changed, &fresh).await;
        let deleted: BTreeSet<Digest> = changed
            .iter()
            .filter(|entry| entry.decision == Decision::Delete)
            .map(|entry| entry.digest.clone())
            .collect();
        let mut order = Order::default();
        for entry in changed.iter().filter(|entry| deleted.contains(&entry.digest)) {
            if let Some(Ok(Some(text))) = texts.get(&entry.digest) {
                order.add(&entry.digest, &text.links, &entry.tags);
            }
        }
        let known = Known {
            changed,
            deleted: &deleted,
            fresh: &fresh,
            reached: &reached,
            texts: &texts,
            order: &order,
        };
        let settled = known.settled();
        Ok(Self {
            task,
            fresh,
            texts,
            order,
            settled,
            rights_missed: AtomicUsize::new(0),
            tags_take_manifests: AtomicBool::new(false),
        })
    }

    /// Deletes in waves, then takes tags off.
    async fn all(mut self) -> BTreeMap<Digest, Became> {
        let going = |deletes: bool| {
            self.task
                .entries
                .iter()
                .filter(|entry| match entry.decision {
                    Decision::Delete => deletes,
                    Decision::Untag(_) => !deletes,
                    Decision::Keep => false,
                })
                .filter(|entry| !self.settled.contains_key(&entry.digest))
                .map(|entry| (entry.digest.clone(), entry))
                .collect::<BTreeMap<_, _>>()
        };
        let (deletes, untags) = (going(true), going(false));
        self.task.progress.expect(deletes.len() + untags.len(), "manifests");
        for wave in self.order.waves(&deletes.keys().cloned().collect()) {
            let run = &self;
            let wave = wave.iter().filter_map(|digest| deletes.get(digest));
            let done: Vec<_> = stream::iter(wave)
                .map(|entry| async move { (entry.digest.clone(), run.one(entry).await) })
                .buffer_unordered(AT_ONCE)
                .collect()
                .await;
            self.note(done);
        }
        // One by one: the first that takes its manifest along must be the last.
        for entry in untags.values() {
            let became = self.one(entry).await;
            self.note(vec![(entry.digest.clone(), became)]);
        }
        self.settled
    }

    fn note(&mut self, done: Vec<(Digest, Option<Became>)>) {
        for (digest, became) in done {
            if let Some(became) = became {
                self.settled.insert(digest, became);
            }
        }
    }

    /// One entry; none when it was not begun.
    async fn one(&self, entry: &PlanEntry) -> Option<Became> {
        if !self.task.ledger.may_begin() {
            return None;
        }
        let became = match self.hindered(entry) {
            Some(became) => became,
            None => match &entry.decision {
                Decision::Keep => return None,
                Decision::Delete => self.deletion(entry).await?,
                Decision::Untag(tags) => self.untagging(entry, tags).await?,
            },
        };
        self.count(became.0);
        self.task.progress.advance();
        Some(became)
    }

    /// Why an entry is not tried.
    fn hindered(&self, entry: &PlanEntry) -> Option<Became> {
        let stays = |other: &&Digest| {
            self.settled.get(*other).is_some_and(|(result, _)| {
                !matches!(result, ApplyResult::Deleted | ApplyResult::AlreadyGone)
            })
        };
        if entry.decision == Decision::Delete
            && let Some(parent) = self.order.before(&entry.digest).find(stays)
        {
            return Some(skipped(format!("still listed by {}, which stays", parent.short())));
        }
        if self.rights_missed.load(Ordering::SeqCst) >= RIGHTS_MISSED {
            let message = "not tried: rights are missing in this repository".to_owned();
            return Some((ApplyResult::Failed(FailureCause::Rights), message));
        }
        None
    }

    fn count(&self, result: ApplyResult) {
        match result {
            ApplyResult::Failed(FailureCause::Rights) => {
                self.rights_missed.fetch_add(1, Ordering::SeqCst);
            }
            ApplyResult::Skipped => {}
            _ if self.rights_missed.load(Ordering::SeqCst) < RIGHTS_MISSED => {
                self.rights_missed.store(0, Ordering::SeqCst);
            }
            _ => {}
        }
    }

    pub(super) fn text(&self, digest: &Digest) -> Option<&ManifestText> {
        self.texts.get(digest)?.as_ref().ok()?.as_ref()
    }

    /// The record that comes before a deletion.
    pub(super) fn step(&self, entry: &PlanEntry, action: Action) -> Option<Step> {
        let text = self.text(&entry.digest)?;
        let mut tags: BTreeSet<&TagName> = entry.tags.iter().collect();
        tags.extend(self.fresh.tags_of(&entry.digest));
        Some(Step {
            repository: entry.repository.clone(),
            digest: entry.digest.clone(),
            action,
            tags: tags.into_iter().cloned().collect(),
            media_type: text.media_type.clone(),
            manifest: text.text.clone(),
            version: self.fresh.present.get(&entry.digest).copied().flatten(),
            time: entry.time,
        })
    }

    /// Records what became of a step, and hands it on.
    pub(super) fn recorded(&self, entry: &PlanEntry, became: Became) -> Became {
        let result = (became.0, became.1.as_str());
        self.task.ledger.result(&entry.repository, &entry.digest, result);
        became
    }
}

/// The manifests that are to change and are there, from the cache where they were read before.
async fn texts_read(task: &Task<'_>, changed: &[&PlanEntry], fresh: &Fresh) -> Texts {
    let there = changed.iter().filter(|entry| fresh.present.contains_key(&entry.digest));
    stream::iter(there)
        .map(|entry| async move {
            let mut text = manifest_read(task.site, &task.repository.path, &entry.digest).await;
            if let Ok(Some(text)) = &mut text {
                let secrets = task.site.cache.secrets();
                let mut tags = entry.tags.iter().chain(fresh.tags_of(&entry.digest));
                text.secret |= tags.any(|tag| secrets.are_in(tag.as_str().as_bytes()));
            }
            (entry.digest.clone(), text)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await
}
