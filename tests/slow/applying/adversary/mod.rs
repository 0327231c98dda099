//! A seeded adversary: small worlds, the real program, and somebody who acts on the registries
//! between any two of its requests.
//!
//! Whatever the seed, what a sound reader of the true history would keep stays pullable at every
//! moment, as does what the adversary pushed or tagged; and what the run says of itself is what
//! happened. A tag that moves between the last look that could have shown it and the deletion is
//! lost to anybody: there the loss must be told, and `undo` must bring it back.
//!
//! By default some hundred seeds; `TAGS_EXHAUSTIVE=1` runs 100,000, and `TAGS_SEED=1234` only that
//! one, with its story.

mod actor;
mod asked;
mod chance;
mod content;
mod deeds;
mod lies;
mod scenario;
mod told;
mod truth;
mod watch;
mod world;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use actor::Shared;
use scenario::{Act, Scenario};
use world::World;

use crate::support::program::Run;

/// How many seeds run side by side; most of the time each waits.
const AT_ONCE: usize = 8;

/// One seed played to its end.
struct Play {
    world: World,
    adversary: Shared,
    /// Everything that went, by the registry's own account.
    deletions: usize,
    wrong: Vec<String>,
}

impl Play {
    fn of(seed: u64) -> Self {
        let world = World::of(&Scenario::of(seed));
        let adversary = Shared::in_front_of(&world);
        let mut play = Self { world, adversary, deletions: 0, wrong: Vec::new() };
        for act in play.world.scenario.script.clone() {
            if play.act(act) {
                // What was lost was nobody's fault, and is brought back undisturbed.
                play.brought_back();
                break;
            }
        }
        play.adversary.calms_down(&play.world);
        play.deleting("at last, undisturbed", &["cleanup", "--apply"]);
        play
    }

    /// Whether something was lost that nobody could have kept.
    fn act(&mut self, act: Act) -> bool {
        match act {
            Act::Look => {
                self.run("look", &["cleanup"]);
                false
            }
            Act::Cleanup => self.deleting("cleanup", &["cleanup", "--apply"]),
            Act::PlanAndApply => {
                let planned = self.run("plan", &["cleanup", "--out", "plan.json"]);
                matches!(planned.code, 0 | 3) && self.deleting("apply", &["apply", "plan.json"])
            }
            Act::Undo => {
                if let Some(journal) = self.world.journals().pop() {
                    let journal = journal.to_string_lossy().into_owned();
                    self.run("undo", &["undo", &journal]);
                }
                false
            }
        }
    }

    fn run(&mut self, what: &str, arguments: &[&str]) -> Run {
        self.adversary.lock().begin(what);
        let run = self.world.run(arguments);
        let mut actor = self.adversary.lock();
        actor.watch.check_all();
        let story = format!("exit code {}: {}", run.code, run.stderr.trim());
        actor.watch.story.push(story);
        self.wrong.append(&mut actor.watch.violations);
        if !(0..=6).contains(&run.code) || run.code == 2 {
            self.wrong.push(format!("{what} ended with {}: {}", run.code, run.stderr));
        }
        run
    }

    fn deleting(&mut self, what: &str, arguments: &[&str]) -> bool {
        let before = told::manifests(&self.world);
        let run = self.run(what, arguments);
        let actor = self.adversary.lock();
        self.deletions += before.difference(&told::manifests(&self.world)).count();
        let wrong = told::lies(&self.world, &actor.watch, &run, &before);
        self.wrong.extend(wrong.into_iter().map(|wrong| format!("{what}: {wrong}")));
        !actor.watch.unavoidable.is_empty()
    }

    fn brought_back(&mut self) {
        self.adversary.calms_down(&self.world);
        let lost = self.adversary.lock().watch.unavoidable.clone();
        let Some(journal) = self.world.journals().pop() else {
            return self.wrong.push("something was lost, and there is no journal".to_owned());
        };
        self.run("undo what was lost", &["undo", &journal.to_string_lossy()]);
        let actor = self.adversary.lock();
        for one in &lost {
            self.wrong.extend(actor.watch.still_lost(one));
        }
    }
}

/// All that is wrong with a seed, and its story.
fn played(seed: u64, deletions: &AtomicU64) -> Option<String> {
    let play = Play::of(seed);
    deletions.fetch_add(play.deletions.try_into().expect("a number"), Ordering::Relaxed);
    if play.wrong.is_empty() {
        return None;
    }
    let story = play.adversary.lock().watch.story.join("\n  ");
    let wrong = play.wrong.join("\n  ");
    Some(format!("seed {seed}: {:?}\n  {story}\nWRONG\n  {wrong}\n", play.world.scenario))
}

#[expect(clippy::disallowed_methods, reason = "tests are chosen by the environment")]
fn seeds() -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    if let Some(seed) = number("TAGS_SEED") {
        return seed..seed + 1;
    }
    let first = number("TAGS_FIRST_SEED").unwrap_or(0);
    let exhaustive = std::env::var_os("TAGS_EXHAUSTIVE").is_some_and(|value| value == "1");
    first..first + number("TAGS_SEEDS").unwrap_or(if exhaustive { 100_000 } else { 200 })
}

#[test]
fn whatever_happens_between_two_requests_nothing_is_lost_unseen() {
    let seeds = seeds();
    let (next, deletions) = (AtomicU64::new(seeds.start), AtomicU64::new(0));
    let wrong = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if !seeds.contains(&seed) {
                        break;
                    }
                    if let Some(text) = played(seed, &deletions) {
                        wrong.lock().expect("no panic").insert(seed, text);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no panic");
    let texts: Vec<&str> = wrong.values().map(String::as_str).collect();
    let of: Vec<&u64> = wrong.keys().collect();
    assert!(
        wrong.is_empty(),
        "{}\n{} of {seeds:?} failed: {of:?}\nto see one: TAGS_SEED={} cargo test --test slow adversary",
        texts.join("\n"),
        of.len(),
        of[0]
    );
    // A program that deletes nothing loses nothing.
    let deletions = deletions.into_inner();
    assert!(seeds.end - seeds.start < 50 || deletions > 5 * (seeds.end - seeds.start));
    println!("{seeds:?}: {deletions} manifests deleted");
}
