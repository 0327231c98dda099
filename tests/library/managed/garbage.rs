//! How a garbage collection is started, followed and cancelled, whatever the registry says: with a
//! registry that answers by heart, and a clock that does not wait.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tags::command::gc::{GarbageAction, GarbageJob, GarbageObserver, GarbageOutcome, GarbageRun};
use tags::model::{Collection, CollectionKind, CollectionState, RepositoryPath};
use tags::registry::{GarbageCollect, RequestError};

use crate::managed::world::{World, registry};

/// The states of a collection, one a look; after the last it is only remembered.
struct ByHeart {
    active: Mutex<VecDeque<&'static str>>,
    remembered: Option<&'static str>,
    looks: Mutex<usize>,
}

impl ByHeart {
    fn new(active: &[&'static str], remembered: Option<&'static str>) -> Self {
        Self {
            active: Mutex::new(active.iter().copied().collect()),
            remembered,
            looks: Mutex::new(0),
        }
    }

    fn next(&self) -> Option<Collection> {
        *self.looks.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        active.pop_front().map(collection)
    }
}

fn collection(state: &str) -> Collection {
    Collection {
        id: "one".to_owned(),
        state: CollectionState::parse(state),
        created: None,
        updated: None,
        blobs_deleted: None,
        freed_bytes: None,
    }
}

impl GarbageCollect for ByHeart {
    async fn collection_active(&self) -> Result<Option<Collection>, RequestError> {
        Ok(self.next())
    }

    async fn collection_find(&self, _id: &str) -> Result<Option<Collection>, RequestError> {
        Ok(self.remembered.map(collection))
    }

    async fn collection_start(&self, _kind: CollectionKind) -> Result<Collection, RequestError> {
        Ok(collection("requested"))
    }

    async fn collection_cancel(&self, _id: &str) -> Result<Collection, RequestError> {
        Ok(collection("cancelling"))
    }

    async fn repository_list(&self) -> Result<Vec<RepositoryPath>, RequestError> {
        Ok(Vec::new())
    }
}

/// What was told while it went on.
#[derive(Default)]
struct Told(Mutex<Vec<String>>);

impl Told {
    fn add(&self, text: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }
}

impl GarbageObserver for Told {
    fn starting(&self) {
        self.add("starting".to_owned());
    }

    fn cancelling(&self) {
        self.add("told to end".to_owned());
    }

    fn seen(&self, collection: &Collection) {
        self.add(collection.state.to_string());
    }
}

const START: GarbageAction =
    GarbageAction::Start { kind: CollectionKind::UnreferencedBlobs, may_break_indexes: false };

async fn run(
    garbage: &ByHeart,
    action: GarbageAction,
    wait: Option<Duration>,
) -> (GarbageRun, Vec<String>) {
    let (world, name, told) = (World::empty(), registry("docr"), Told::default());
    let job = GarbageJob { collector: world.collector(), name: &name, garbage, wait, watch: &told };
    let run = job.run(action).await;
    let told = told.0.into_inner().unwrap_or_else(PoisonError::into_inner);
    (run, told)
}

#[tokio::test(start_paused = true)]
async fn states_that_nobody_knows_are_followed_like_others() {
    let active = ["requested", "napping", "deleting unreferenced blobs", "polishing"];
    let garbage = ByHeart::new(&active[1..], Some("success"));
    garbage.active.lock().expect("a lock").push_front("succeeded");
    let (run, told) = run(&garbage, START, None).await;
    assert_eq!(run.outcome(), "ok", "{run:?}");
    assert_eq!(told, ["starting", "requested", "napping", active[2], "polishing", "succeeded"]);
}

#[tokio::test(start_paused = true)]
async fn an_end_that_nobody_knows_is_unknown_and_not_waited_for_for_ever() {
    for remembered in [Some("evaporated"), Some("scanning manifests"), None] {
        let garbage = ByHeart::new(&[], remembered);
        let (run, _) = run(&garbage, START, None).await;
        assert_eq!(run.outcome(), "unknown", "{run:?}");
        let state = run.collection().expect("a collection").state.to_string();
        assert_eq!(state, remembered.unwrap_or("requested"));
        let looks = *garbage.looks.lock().expect("a lock");
        assert!((3..20).contains(&looks), "{looks}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_state_keeps_others_from_being_started_and_can_be_cancelled() {
    let garbage = ByHeart::new(&["napping"], None);
    let (refused, told) = run(&garbage, START, None).await;
    assert!(matches!(refused.end, GarbageOutcome::Active(_)), "{refused:?}");
    assert!(told.is_empty(), "{told:?}");

    let garbage = ByHeart::new(&["napping", "cancelling"], Some("cancelled"));
    let (cancelled, told) = run(&garbage, GarbageAction::Cancel, None).await;
    assert_eq!(cancelled.outcome(), "cancelled");
    assert_eq!(told, ["told to end", "cancelling", "cancelling", "cancelled"]);
}

#[tokio::test(start_paused = true)]
async fn a_collection_that_never_ends_is_followed_as_long_as_asked_for() {
    let garbage = ByHeart::new(&["napping"; 500], None);
    garbage.active.lock().expect("a lock").push_front("cancelled");
    let began = tokio::time::Instant::now();
    let (run, _) = run(&garbage, START, Some(Duration::from_mins(20))).await;
    assert_eq!(run.outcome(), "running", "{run:?}");
    assert_eq!(began.elapsed(), Duration::from_mins(20));
    let looks = *garbage.looks.lock().expect("a lock");
    assert!(looks < 100, "{looks} looks, at most four a minute");
}
