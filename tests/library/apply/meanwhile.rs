//! What somebody else changed since the plan was made, or changes while it is carried out, is seen
//! in time: what is needed now stays.

use std::sync::mpsc;
use std::time::Duration;

use tags::change::ApplyResult::{AlreadyGone, Deleted, Skipped};
use tags::model::Digest;
use tags::policy::RegistryKind;
use tags::sandbox::content::BuiltImage;
use tags::sandbox::{Access, HoldPoint, RequestRecord, StoredTag};
use tokio::sync::oneshot;

use crate::apply::scene::{Scene, all_are, build, result_of, root};
use crate::connect::now;
use crate::support::registries::KINDS;
use crate::support::{backend, images, tag};

/// The registries that list manifests, so that untagged ones are seen.
const LISTING: [RegistryKind; 2] = [RegistryKind::Docr, RegistryKind::Ghcr];

/// Does something before the nth of the requests that fit.
fn before_nth(
    scene: &Scene,
    nth: usize,
    fits: impl Fn(&RequestRecord) -> bool + Send + 'static,
    action: impl FnOnce(&Access<'_>) + Send + 'static,
) {
    let (mut left, mut action) = (nth, Some(action));
    scene.registry.faults().before_each(move |request, access| {
        left = left.saturating_sub(usize::from(fits(request)));
        if left == 0
            && let Some(action) = action.take()
        {
            action(access);
        }
    });
}

fn deletes(request: &RequestRecord) -> bool {
    request.method == "DELETE"
}

/// The registry's side of a jump of the clock: the request waits until it has happened.
fn jump(seconds: u64) -> (impl FnOnce() + Send, impl Future<Output = ()>) {
    let (reached, is_reached) = oneshot::channel();
    let (jumped, has_jumped) = mpsc::channel();
    let wait = move || {
        reached.send(()).expect("a test that waits");
        has_jumped.recv().expect("a jump");
    };
    let jump = async move {
        is_reached.await.expect("a request");
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(seconds)).await;
        tokio::time::resume();
        jumped.send(()).expect("a request that waits");
    };
    (wait, jump)
}

#[tokio::test]
async fn a_release_whose_tag_moved_stays_and_another_goes() {
    for kind in KINDS {
        let scene = Scene::of(kind);
        let plan = scene.deleting(&["aaaaaaa", "bbbbbbb"]);
        let newer = build("ddddddd");
        scene.push(&newer, &["prod-aaaaaaa"]);
        let application = scene.apply(plan).await;
        let (moved, other) = (build("aaaaaaa"), build("bbbbbbb"));
        assert!(result_of(&application, &moved.root.digest).1.contains("prod-aaaaaaa points to"));
        assert!(moved.manifests().all(|m| result_of(&application, &m.digest).0 == Skipped));
        assert!(other.manifests().all(|m| result_of(&application, &m.digest).0 == Deleted));
    }
}

#[tokio::test]
async fn a_tag_that_moves_after_the_listing_is_seen_before_its_deletion() {
    // Without a listing of manifests each tag is asked for by itself, and again in the end.
    // On GHCR the version is asked for its tags.
    for (kind, nth) in [(RegistryKind::Oci, 2), (RegistryKind::Docr, 1), (RegistryKind::Ghcr, 1)] {
        let scene = Scene::of(kind);
        let plan = scene.deleting(&["aaaaaaa"]);
        let move_tag = |access: &Access<'_>| {
            assert!(access.set_tag(&backend(), &tag("prod-aaaaaaa"), &root("ccccccc")));
        };
        let asks = move |request: &RequestRecord| match kind {
            RegistryKind::Ghcr => request.path().contains("/versions/"),
            _ => request.path().ends_with("/prod-aaaaaaa"),
        };
        before_nth(&scene, nth, asks, move_tag);
        let application = scene.apply(plan).await;
        assert!(all_are(&application, Skipped), "{application:?}");
        let child = &build("aaaaaaa").children[0].digest;
        assert!(result_of(&application, child).1.contains("still listed by"), "{application:?}");
        assert!(scene.deletions().is_empty());
    }
}

#[tokio::test]
async fn what_a_new_index_lists_through_another_stays() {
    for kind in KINDS {
        let scene = Scene::of(kind);
        let plan = scene.deleting(&["aaaaaaa"]);
        let old = build("aaaaaaa");
        let inner = images::index_of([&old.children[1]]);
        scene.push_manifest(&inner, &[]);
        scene.push_manifest(&images::index_of([&inner]), &["v9"]);
        let application = scene.apply(plan).await;
        let [first, second] = [0, 1].map(|at| result_of(&application, &old.children[at].digest).0);
        let root = result_of(&application, &old.root.digest).0;
        assert_eq!((root, first, second), (Deleted, Deleted, Skipped), "{application:?}");
    }
}

#[tokio::test]
async fn a_latest_tag_that_moved_or_appeared_stops_its_repository() {
    for kind in KINDS {
        for moved in [true, false] {
            let scene = Scene::of(kind);
            if !moved {
                scene.registry.store().remove_tag(&backend(), &tag("prod-latest"));
            }
            let plan = scene.deleting(&["aaaaaaa"]);
            let newer = build("ddddddd");
            scene.push(&newer, &["prod-latest"]);
            let application = scene.apply(plan).await;
            assert!(all_are(&application, Skipped), "{application:?}");
            let from = if moved { root("ccccccc").short() } else { "nothing".to_owned() };
            let words = format!("prod-latest moved from {from} to {}", newer.root.digest.short());
            let says = |text: &str| application.applied.iter().any(|e| e.message.contains(text));
            assert!(says(&words), "{application:?}");
            assert!(scene.deletions().is_empty());
        }
    }
}

#[tokio::test]
async fn an_index_pushed_meanwhile_keeps_the_children_that_it_reuses() {
    for kind in KINDS {
        let scene = Scene::of(kind);
        let plan = scene.deleting(&["aaaaaaa"]);
        let old = build("aaaaaaa");
        let reuses = images::index_of([&old.children[1]]);
        // The first deletion takes longer than a listing is good for.
        let (wait, jump) = jump(61);
        before_nth(&scene, 1, deletes, move |access| {
            access.push_manifest(&backend(), &reuses, &[tag("pushed-meanwhile")]);
            wait();
        });
        let (application, ()) = tokio::join!(scene.apply(plan), jump);
        assert_eq!(result_of(&application, &old.root.digest).0, Deleted, "{application:?}");
        assert_eq!(result_of(&application, &old.children[0].digest).0, Deleted);
        let (result, message) = result_of(&application, &old.children[1].digest);
        assert!(result == Skipped && message.contains("pushed-meanwhile"), "{message}");
    }
}

#[tokio::test]
async fn an_answer_that_took_long_is_old_and_is_not_shared() {
    for kind in LISTING {
        let scene = Scene::of(kind);
        let images = ["a", "b", "c"].map(|name| images::single(name, now()));
        for image in &images {
            scene.push(image, &[]);
        }
        let digests = images.map(|image| image.root.digest);
        let plan = scene.deleting_only(&digests);
        // The tag moves between the answer and its arrival.
        let (wait, jump) = jump(3);
        let (store, target) = (scene.registry.store().clone(), digests[1].clone());
        let asks = |request: &RequestRecord| request.path().ends_with("/prod-latest");
        before_nth(&scene, 1, asks, move |access| {
            access.change_answer(move |_| {
                let digest = target;
                let moved = StoredTag { digest, updated: Some(now()) };
                store.set_tag(&backend(), &tag("prod-latest"), moved);
                wait();
            });
        });
        let (application, ()) = tokio::join!(scene.apply(plan), jump);
        assert!(all_are(&application, Skipped), "{application:?}");
        assert!(scene.deletions().is_empty());
    }
}

#[tokio::test]
async fn what_went_before_a_latest_tag_moved_is_told_as_gone_although_its_answer_was_lost() {
    for kind in KINDS {
        let scene = Scene::of(kind);
        let digests = ["ddddddd", "eeeeeee"].map(|name| {
            let (image, tags) = (images::single(name, now()), [tag(&format!("prod-{name}"))]);
            scene.registry.store().push(&backend(), &image, &tags, Some(now()));
            image.root.digest
        });
        let plan = scene.deleting_only(&digests);
        before_nth(&scene, 1, deletes, |access| {
            access.push(&backend(), &images::single("newer", now()), &[tag("prod-latest")]);
            // It is carried out, and its connection is closed.
            drop(access.faults().hold(1, HoldPoint::After));
        });
        let application = scene.apply(plan).await;
        let left = scene.picture().0;
        let (left, gone): (Vec<&Digest>, Vec<&Digest>) =
            digests.iter().partition(|digest| left.contains(digest));
        assert_eq!((gone.len(), left.len()), (1, 1), "{application:?}");
        let results = [gone[0], left[0]].map(|digest| result_of(&application, digest).0);
        assert_eq!(results, [Deleted, Skipped], "{application:?}");
    }
}

#[tokio::test]
async fn what_a_new_signature_is_about_stays() {
    for kind in LISTING {
        let scene = Scene::of(kind);
        let plan = scene.deleting(&["bbbbbbb"]);
        let signature = BuiltImage::artifact(&build("bbbbbbb").root, "application/x.sig", b"new");
        scene.push(&signature, &[]);
        let application = scene.apply(plan).await;
        assert!(all_are(&application, Skipped), "{application:?}");
    }
}

#[tokio::test]
async fn what_a_signature_with_a_new_tag_is_about_stays_with_it() {
    for kind in KINDS {
        let scene = Scene::of(kind);
        let old = build("bbbbbbb");
        let attached = BuiltImage::artifact(&old.children[0], "application/x.note", b"noted");
        scene.push(&attached, &[]);
        let plan = scene.deleting(&["bbbbbbb"]);
        scene.push_manifest(&attached.root, &["audit"]);
        let application = scene.apply(plan).await;
        let results = [&attached.root, &old.children[0], &old.root, &old.children[1]]
            .map(|manifest| result_of(&application, &manifest.digest).0);
        assert_eq!(results, [Skipped, Skipped, Deleted, Deleted], "{application:?}");
    }
}

#[tokio::test]
async fn what_is_gone_already_is_not_asked_for() {
    for kind in KINDS {
        let scene = Scene::of(kind);
        let plan = scene.deleting(&["bbbbbbb"]);
        let old = build("bbbbbbb");
        scene.registry.store().remove_manifest(&backend(), &old.root.digest);
        let application = scene.apply(plan).await;
        assert_eq!(result_of(&application, &old.root.digest).0, AlreadyGone, "{application:?}");
        assert!(old.children.iter().all(|m| result_of(&application, &m.digest).0 == Deleted));
        assert_eq!(scene.deletions().len(), old.children.len());
    }
}

#[tokio::test]
async fn once_stopped_what_is_under_way_is_finished_and_nothing_else_begun() {
    for kind in KINDS {
        let scene = Scene::of(kind);
        let stop = std::sync::Arc::clone(&scene.stop);
        before_nth(&scene, 1, deletes, move |_| stop.request());
        let application = scene.apply(scene.deleting(&["aaaaaaa", "bbbbbbb"])).await;
        assert!(application.interrupted && all_are(&application, Deleted), "{application:?}");
        assert_eq!((application.applied.len(), scene.deletions().len()), (1, 1));
    }
}
