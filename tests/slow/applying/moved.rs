//! Somebody moves a latest tag onto a release that goes (a rollback), before any request of a
//! cleanup: the tag's release is kept, or, where the move came after the last look, the damage is
//! told and undone.
//!
//! With `TAGS_EXHAUSTIVE=1` the tag is moved before every request; else before each that comes
//! close to a deletion, and before every fifth of the others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tags::sandbox::{RequestRecord, Settings};

use crate::applying::scene::{Scene, built, docr, ghcr, oci};
use crate::support::{backend, program::Run, tag};

const CLEANUP: [&str; 4] = ["cleanup", "--apply", "--format", "json"];

/// How many requests before and after a deletion are close to it.
const CLOSE: usize = 4;

/// How many processes there are at a time.
const AT_ONCE: usize = 2;

/// A limit that has to be waited for before the first deletion, or none.
type Limit = Option<&'static str>;

fn scene(settings: &Settings, limit: Limit) -> Scene {
    let scene = Scene::new(settings);
    if let Some(limit) = limit {
        scene.registry.faults().add(limit.parse().expect("a fault"));
    }
    scene
}

/// The numbers of the requests before which the tag is moved.
fn moments(requests: &[RequestRecord]) -> Vec<usize> {
    #[expect(clippy::disallowed_methods, reason = "who runs the tests chooses")]
    let exhaustive = std::env::var_os("TAGS_EXHAUSTIVE").is_some();
    let deletes = |at: &usize| requests[*at].method == "DELETE";
    let close = |at: usize| {
        let near = at.saturating_sub(CLOSE)..(at + CLOSE).min(requests.len());
        near.into_iter().any(|near| deletes(&near))
    };
    (0..requests.len())
        .filter(|at| exhaustive || close(*at) || at % 5 == 0)
        .map(|at| at + 1)
        .collect()
}

/// Moves the tag before the nth request, and looks at what came of it.
fn moved_before(nth: usize, settings: &Settings, limit: Limit) {
    let scene = scene(settings, limit);
    let target = built("aaaaaaa").root.digest;
    let moved = Arc::new(AtomicBool::new(false));
    let (told, to) = (Arc::clone(&moved), target.clone());
    scene.registry.faults().before_nth(nth, move |_, access| {
        told.store(access.set_tag(&backend(), &tag("prod-latest"), &to), Ordering::SeqCst);
    });
    let run = scene.tags(&CLEANUP);
    // It may have gone before it was chosen: then there was nothing to move the tag to.
    if !moved.load(Ordering::SeqCst) {
        return;
    }
    let kept = [(tag("prod-latest"), target.clone())].into();
    if scene.missing(&kept).is_empty() {
        assert!(matches!(run.code, 0 | 3), "before request {nth}: {}", said(&run));
        return;
    }
    unseen(&scene, nth, &target.to_string());
    assert!(matches!(run.code, 1 | 6), "before request {nth}: damage is not told: {}", said(&run));
    let journal = scene.journals().pop().expect("a journal");
    let undone = scene.tags(&["undo", journal.to_str().expect("a path")]);
    assert_eq!(undone.code, 0, "before request {nth}: {undone:?}");
    assert_eq!(scene.missing(&kept), [""; 0], "before request {nth}: {undone:?}");
}

/// No answer after the move told where the tag points before the release was deleted.
fn unseen(scene: &Scene, nth: usize, digest: &str) {
    let requests = scene.registry.requests();
    let version = requests.iter().position(|r| {
        r.method == "DELETE" && (r.path().ends_with(digest) || r.path().contains("/versions/"))
    });
    let until = version.map_or(nth, |at| at.max(nth));
    let looks = |request: &&RequestRecord| {
        request.method == "HEAD" && request.path().ends_with("/prod-latest")
    };
    let between = &requests[nth - 1..until.min(requests.len())];
    assert_eq!(between.iter().find(looks), None, "before request {nth}: it was seen, and ignored");
}

fn said(run: &Run) -> String {
    format!("exit {}: {}", run.code, run.json()["applied"])
}

fn moved_anywhere(settings: &Settings, limit: Limit) {
    let undisturbed = scene(settings, limit);
    let run = undisturbed.tags(&CLEANUP);
    assert_eq!(run.code, 0, "{run:?}");
    let moments = moments(&undisturbed.registry.requests());
    thread::scope(|scope| {
        for first in 0..AT_ONCE {
            let mine = moments.iter().skip(first).step_by(AT_ONCE);
            scope.spawn(move || mine.for_each(|nth| moved_before(*nth, settings, limit)));
        }
    });
}

#[test]
fn a_latest_tag_that_moves_in_a_plain_registry_is_never_lost() {
    moved_anywhere(&oci(), None);
}

#[test]
fn a_latest_tag_that_moves_in_docr_is_never_lost() {
    moved_anywhere(&docr(), None);
}

#[test]
fn a_latest_tag_that_moves_in_ghcr_is_never_lost() {
    moved_anywhere(&ghcr(), None);
}

#[test]
fn a_latest_tag_that_moves_while_a_limit_is_waited_for_is_seen() {
    for (settings, limit) in [
        (oci(), "429:retry-after=1@DELETE:/manifests/"),
        (docr(), "429:retry-after=1@DELETE:/repositories/"),
        (ghcr(), "403:retry-after=1@DELETE:/versions/"),
    ] {
        let scene = scene(&settings, Some(limit));
        let first = Arc::new(AtomicBool::new(true));
        let target = built("aaaaaaa").root.digest;
        let to = target.clone();
        scene.registry.faults().before_each(move |request, access| {
            // The first deletion is refused; the tag moves right after it.
            if request.method == "DELETE" && first.swap(false, Ordering::SeqCst) {
                let to = to.clone();
                access.faults().before_nth(1, move |_, access| {
                    assert!(access.set_tag(&backend(), &tag("prod-latest"), &to));
                });
            }
        });
        let run = scene.tags(&CLEANUP);
        assert_eq!(scene.missing(&[(tag("prod-latest"), target.clone())].into()), [""; 0]);
        assert_eq!(run.code, 0, "{}", said(&run));
        let words = format!("to {}", target.short());
        let json = run.json();
        let applied = json["applied"].as_array().expect("entries");
        assert!(applied.iter().all(|entry| entry["result"] != "deleted"), "{}", said(&run));
        let told = |entry: &serde_json::Value| {
            let message = entry["message"].as_str().unwrap_or_default();
            message.contains("prod-latest moved from") && message.contains(&words)
        };
        assert!(applied.iter().any(told), "{}", said(&run));
    }
}
