//! What a test does to a running registry: faults, held requests, and changes without a request.
//!
//! Changes carry the time of the registry's clock and have the same effects as the request would
//! have had. [`Faults`] and [`Access`] are in one file because each gives access to the other.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::call::Call;
use super::clock::Clock;
use super::content::{BuiltImage, ManifestBytes};
use super::fault::{Fault, FaultKind, HoldHandle, HoldPoint, PendingHold, RequestHold, Stage};
use super::ghcr::Versions;
use super::log::RequestRecord;
use super::quirk::Quirks;
use super::reply::{Reply, ReplyChange};
use super::store::{Store, StoredTag};
use crate::model::{Digest, RepositoryPath, TagName};

/// Direct access to a running registry, without a request.
#[derive(Debug)]
pub struct Access<'a> {
    pub(super) store: &'a Store,
    pub(super) faults: &'a Faults,
    pub(super) quirks: &'a Quirks,
    /// The package versions, where the registry is GHCR.
    pub(super) versions: Option<&'a Versions>,
    pub(super) clock: Clock,
    pub(super) changes: Mutex<Vec<ReplyChange>>,
}

impl Access<'_> {
    /// The changes to the answer of the request.
    pub(super) fn into_changes(self) -> Vec<ReplyChange> {
        self.changes.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the answer to the request before which this action runs; the registry itself is not
    /// changed. Outside of an action this has no effect.
    pub fn change_answer(&self, change: impl FnOnce(&mut Reply) + Send + 'static) {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        changes.push(ReplyChange::new(change));
    }

    /// The content of the registry.
    #[must_use]
    pub fn store(&self) -> &Store {
        self.store
    }

    /// The faults. One that is added before a request can already apply to that request.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        self.faults
    }

    /// The quirks, to be switched on and off.
    #[must_use]
    pub fn quirks(&self) -> &Quirks {
        self.quirks
    }

    /// Pushes an image with all its manifests and blobs, under these tags or none.
    pub fn push(&self, repository: &RepositoryPath, image: &BuiltImage, tags: &[TagName]) {
        self.store.push(repository, image, &[], self.clock.time());
        for tag in tags {
            self.set_tag(repository, tag, &image.root.digest);
        }
    }

    /// Pushes a single manifest, such as an index whose children exist already.
    pub fn push_manifest(
        &self,
        repository: &RepositoryPath,
        manifest: &ManifestBytes,
        tags: &[TagName],
    ) {
        self.store.put_manifest(repository, manifest, self.clock.time());
        for tag in tags {
            self.set_tag(repository, tag, &manifest.digest);
        }
    }

    /// Creates a tag or moves it to an existing manifest; false, without a change, if there is no
    /// such manifest.
    pub fn set_tag(&self, repository: &RepositoryPath, tag: &TagName, digest: &Digest) -> bool {
        if self.store.manifest(repository, digest).is_none() {
            return false;
        }
        let stored = StoredTag { digest: digest.clone(), updated: self.clock.time() };
        self.store.set_tag(repository, tag, stored);
        true
    }

    /// The digest of a package version of GHCR by its id; none if it was deleted.
    #[must_use]
    pub fn version_digest(&self, package: &RepositoryPath, id: u64) -> Option<Digest> {
        let live = self.versions?.live(self.store, package);
        live.into_iter().find(|version| version.id == id).map(|version| version.digest)
    }

    /// Deletes a tag but not its manifest; returns whether the tag existed.
    pub fn delete_tag(&self, repository: &RepositoryPath, tag: &TagName) -> bool {
        self.store.remove_tag(repository, tag)
    }

    /// Deletes a manifest with all its tags; returns whether it existed. A version of GHCR can be
    /// restored afterwards.
    pub fn delete_manifest(&self, repository: &RepositoryPath, digest: &Digest) -> bool {
        match self.versions {
            Some(versions) => {
                versions.delete_digest(self.store, repository, digest, self.clock.now())
            }
            None => self.store.remove_manifest(repository, digest),
        }
    }
}

/// The faults, held requests and actions that are still to come. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Pending>>);

#[derive(Debug, Default)]
struct Pending {
    faults: Vec<Fault>,
    hold: Option<PendingHold>,
    actions: Vec<Action>,
}

impl Faults {
    /// Adds a fault after the existing ones.
    pub fn add(&self, fault: Fault) {
        self.lock().faults.push(fault);
    }

    /// Holds the `nth` request from now, whichever it is; 1 is the next one. Replaces a hold that
    /// was not reached yet.
    #[must_use]
    pub fn hold(&self, nth: usize, moment: HoldPoint) -> HoldHandle {
        let (hold, handle) = PendingHold::new(nth, moment);
        self.lock().hold = Some(hold);
        handle
    }

    /// Runs an action immediately before the `nth` request from now is handled, whichever it is;
    /// 1 is the next one.
    ///
    /// The action may use everything that [`Access`] offers, also to add faults and further
    /// actions. It must not wait for an answer of the same registry.
    pub fn before_nth(
        &self,
        nth: usize,
        action: impl FnOnce(&RequestRecord, &Access<'_>) + Send + 'static,
    ) {
        self.lock().actions.push(Action::before(nth, action));
    }

    /// Runs an action before every request from now on, until [`Faults::clear`].
    pub fn before_each(&self, action: impl FnMut(&RequestRecord, &Access<'_>) + Send + 'static) {
        self.lock().actions.push(Action::always(action));
    }

    /// Counts a request and returns the actions to run before it.
    pub(super) fn due(&self) -> DueActions {
        let actions = &mut self.lock().actions;
        let due = actions.iter_mut().filter_map(|action| action.counted().then(|| action.clone()));
        let due = due.collect();
        actions.retain(|action| !action.is_over());
        DueActions(due)
    }

    /// Counts a request and returns the hold if this request is to be held.
    pub(super) fn take_hold(&self) -> Option<RequestHold> {
        let mut pending = self.lock();
        match pending.hold.take()?.counted() {
            Ok(hold) => Some(hold),
            Err(hold) => {
                pending.hold = Some(hold);
                None
            }
        }
    }

    /// Removes all faults, the hold and the actions.
    pub fn clear(&self) {
        *self.lock() = Pending::default();
    }

    /// The faults that have not happened yet.
    #[must_use]
    pub fn pending(&self) -> Vec<Fault> {
        self.lock().faults.clone()
    }

    /// The fault for a request at a stage; it counts as happened.
    pub(super) fn take(&self, call: &Call, stage: Stage) -> Option<FaultKind> {
        let faults = &mut self.lock().faults;
        let at = faults.iter().position(|fault| {
            fault.kind.stage() == stage && fault.when.matches(call) && fault.kind.applies_to(call)
        })?;
        let kind = faults[at].kind.clone();
        match faults[at].times.decremented() {
            Some(times) => faults[at].times = times,
            None => drop(faults.remove(at)),
        }
        Some(kind)
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Run = dyn FnMut(&RequestRecord, &Access<'_>) + Send;

/// An action, run before one request or before each.
///
/// It runs on the thread that handles the request, with nothing locked, so that nothing comes
/// between the two.
#[derive(Clone)]
struct Action {
    /// How many requests there are until it runs, that one included; none if it runs before each.
    left: Option<usize>,
    run: Arc<Mutex<Run>>,
}

impl Action {
    /// An action that runs before the `nth` request from now; 1 is the next one.
    fn before(nth: usize, run: impl FnOnce(&RequestRecord, &Access<'_>) + Send + 'static) -> Self {
        let mut run = Some(run);
        let once = move |request: &RequestRecord, access: &Access<'_>| {
            if let Some(run) = run.take() {
                run(request, access);
            }
        };
        Self { left: Some(nth.max(1)), run: Arc::new(Mutex::new(once)) }
    }

    /// An action that runs before every request.
    fn always(run: impl FnMut(&RequestRecord, &Access<'_>) + Send + 'static) -> Self {
        Self { left: None, run: Arc::new(Mutex::new(run)) }
    }

    /// Counts a request; returns whether the action runs before it.
    fn counted(&mut self) -> bool {
        let Some(left) = &mut self.left else { return true };
        *left = left.saturating_sub(1);
        *left == 0
    }

    /// Whether it will not run again.
    fn is_over(&self) -> bool {
        self.left == Some(0)
    }
}

/// The actions that are due before one request.
#[derive(Debug)]
pub(super) struct DueActions(Vec<Action>);

impl DueActions {
    /// Runs them in the order in which they were added.
    pub(super) fn run(self, request: &RequestRecord, access: &Access<'_>) {
        for action in self.0 {
            let mut run = action.run.lock().unwrap_or_else(PoisonError::into_inner);
            run(request, access);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Action").field("left", &self.left).finish_non_exhaustive()
    }
}
