//! The process is killed before and after every single request that it sends: what is kept can
//! be pulled all the time, and running it again ends where an undisturbed run ends.

use std::process::Stdio;
use std::time::Duration;

use tags::sandbox::{Moment, Settings};

use crate::scene::{Picture, Scene, docr, ghcr, oci};

const CLEANUP: [&str; 2] = ["cleanup", "--apply"];

/// A run takes a small part of this.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the program, and kills it while its `nth` request is held.
fn killed(scene: &Scene, arguments: &[&str], (nth, moment): (usize, Moment)) {
    let held = scene.registry.faults().hold(nth, moment);
    let mut command = scene.command(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("a process");
    assert!(held.wait(PATIENCE), "there is no request {nth} to be held {moment:?}");
    child.kill().expect("killed");
    child.wait().expect("an end");
}

/// Where an undisturbed run leads, and how many requests it sends.
fn undisturbed(settings: &Settings) -> (Picture, usize) {
    let scene = Scene::new(settings);
    let run = scene.tags(&CLEANUP);
    assert_eq!(run.code, 0, "{run:?}");
    (scene.picture(), scene.registry.requests().len())
}

fn moments(requests: usize) -> impl Iterator<Item = (usize, Moment)> {
    (1..=requests).flat_map(|nth| [(nth, Moment::Before), (nth, Moment::After)])
}

/// Kills a cleanup at every moment, and has another one finish it.
fn cleanup_killed(settings: &Settings) {
    let (end, requests) = undisturbed(settings);
    for at in moments(requests) {
        let scene = Scene::new(settings);
        killed(&scene, &CLEANUP, at);
        assert_eq!(scene.missing(&end), [""; 0], "{at:?}");
        let again = scene.tags(&CLEANUP);
        assert_eq!(again.code, 0, "{at:?}: {again:?}");
        assert_eq!(scene.picture(), end, "{at:?}: {again:?}");
    }
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
