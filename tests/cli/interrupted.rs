//! A cleanup that is interrupted: what is under way is finished, a second time it ends at once.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use chrono::TimeDelta;

use crate::cleaning::{decided, deletions, results, world};
use crate::cluster::{program, with_programs};
use crate::support::program::{Run, in_time, signal};
use crate::world::World;

/// So many manifests expired that not all are under way at once.
const ALL: usize = 28;

/// A cleanup whose deletions take so long, once the first of them was sent.
fn deleting(delay: &str) -> (World, Child) {
    let world = world().policy(|text| text + "\n[limits]\nmax-share = 1.0\n");
    for age in 10..16 {
        world.release(&format!("{age}000000"), TimeDelta::days(age));
    }
    world.release(crate::world::NEW, TimeDelta::days(1));
    for registry in [&world.east, &world.west] {
        let fault = format!("delay={delay}@DELETE:*always");
        registry.faults().add(fault.parse().expect("a fault"));
    }
    let child = world
        .command(&["cleanup", "--apply", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a run");
    assert!(in_time(|| deletions(&world) > 0), "nothing was deleted");
    (world, child)
}

#[test]
fn the_first_signal_finishes_what_is_under_way_and_leaves_the_journal_open() {
    for name in ["INT", "TERM"] {
        let (world, child) = deleting("1s");
        signal(name, child.id());
        let end = child.wait_with_output().expect("an end");
        let stderr = String::from_utf8_lossy(&end.stderr);
        assert_eq!(end.status.code(), Some(130), "{stderr}");
        assert!(stderr.contains("a second Ctrl-C ends at once"), "{stderr}");
        let json: serde_json::Value = serde_json::from_slice(&end.stdout).expect("JSON");
        assert_eq!(json["interrupted"], true);
        assert_eq!(results(&json, "deleted"), deletions(&world), "all that was sent is known");
        let text = std::fs::read_to_string(json["journal"].as_str().expect("a path"));
        assert!(!text.expect("a journal").contains("\"end\""));
        world.east.faults().clear();
        world.west.faults().clear();
        let again = world.tags(&["cleanup", "--apply", "--format", "json"]);
        assert_eq!(again.code, 0, "{again:?}");
        let left = world.tags(&["cleanup", "--format", "json"]).json();
        assert_eq!((decided(&left, "delete").len(), deletions(&world)), (0, ALL));
    }
}

#[test]
fn the_second_signal_ends_at_once() {
    let (_world, child) = deleting("30s");
    signal("INT", child.id());
    std::thread::sleep(Duration::from_millis(500));
    let start = Instant::now();
    signal("INT", child.id());
    let end = child.wait_with_output().expect("an end");
    assert_eq!(end.status.code(), Some(130));
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn ctrl_c_ends_a_run_also_where_it_ends_a_program_first() {
    // A terminal sends it to the programs as well, which may end before, and with a status of their own.
    for script in ["exec sleep 60", "trap 'exit 7' INT; sleep 60 & wait"] {
        let world = world();
        program(&world.home, "kubectl", &format!("echo $$ > \"$HOME/asked\"\n{script}"));
        let mut command = world.home.command(&["cleanup", "--in-use", "kubernetes"]);
        let command = with_programs(&world.home, &mut command);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a run");
        let asked = || std::fs::read_to_string(world.home.path().join("asked")).unwrap_or_default();
        assert!(in_time(|| asked().ends_with('\n')), "kubectl was not run");
        std::thread::sleep(Duration::from_millis(50));
        signal("INT", asked().trim().parse().expect("a process"));
        std::thread::sleep(Duration::from_millis(100));
        signal("INT", child.id());
        let run = Run::of(child.wait_with_output().expect("an end"));
        assert_eq!(run.code, 130, "{script}: {run:?}");
    }
}
