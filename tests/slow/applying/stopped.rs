//! A run that is asked to end while a registry wants to be waited for: it ends in time, tells what
//! it did, and the next run goes on.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::applying::scene::{Scene, docr, ghcr, oci};

/// Kubernetes kills after 30 seconds; this is what is promised.
const IN_TIME: Duration = Duration::from_secs(20);

/// Waits until something holds, at most half a minute.
fn until(holds: impl Fn() -> bool) {
    for _ in 0..3000 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("it never held");
}

fn spawn(scene: &Scene, words: &[&str]) -> Child {
    let mut command = scene.command(words);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a run")
}

fn signal(child: &Child, name: &str) {
    let kill = Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(kill.expect("a signal").success());
}

fn asked(scene: &Scene, method: &str) -> bool {
    scene.registry.requests().iter().any(|request| request.method == method)
}

fn each(with: fn(&str, &Scene)) {
    std::thread::scope(|scope| {
        for (name, settings) in [("oci", oci()), ("docr", docr()), ("ghcr", ghcr())] {
            scope.spawn(move || with(name, &Scene::new(&settings)));
        }
    });
}

#[test]
fn a_cleanup_ends_in_time_whatever_a_limit_wants_to_be_waited_for() {
    each(|kind, scene| {
        let fault = "429:retry-after=120@DELETE:/*always".parse().expect("a fault");
        scene.registry.faults().add(fault);
        let child = spawn(scene, &["cleanup", "--apply", "--format", "json"]);
        until(|| asked(scene, "DELETE"));
        std::thread::sleep(Duration::from_millis(500));
        let start = Instant::now();
        signal(&child, if kind == "oci" { "-TERM" } else { "-INT" });
        let end = child.wait_with_output().expect("an end");
        let stderr = String::from_utf8_lossy(&end.stderr);
        assert_eq!(
            end.status.code(),
            Some(130),
            "{kind}: {stderr} {}",
            String::from_utf8_lossy(&end.stdout)
        );
        assert!(start.elapsed() < IN_TIME, "{kind}: {:?}", start.elapsed());
        let json: serde_json::Value = serde_json::from_slice(&end.stdout).expect("a report");
        assert_eq!(json["interrupted"], true, "{kind}");
        let journal = json["journal"].as_str().expect("a journal");
        let text = std::fs::read_to_string(journal).expect("text");
        assert!(!text.contains("\"end\""), "{kind}: {text}");
        scene.registry.faults().clear();
        let again = scene.tags(&["cleanup", "--apply"]);
        assert_eq!(again.code, 0, "{kind}: {again:?}");
        let left = scene.tags(&["cleanup", "--format", "json"]).json();
        assert_eq!(left["totals"]["delete"], 0, "{kind}: {left}");
    });
}

#[test]
fn a_cleanup_ends_in_time_although_a_deletion_is_not_answered() {
    each(|kind, scene| {
        let fault = "delay=60s@DELETE:/*always".parse().expect("a fault");
        scene.registry.faults().add(fault);
        let child = spawn(scene, &["cleanup", "--apply", "--format", "json"]);
        until(|| asked(scene, "DELETE"));
        let start = Instant::now();
        signal(&child, "-TERM");
        let end = child.wait_with_output().expect("an end");
        assert!(start.elapsed() < IN_TIME, "{kind}: {:?}", start.elapsed());
        let stderr = String::from_utf8_lossy(&end.stderr);
        assert!(matches!(end.status.code(), Some(6 | 130)), "{kind}: {stderr}");
        let json: serde_json::Value = serde_json::from_slice(&end.stdout).expect("a report");
        assert_eq!(json["interrupted"], true, "{kind}: {json}");
    });
}

#[test]
fn an_undo_ends_in_time_and_can_be_run_again() {
    each(|kind, scene| {
        let before = scene.picture();
        let run = scene.tags(&["cleanup", "--apply"]);
        assert_eq!(run.code, 0, "{kind}: {run:?}");
        let journal = scene.journals().pop().expect("a journal");
        let path = journal.to_str().expect("text");
        for method in ["PUT", "POST"] {
            let fault = format!("429:retry-after=120@{method}:/*always");
            scene.registry.faults().add(fault.parse().expect("a fault"));
        }
        let child = spawn(scene, &["undo", path, "--format", "json"]);
        until(|| asked(scene, "PUT") || asked(scene, "POST"));
        std::thread::sleep(Duration::from_millis(300));
        let start = Instant::now();
        signal(&child, "-TERM");
        let end = child.wait_with_output().expect("an end");
        let stderr = String::from_utf8_lossy(&end.stderr);
        assert!(start.elapsed() < IN_TIME, "{kind}: {:?}", start.elapsed());
        assert_ne!(end.status.code(), Some(0), "{kind}: {stderr}");
        serde_json::from_slice::<serde_json::Value>(&end.stdout).expect("a report");
        scene.registry.faults().clear();
        let again = scene.tags(&["undo", path]);
        assert_eq!((again.code, scene.picture()), (0, before), "{kind}: {again:?}");
    });
}

#[test]
fn while_nothing_is_deleted_yet_it_ends_at_once() {
    each(|kind, scene| {
        let fault = "429:retry-after=120*always".parse().expect("a fault");
        scene.registry.faults().add(fault);
        let child = spawn(scene, &["cleanup", "--apply"]);
        until(|| !scene.registry.requests().is_empty());
        let start = Instant::now();
        signal(&child, "-TERM");
        let end = child.wait_with_output().expect("an end");
        assert_eq!(end.status.code(), Some(130), "{kind}");
        assert!(start.elapsed() < Duration::from_secs(3), "{kind}: {:?}", start.elapsed());
        assert!(!asked(scene, "DELETE"), "{kind}");
    });
}
