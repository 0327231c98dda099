//! What goes wrong while a plan is applied: what is tried again, what is looked after, and what is
//! left to the next run.

use std::thread;
use std::time::Duration;

use tags::sandbox::docr::{DocrScope, DocrSettings, StateDuration};
use tags::sandbox::ghcr::{GhcrSettings, OwnerKind, PackageScope};
use tags::sandbox::{HoldPoint, Imitation, Settings};

use crate::applying::scene::{Scene, built, docr, ghcr, oci};
use crate::support::{
    program,
    program::Run,
    registries::{Picture, TOKEN},
};

const CLEANUP: [&str; 4] = ["cleanup", "--apply", "--format", "json"];

/// A part of the path by which manifests are deleted, and one by which they are listed.
fn paths(settings: &Settings) -> (&'static str, &'static str) {
    match settings.imitates {
        Imitation::Oci | Imitation::GitHub(_) | Imitation::GitHubLogs(_) => {
            ("/manifests/", "/tags/list")
        }
        Imitation::Docr(_) => ("/repositories/", "/digests"),
        Imitation::Ghcr(_) => ("/versions/", "/versions"),
    }
}

fn count(run: &Run, result: &str) -> usize {
    let json = run.json();
    let applied = json["applied"].as_array().expect("what was applied").iter();
    applied.filter(|entry| entry["result"] == result).count()
}

/// Whether the last journal says that nothing is left to do.
fn ended(scene: &Scene) -> bool {
    let journal = scene.journals().pop().expect("a journal");
    std::fs::read_to_string(journal).expect("text").ends_with("{\"record\":\"end\"}\n")
}

/// Where an undisturbed run leads, and the number of the first request that deletes.
fn undisturbed(settings: &Settings) -> (Picture, usize) {
    let scene = Scene::new(settings);
    let run = scene.tags(&CLEANUP);
    assert!(run.code == 0 && ended(&scene), "{run:?}");
    let first = scene.registry.requests().iter().position(|request| request.method == "DELETE");
    (scene.picture(), first.expect("a deletion") + 1)
}

/// The next run, undisturbed, ends where one from the start would have.
fn finished_by_the_next(scene: &Scene, end: &Picture) {
    scene.registry.faults().clear();
    assert_eq!(scene.missing(&end.1), [""; 0]);
    let again = scene.tags(&CLEANUP);
    assert!(again.code == 0 && ended(scene), "{again:?}");
    assert_eq!(scene.picture(), *end);
}

#[test]
fn a_limit_is_waited_for_and_everything_goes() {
    for settings in [oci(), docr(), ghcr()] {
        let (end, _) = undisturbed(&settings);
        let scene = Scene::new(&settings);
        let fault = format!("429:retry-after=1@DELETE:{}*2", paths(&settings).0);
        scene.registry.faults().add(fault.parse().expect("a fault"));
        let run = scene.tags(&CLEANUP);
        assert_eq!(run.code, 0, "{run:?}");
        assert_eq!(scene.picture(), end);
    }
}

#[test]
fn a_deletion_whose_answer_is_lost_is_looked_after() {
    for settings in [oci(), docr(), ghcr()] {
        let (end, first) = undisturbed(&settings);
        for moment in [HoldPoint::Before, HoldPoint::After] {
            let scene = Scene::new(&settings);
            let held = scene.registry.faults().hold(first, moment);
            let run = thread::scope(|scope| {
                scope.spawn(|| {
                    assert!(held.wait(Duration::from_mins(1)), "no deletion");
                    drop(held);
                });
                scene.tags(&CLEANUP)
            });
            assert_eq!((run.code, count(&run, "failed")), (0, 0), "{moment:?}: {run:?}");
            assert_eq!(scene.picture(), end, "{moment:?}");
        }
    }
}

#[test]
fn a_registry_in_trouble_loses_nothing_and_the_next_run_finishes() {
    let trouble = |settings: Settings, trouble: &str| {
        let (end, _) = undisturbed(&settings);
        let scene = Scene::new(&settings);
        let before = scene.picture();
        let fault = format!("{trouble}@DELETE:{}*always", paths(&settings).0);
        scene.registry.faults().add(fault.parse().expect("a fault"));
        let run = scene.tags(&CLEANUP);
        assert_eq!(run.code, 3, "{trouble}: {run:?}");
        assert_eq!(run.json()["outcome"], "partial");
        assert!(count(&run, "failed") > 0 && count(&run, "deleted") == 0, "{run:?}");
        assert!(scene.picture() == before && !ended(&scene), "{trouble}");
        finished_by_the_next(&scene, &end);
    };
    // Each waits in between its tries most of the time.
    thread::scope(|scope| {
        for settings in [oci(), docr(), ghcr()] {
            for what in ["500", "drop"] {
                let settings = settings.clone();
                scope.spawn(move || trouble(settings, what));
            }
        }
    });
}

#[test]
fn what_fails_after_something_was_deleted_is_partial() {
    for settings in [oci(), docr(), ghcr()] {
        let (end, _) = undisturbed(&settings);
        let scene = Scene::new(&settings);
        let deletion = paths(&settings).0;
        let index = built("aaaaaaa").root.digest;
        let part = match settings.imitates {
            Imitation::Oci | Imitation::GitHub(_) | Imitation::GitHubLogs(_) => {
                format!("{deletion}{index}")
            }
            Imitation::Docr(_) => format!("/digests/{index}"),
            // The first, whichever it is.
            Imitation::Ghcr(_) => deletion.to_owned(),
        };
        scene.registry.faults().add(format!("418@DELETE:{part}").parse().expect("a fault"));
        let run = scene.tags(&CLEANUP);
        assert_eq!(run.code, 6, "{run:?}");
        assert_eq!((count(&run, "failed"), run.json()["outcome"].as_str()), (1, Some("partial")));
        assert!(count(&run, "deleted") > 0 && !ended(&scene), "{run:?}");
        finished_by_the_next(&scene, &end);
    }
}

#[test]
fn a_missing_right_is_four_and_nothing_is_gone() {
    let reads =
        DocrSettings { scopes: [DocrScope::Read].into(), ..DocrSettings::new("acme", TOKEN) };
    let writes = GhcrSettings {
        scopes: [PackageScope::Read, PackageScope::Write].into(),
        ..GhcrSettings::new("acme", OwnerKind::Organization, TOKEN)
    };
    for (settings, hint) in [
        (Settings { delete: false, ..oci() }, "REGISTRY_STORAGE_DELETE_ENABLED"),
        (Settings::docr(reads, program::now()), "registry:delete"),
        (Settings::ghcr(writes, program::now()), "permission"),
    ] {
        let scene = Scene::new(&settings);
        let before = scene.picture();
        let run = scene.tags(&CLEANUP);
        assert_eq!((run.code, count(&run, "deleted")), (4, 0), "{run:?}");
        assert!(count(&run, "failed") > 0 && run.stdout.contains(hint), "{hint}: {run:?}");
        assert!(scene.picture() == before && !ended(&scene));
    }
}

#[test]
fn a_registry_that_is_read_only_says_why_in_its_own_words() {
    let mut collecting = DocrSettings::new("acme", TOKEN);
    collecting.collection.state_duration = StateDuration::Time(Duration::from_hours(1));
    let scene = Scene::new(&Settings::docr(collecting, program::now()));
    let gc = scene.tags(&["gc", "local", "--wait", "1s"]);
    assert_eq!(gc.code, 1, "{gc:?}");
    let before = scene.picture();
    let run = scene.tags(&CLEANUP);
    assert_eq!((run.code, count(&run, "deleted")), (3, 0), "{run:?}");
    assert!(run.stdout.contains("garbage collection"), "{run:?}");
    assert!(scene.picture() == before && !ended(&scene));
}

#[test]
fn a_package_that_may_not_be_listed_is_a_missing_right() {
    let scene = Scene::new(&ghcr());
    assert_eq!(scene.tags(&["cleanup", "--out", "plan.json"]).code, 0);
    let before = scene.picture();
    scene.registry.faults().add("404@GET:/versions*always".parse().expect("a fault"));
    let run = scene.tags(&["apply", "plan.json", "--format", "json"]);
    assert!(run.code == 4 && run.stdout.contains("read:packages"), "{run:?}");
    assert_eq!((scene.picture(), count(&run, "already-gone")), (before, 0));
}

#[test]
fn a_repository_that_vanished_is_not_an_empty_one() {
    for settings in [oci(), docr(), ghcr()] {
        let scene = Scene::new(&settings);
        assert_eq!(scene.tags(&["cleanup", "--out", "plan.json"]).code, 0);
        let before = scene.picture();
        for part in [paths(&settings).1, "/v2/acme/backend/"] {
            scene.registry.faults().add(format!("404@{part}*always").parse().expect("a fault"));
        }
        let run = scene.tags(&["apply", "plan.json", "--format", "json"]);
        assert_eq!((run.code, count(&run, "already-gone")), (3, 0), "{run:?}");
        let run = scene.tags(&CLEANUP);
        assert_eq!(run.code, 3, "{run:?}");
        assert_eq!(
            (scene.picture(), run.json()["applied"].as_array().map(Vec::len)),
            (before, Some(0))
        );
    }
}
