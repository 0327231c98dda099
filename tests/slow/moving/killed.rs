//! The process is killed before and after the requests of a move: every tag points to something
//! whole all the time, the next run finishes or refuses, and `undo` brings the old state back.
//!
//! Some of the requests by default, all of them with `TAGS_EXHAUSTIVE=1`.

use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use tags::policy::RegistryKind;
use tags::sandbox::HoldPoint;

use super::scene::{OLD, PAIRS, Pair, Picture, is_exhaustive, without_latest};

const ROLLBACK: [&str; 3] = ["rollback", "prod", "--apply"];
const PROMOTE: [&str; 4] = ["promote", "uat", "prod", "--apply"];

/// How many requests of a registry are tried by default.
const TRIED: usize = 7;

/// Kills a run while the `nth` request to a registry is held; false if there was no such request.
fn kill(pair: &Pair, words: &[&str], (index, nth, moment): (usize, usize, HoldPoint)) -> bool {
    let held = pair.registries[index].faults().hold(nth, moment);
    let mut command = pair.command(words);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("a process");
    let is_held = wait(&held, &mut child);
    // One that has ended by itself needs no ending.
    let _ = child.kill();
    child.wait().expect("an end");
    is_held
}

fn wait(held: &tags::sandbox::HoldHandle, child: &mut Child) -> bool {
    for _ in 0..600 {
        if held.wait(Duration::from_millis(100)) {
            return true;
        }
        if child.try_wait().expect("a process").is_some() {
            return false;
        }
    }
    panic!("neither held nor ended");
}

/// What holds at every moment.
fn check(pair: &Pair, begin: &Picture, end: &Picture) {
    assert_eq!(pair.damaged(), [""; 0]);
    for (place, tags) in pair.picture() {
        for (name, digest) in tags {
            let known = [begin, end].map(|picture| picture[&place].get(&name));
            assert!(known.contains(&Some(&digest)), "{name} in {place:?}");
        }
        for (name, digest) in &begin[&place] {
            let is_moving = name.as_str() == "prod-latest";
            assert!(is_moving || pair.picture()[&place].get(name) == Some(digest), "{name}");
        }
    }
}

fn killed(kinds: [RegistryKind; 2], words: &[&str]) {
    let is_for_promotion = words.contains(&"promote");
    let undisturbed = Pair::new(kinds, is_for_promotion);
    let first = undisturbed.picture();
    let run = undisturbed.tags(words);
    assert_eq!(run.code, 0, "{run:?}");
    let end = undisturbed.picture();
    assert_ne!(first, end);
    let requests = undisturbed.requests();
    let mut moments = Vec::new();
    for index in [0, 1] {
        let step = if is_exhaustive() { 1 } else { (requests[index] / TRIED).max(1) };
        // The last requests are those of the move itself.
        for nth in (1..=requests[index]).rev().step_by(step) {
            moments.extend([HoldPoint::Before, HoldPoint::After].map(|at| (index, nth, at)));
        }
    }
    thread::scope(|scope| {
        for part in 0..2 {
            let mine: Vec<_> = moments.iter().skip(part).step_by(2).copied().collect();
            let end = &end;
            scope.spawn(move || {
                for at in mine {
                    one(kinds, words, (at, end));
                }
            });
        }
    });
}

fn one(kinds: [RegistryKind; 2], words: &[&str], (at, end): ((usize, usize, HoldPoint), &Picture)) {
    let is_for_promotion = words.contains(&"promote");
    let pair = Pair::new(kinds, is_for_promotion);
    let begin = pair.picture();
    // Images hold the time at which they were built: the pictures differ, their shape does not.
    let end = shape_of(&begin, end, is_for_promotion);
    if !kill(&pair, words, at) {
        return;
    }
    check(&pair, &begin, &end);
    let is_begun = pair.picture() != begin;
    if is_begun && without_latest(&pair.picture(), "prod") == without_latest(&begin, "prod") {
        let other = pair.tags(&["rollback", "prod", "--to", OLD]);
        assert_eq!(other.code, 5, "{at:?}: another goal is refused: {other:?}");
    }
    if is_begun && at.1 % 2 == 0 {
        for journal in pair.home.journals() {
            let run = pair.tags(&["undo", journal.to_str().expect("UTF-8")]);
            assert_eq!(run.code, 0, "{at:?}: {run:?}");
        }
        let latest = |picture: &Picture| -> Vec<_> {
            let name = crate::support::tag("prod-latest");
            picture.values().map(|tags| tags.get(&name).cloned()).collect()
        };
        assert_eq!(latest(&pair.picture()), latest(&begin), "{at:?}: undone");
    }
    let again = pair.tags(words);
    // The move may have been finished but for its last answers.
    assert!(again.code == 0 || (again.code == 5 && pair.picture() == end), "{at:?}: {again:?}");
    assert_eq!(pair.picture(), end, "{at:?}: {again:?}");
}

/// The end of a move in a scene of its own: the same tags, pointing to that scene's images.
fn shape_of(begin: &Picture, end: &Picture, is_for_promotion: bool) -> Picture {
    let mut shape = begin.clone();
    for (place, tags) in &mut shape {
        let release = if is_for_promotion { super::scene::NEW } else { super::scene::MID };
        let digest = tags[&crate::support::tag(&format!("uat-{release}"))].clone();
        for name in end[place].keys() {
            let is_new = !tags.contains_key(name) || name.as_str() == "prod-latest";
            if is_new {
                tags.insert(name.clone(), digest.clone());
            }
        }
    }
    shape
}

#[test]
fn a_rollback_is_killed_anywhere_and_the_next_run_finishes_it() {
    for kinds in PAIRS {
        killed(kinds, &ROLLBACK);
    }
}

#[test]
fn a_promotion_is_killed_anywhere_and_the_next_run_finishes_it() {
    for kinds in PAIRS {
        killed(kinds, &PROMOTE);
    }
}
