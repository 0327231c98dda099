//! Registries that do other than they say: what is told of a cleanup and of an undoing is what was
//! read afterwards.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tags::sandbox::{HoldPoint, Imitation, Quirk, Settings, TagDelete};

use crate::applying::scene::{Scene, built, docr, ghcr, oci};
use crate::support::{program::Run, tag};

const CLEANUP: [&str; 4] = ["cleanup", "--apply", "--format", "json"];

fn applied(run: &Run) -> Vec<Value> {
    run.json()["applied"].as_array().expect("entries").clone()
}

fn count(run: &Run, result: &str) -> usize {
    applied(run).iter().filter(|entry| entry["result"] == result).count()
}

/// What is said of a manifest.
fn told(run: &Run, sha: &str) -> (String, String) {
    let digest = built(sha).root.digest;
    let entry = applied(run).into_iter().find(|entry| entry["digest"] == digest.to_string());
    let entry = entry.unwrap_or_else(|| panic!("nothing is said of {sha}: {run:?}"));
    let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    (text("result"), text("message"))
}

fn with(settings: &Settings, quirk: Quirk) -> Scene {
    let scene = Scene::new(settings);
    scene.registry.quirks().switch_on(quirk);
    scene
}

#[test]
fn a_deletion_that_is_accepted_and_not_done_is_a_failure() {
    for settings in [oci(), docr(), ghcr()] {
        let scene = with(&settings, Quirk::DeleteDoesNothing);
        let before = scene.picture();
        let run = scene.tags(&CLEANUP);
        assert_eq!(
            (run.code, count(&run, "deleted"), count(&run, "untagged")),
            (3, 0, 0),
            "{run:?}"
        );
        let (result, message) = told(&run, "bbbbbbb");
        assert!(result == "failed" && message.contains("accepted, but"), "{result}: {message}");
        assert_eq!(scene.picture(), before);
    }
}

#[test]
fn tags_that_a_registry_leaves_behind_are_taken_off_and_not_planned_again() {
    let scene = with(&oci(), Quirk::TagsOutliveManifests);
    let run = scene.tags(&CLEANUP);
    assert_eq!(run.code, 0, "{run:?}");
    let (result, message) = told(&run, "bbbbbbb");
    assert!(result == "deleted" && message.contains("was still listed"), "{result}: {message}");
    let (_, tags) = scene.picture();
    assert!(!tags.contains_key(&tag("prod-bbbbbbb")) && !tags.contains_key(&tag("prod-aaaaaaa")));
    let again = scene.tags(&["cleanup", "--format", "json"]);
    assert_eq!((again.code, &again.json()["totals"]["delete"]), (0, &0.into()), "{again:?}");
}

#[test]
fn what_went_although_the_answer_was_an_error_is_told_as_gone() {
    let undisturbed = Scene::new(&oci());
    assert_eq!(undisturbed.tags(&CLEANUP).code, 0);
    let scene = with(&oci(), Quirk::DeleteOnlyRemovesTags);
    let run = scene.tags(&CLEANUP);
    assert_eq!((run.code, count(&run, "failed")), (0, 0), "{run:?}");
    assert_eq!(told(&run, "bbbbbbb").0, "deleted");
    assert_eq!(scene.picture(), undisturbed.picture());
}

#[test]
fn one_locked_manifest_is_retained_and_the_others_go() {
    for settings in [oci(), docr(), ghcr()] {
        for status in [403, 405, 409, 412] {
            if matches!(settings.imitates, Imitation::Docr(_)) && status == 405 {
                continue;
            }
            let locked = built("bbbbbbb").root.digest;
            let scene = with(&settings, Quirk::Locked(locked.clone(), status));
            let run = scene.tags(&CLEANUP);
            assert_eq!((run.code, count(&run, "failed")), (0, 0), "{status}: {run:?}");
            let (result, message) = told(&run, "bbbbbbb");
            assert!(result == "retained" && message.contains("locked"), "{result}: {message}");
            assert_eq!(told(&run, "aaaaaaa").0, "deleted");
            assert!(scene.picture().0.contains(&locked));
        }
    }
}

#[test]
fn a_limit_that_does_not_end_stops_the_run_and_the_next_goes_on() {
    let words = [&CLEANUP[..], &["--patience", "3s"]].concat();
    for (settings, part) in
        [(oci(), "/manifests/"), (docr(), "/repositories/"), (ghcr(), "/versions/")]
    {
        let scene = Scene::new(&settings);
        let before = scene.picture();
        let fault = format!("429:retry-after=1@DELETE:{part}*always");
        scene.registry.faults().add(fault.parse().expect("a fault"));
        let run = scene.tags(&words);
        assert_eq!((run.code, count(&run, "deleted")), (3, 0), "{run:?}");
        assert_eq!(run.json()["outcome"], "partial");
        let (result, message) = told(&run, "bbbbbbb");
        assert!(result == "skipped" && message.contains("did not end"), "{result}: {message}");
        assert_eq!(scene.picture(), before);
        scene.registry.faults().clear();
        let again = scene.tags(&CLEANUP);
        assert_eq!((again.code, told(&again, "bbbbbbb").0.as_str()), (0, "deleted"), "{again:?}");
    }
}

#[test]
fn a_limit_that_begins_after_a_deletion_is_partial() {
    let scene = Scene::new(&oci());
    let mut deletions = 0;
    scene.registry.faults().before_each(move |request, access| {
        deletions += usize::from(request.method == "DELETE");
        if deletions == 2 {
            let limit = "429:retry-after=1@DELETE:/manifests/*always";
            access.faults().add(limit.parse().expect("a fault"));
        }
    });
    let run = scene.tags(&[&CLEANUP[..], &["--patience", "3s"]].concat());
    assert_eq!((run.code, count(&run, "deleted")), (6, 1), "{run:?}");
    let results = ["aaaaaaa", "bbbbbbb"].map(|sha| told(&run, sha).0);
    assert!(results.contains(&"skipped".to_owned()), "{results:?}");
}

#[test]
fn a_registry_without_deletion_of_single_tags_is_told_to_have_none() {
    let scene = Scene::new(&Settings { tag_delete: TagDelete::Refused, ..oci() });
    let run = scene.tags(&CLEANUP);
    let (result, message) = told(&run, "ccccccc");
    assert_eq!((run.code, result.as_str()), (0, "retained"), "{run:?}");
    assert!(message.contains("cannot delete single tags"), "{message}");
    assert!(!message.contains("DIGEST_INVALID"), "{message}");
}

#[test]
fn a_manifest_that_went_with_a_tag_of_a_run_that_died_is_put_back_first() {
    let settings = Settings { tag_delete: TagDelete::WithManifest, ..oci() };
    let counted = Scene::new(&settings);
    let run = counted.tags(&CLEANUP);
    let (result, message) = told(&run, "ccccccc");
    assert!(result == "failed" && message.contains("it was restored"), "{run:?}");
    let deletes_tag = |request: &tags::sandbox::RequestRecord| {
        request.method == "DELETE" && request.path().ends_with("/pr-7")
    };
    let nth = counted.registry.requests().iter().position(deletes_tag).expect("a deletion") + 1;
    // It dies right after the deletion, or before or after the manifest is back without its tags.
    for later in 0..5 {
        let scene = Scene::new(&settings);
        let before = scene.picture().1;
        let held = scene.registry.faults().hold(nth + later, HoldPoint::After);
        let mut command = scene.command(&CLEANUP);
        let mut child =
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a process");
        assert!(held.wait(Duration::from_mins(1)), "no request {}", nth + later);
        child.kill().expect("killed");
        child.wait().expect("an end");
        drop(held);
        let again = scene.tags(&CLEANUP);
        let kept = tag("prod-ccccccc");
        let kept = [(kept.clone(), before[&kept].clone())].into();
        assert_eq!(scene.missing(&kept), [""; 0], "{later}: {again:?}");
        if later == 0 {
            assert!(again.stderr.contains("restored"), "{again:?}");
        }
    }
}

/// A scene after a cleanup, and what it was like before.
fn cleaned(settings: &Settings) -> (Scene, crate::support::registries::Picture) {
    let scene = Scene::new(settings);
    let before = scene.picture();
    let run = scene.tags(&CLEANUP);
    assert_eq!(run.code, 0, "{run:?}");
    (scene, before)
}

fn undo(scene: &Scene) -> Run {
    let journal = scene.journals().pop().expect("a journal");
    scene.tags(&["undo", journal.to_str().expect("a path"), "--format", "json"])
}

#[test]
fn what_a_registry_accepts_and_does_not_keep_is_not_restored() {
    let (scene, _) = cleaned(&oci());
    let after = scene.picture();
    scene.registry.quirks().switch_on(Quirk::PushDoesNothing);
    let run = undo(&scene);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(!run.stdout.contains("\"restored\"") && run.stdout.contains("accepted"), "{run:?}");
    assert_eq!(scene.picture(), after);
}

#[test]
fn everything_comes_back_where_pushes_are_answered_in_other_ways() {
    for quirk in [Quirk::PushWithoutLocation, Quirk::SubjectRequired] {
        for settings in [oci(), docr()] {
            let (scene, before) = cleaned(&settings);
            scene.registry.quirks().switch_on(quirk.clone());
            let run = undo(&scene);
            assert_eq!((run.code, scene.picture()), (0, before), "{quirk:?}: {run:?}");
        }
    }
}

#[test]
fn a_limit_for_each_push_is_waited_for() {
    let (scene, before) = cleaned(&oci());
    let mut met = BTreeSet::new();
    scene.registry.faults().before_each(move |request, access| {
        if request.method == "PUT" && met.insert(request.target.clone()) {
            let fault = format!("429:retry-after=1@PUT:{}", request.path());
            access.faults().add(fault.parse().expect("a fault"));
        }
    });
    let run = undo(&scene);
    assert_eq!((run.code, scene.picture()), (0, before), "{run:?}");
}

#[test]
fn a_push_to_this_machine_goes_through_no_proxy() {
    let (scene, before) = cleaned(&oci());
    let journal = scene.journals().pop().expect("a journal");
    let mut command = scene.command(&["undo", journal.to_str().expect("a path")]);
    // Nobody listens there.
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"] {
        command.env(name, "http://127.0.0.1:9");
    }
    let output = command.output().expect("a run");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(scene.picture(), before);
}
