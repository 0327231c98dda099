//! The process is killed before and after every single request that it sends: what is kept can
//! be pulled all the time, and running it again ends where an undisturbed run ends.
//!
//! An undisturbed run tells how many requests there are.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use tags::sandbox::{Moment, Settings};

use crate::scene::{Scene, docr, ghcr, oci};

const CLEANUP: [&str; 2] = ["cleanup", "--apply"];

/// A run takes a small part of this.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many processes there are at a time in one test, which mostly wait.
const AT_ONCE: usize = 3;

/// Of the kills before anything was begun, which all leave the same, every so many is followed up.
const HARMLESS: usize = 8;

type At = (usize, Moment);

/// Runs the program, and kills it while its `nth` request is held.
fn kill(scene: &Scene, arguments: &[&str], (nth, moment): At) {
    let held = scene.registry.faults().hold(nth, moment);
    let mut command = scene.command(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("a process");
    assert!(held.wait(PATIENCE), "there is no request {nth} to be held {moment:?}");
    child.kill().expect("killed");
    child.wait().expect("an end");
}

/// Does it for every request on both sides of its work.
fn at_every_moment(requests: usize, check: impl Fn(At) + Sync) {
    let moments: Vec<At> = (1..=requests)
        .flat_map(|nth| [Moment::Before, Moment::After].map(|at| (nth, at)))
        .collect();
    thread::scope(|scope| {
        for first in 0..AT_ONCE {
            let mine = moments.iter().skip(first).step_by(AT_ONCE);
            scope.spawn(|| mine.for_each(|at| check(*at)));
        }
    });
}

/// Kills a cleanup at every moment, and has another one finish it.
fn cleanup_killed(settings: &Settings) {
    let undisturbed = Scene::new(settings);
    let run = undisturbed.tags(&CLEANUP);
    assert_eq!(run.code, 0, "{run:?}");
    let end = undisturbed.picture();
    at_every_moment(undisturbed.registry.requests().len(), |at| {
        let scene = Scene::new(settings);
        let beginning = scene.picture();
        kill(&scene, &CLEANUP, at);
        assert_eq!(scene.missing(&end.1), [""; 0], "{at:?}");
        if scene.journals().is_empty() {
            assert_eq!(scene.picture(), beginning, "{at:?}: nothing was written down");
            if at.0 % HARMLESS != 0 {
                return;
            }
        }
        let again = scene.tags(&CLEANUP);
        assert_eq!(again.code, 0, "{at:?}: {again:?}");
        assert_eq!(scene.picture(), end, "{at:?}: {again:?}");
    });
}

/// A scene after a cleanup, with the cleanup's journal.
fn cleaned(settings: &Settings) -> (Scene, PathBuf) {
    let scene = Scene::new(settings);
    let run = scene.tags(&CLEANUP);
    assert_eq!(run.code, 0, "{run:?}");
    let journal = scene.journals().pop().expect("a journal");
    scene.registry.clear_requests();
    (scene, journal)
}

fn words(journal: &Path) -> [&str; 2] {
    ["undo", journal.to_str().expect("a path in UTF-8")]
}

/// Kills an undoing at every moment, and has another one finish it.
fn undo_killed(settings: &Settings) {
    let beginning = Scene::new(settings).picture();
    let (undisturbed, journal) = cleaned(settings);
    let kept = undisturbed.picture().1;
    let run = undisturbed.tags(&words(&journal));
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(undisturbed.picture(), beginning);
    at_every_moment(undisturbed.registry.requests().len(), |at| {
        let (scene, journal) = cleaned(settings);
        kill(&scene, &words(&journal), at);
        assert_eq!(scene.missing(&kept), [""; 0], "{at:?}");
        let again = scene.tags(&words(&journal));
        assert_eq!(again.code, 0, "{at:?}: {again:?}");
        assert_eq!(scene.picture(), beginning, "{at:?}: {again:?}");
    });
}

#[test]
fn a_cleanup_of_a_plain_registry_is_killed_anywhere() {
    cleanup_killed(&oci());
}

#[test]
fn a_cleanup_of_docr_is_killed_anywhere() {
    cleanup_killed(&docr());
}

#[test]
fn a_cleanup_of_ghcr_is_killed_anywhere() {
    cleanup_killed(&ghcr());
}

#[test]
fn an_undoing_in_a_plain_registry_is_killed_anywhere() {
    undo_killed(&oci());
}

#[test]
fn an_undoing_in_docr_is_killed_anywhere() {
    undo_killed(&docr());
}

#[test]
fn an_undoing_in_ghcr_is_killed_anywhere() {
    undo_killed(&ghcr());
}
