//! The process is killed before and after every single request that it sends: what is kept can
//! be pulled all the time, and running it again ends where an undisturbed run ends. It is asked to
//! stop by SIGTERM in the same way: before every fifth request, and before each with
//! `TAGS_EXHAUSTIVE=1`.
//!
//! An undisturbed run tells how many requests there are.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tags::sandbox::{HoldPoint, Settings};

use crate::applying::scene::{Scene, docr, ghcr, oci};
use crate::support::registries::Picture;

const CLEANUP: [&str; 2] = ["cleanup", "--apply"];

/// A run takes a small part of this.
const PATIENCE: Duration = Duration::from_mins(1);

/// How many processes there are at a time in one test, which mostly wait.
const AT_ONCE: usize = 3;

/// Of the kills that leave everything as it was, or as it is to be, every so many is followed up.
const HARMLESS: usize = 8;

/// Every so many are undone rather than finished. They are not begun anew after that: what is
/// pushed again is new to a registry that tells the time of a push.
const UNDONE: usize = 9;

type At = (usize, HoldPoint);

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
        .flat_map(|nth| [HoldPoint::Before, HoldPoint::After].map(|at| (nth, at)))
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
        let ended = match scene.journals().pop() {
            Some(journal) => is_ended(&journal).then_some(&end),
            None => Some(&beginning),
        };
        if let Some(picture) = ended {
            assert_eq!(scene.picture(), *picture, "{at:?}: as the journal says");
            if at.0 % HARMLESS != 0 {
                return;
            }
        }
        if at.0 % UNDONE == 0 {
            return undone_instead(&scene, &beginning);
        }
        let again = scene.tags(&CLEANUP);
        assert_eq!(again.code, 0, "{at:?}: {again:?}");
        assert_eq!(scene.picture(), end, "{at:?}: {again:?}");
    });
}

/// Whether nothing is left to do, by the journal.
fn is_ended(journal: &Path) -> bool {
    let text = std::fs::read_to_string(journal).expect("a journal");
    text.lines().last().is_some_and(|line| line.contains("\"record\":\"end\""))
}

#[test]
fn what_was_killed_is_finished_by_a_run_that_is_divided_in_another_way() {
    const SHARD: [&str; 4] = ["cleanup", "--apply", "--shard", "0/1"];
    let undisturbed = Scene::new(&oci());
    assert_eq!(undisturbed.tags(&CLEANUP).code, 0);
    let requests = undisturbed.registry.requests();
    let last = requests.iter().rposition(|request| request.method == "DELETE").expect("a deletion");
    for (killed, next, folder) in
        [(&CLEANUP[..], &SHARD[..], "."), (&SHARD, &CLEANUP, "shard-0-of-1")]
    {
        let scene = Scene::new(&oci());
        kill(&scene, killed, (last + 1, HoldPoint::After));
        let folder = scene.home.path().join(".local/state/tags").join(folder);
        let files = std::fs::read_dir(folder).expect("a directory").map(|file| file.expect("one"));
        let journal = files
            .map(|file| file.path())
            .find(|path| path.extension().is_some_and(|end| end == "jsonl"))
            .expect("a journal");
        let is_finished = || {
            let text = std::fs::read_to_string(&journal).expect("a journal");
            text.lines().last().is_some_and(|line| line.contains("\"record\":\"finished\""))
        };
        assert!(!is_ended(&journal) && !is_finished(), "{killed:?}");
        let run = scene.tags(next);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(is_finished(), "by {next:?}: {run:?}");
        assert_eq!(scene.picture(), undisturbed.picture());
    }
}

/// What a run that broke off had done is put back.
fn undone_instead(scene: &Scene, beginning: &Picture) {
    for journal in scene.journals() {
        let undone = scene.tags(&words(&journal));
        assert_eq!(undone.code, 0, "{undone:?}");
        assert_eq!(scene.picture(), *beginning, "{undone:?}");
    }
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
    let cleaned_up = undisturbed.picture();
    let run = undisturbed.tags(&words(&journal));
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(undisturbed.picture(), beginning);
    at_every_moment(undisturbed.registry.requests().len(), |at| {
        let (scene, journal) = cleaned(settings);
        kill(&scene, &words(&journal), at);
        assert_eq!(scene.missing(&cleaned_up.1), [""; 0], "{at:?}");
        let left = scene.picture();
        if (left == beginning || left == cleaned_up) && at.0 % HARMLESS != 0 {
            return;
        }
        let again = scene.tags(&words(&journal));
        assert_eq!(again.code, 0, "{at:?}: {again:?}");
        assert_eq!(scene.picture(), beginning, "{at:?}: {again:?}");
    });
}

/// Asks a process to stop while its `nth` request is held, and lets go of that; its exit code.
fn stop(scene: &Scene, arguments: &[&str], nth: usize) -> Option<i32> {
    let held = scene.registry.faults().hold(nth, HoldPoint::Before);
    let mut command = scene.command(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("a process");
    assert!(held.wait(PATIENCE), "there is no request {nth} to be held");
    let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(asked.expect("kill").success());
    // The signal is heard before the connection is seen to be closed.
    thread::sleep(Duration::from_millis(200));
    drop(held);
    let begin = Instant::now();
    let code = child.wait().expect("an end").code();
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?} after request {nth}", begin.elapsed());
    code
}

/// Asks a cleanup to stop at many moments, and has another one finish it.
#[expect(clippy::disallowed_methods, reason = "the environment says how much is tried")]
fn cleanup_stopped(settings: &Settings) {
    let undisturbed = Scene::new(settings);
    assert_eq!(undisturbed.tags(&CLEANUP).code, 0);
    let end = undisturbed.picture();
    let exhaustive = std::env::var_os("TAGS_EXHAUSTIVE").is_some();
    for nth in (1..=undisturbed.registry.requests().len()).step_by(if exhaustive { 1 } else { 5 }) {
        let scene = Scene::new(settings);
        let code = stop(&scene, &CLEANUP, nth);
        let is_done = scene.picture() == end;
        assert!(code == Some(130) || (is_done && code == Some(0)), "{nth}: {code:?}");
        assert_eq!(scene.missing(&end.1), [""; 0], "{nth}");
        let again = scene.tags(&CLEANUP);
        assert_eq!((again.code, scene.picture()), (0, end.clone()), "{nth}: {again:?}");
    }
}

#[test]
fn a_cleanup_is_asked_to_stop_anywhere_and_the_next_one_finishes_it() {
    for settings in [oci(), docr(), ghcr()] {
        cleanup_stopped(&settings);
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
