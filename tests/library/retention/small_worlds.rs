//! What holds of every small world: all ways in which three manifests in two repositories can list
//! each other and refer to each other, with each age and each role of a tag.
//!
//! Of worlds that differ only in how manifests are numbered, one is enough. By default an even sample
//! is tried; `TAGS_EXHAUSTIVE=1` tries all of them.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use tags::model::{Digest, RepositoryContents};
use tags::policy::{self, Policy};
use tags::retention::{Decision, Plan};

use crate::retention::scene::Scene;
use crate::retention::seen::{after, deleted, lost, of, reached, reversed};
use crate::retention::small_world::{Age, MANIFESTS, Node, Role, World, count, node};

/// How many worlds the sample has.
const SAMPLE: u64 = 15_000;

/// One environment and one image in two places; the strict policy deletes what is old, the
/// other keeps all that is younger than two months.
fn policies() -> &'static [Policy; 2] {
    static ALL: OnceLock<[Policy; 2]> = OnceLock::new();
    ALL.get_or_init(|| {
        ["7d", "60d"].map(|within| {
            let text = format!(
                r#"
version = 1
[registry.docr]
kind = "docr"
namespace = "acme"
[registry.ghcr]
kind = "ghcr"
namespace = "acme"
[image.backend]
repositories = {{ docr = "backend", ghcr = "backend" }}
[environment.prod]
sha-tag = "prod-{{sha}}"
latest-tag = "prod-latest"
[[retention]]
environments = ["prod"]
keep-within = "{within}"
[[retention]]
tags = ["pr-*"]
keep-within = "{within}"
[untagged]
keep-within = "{within}"
[protect]
min-age = "24h"
"#
            );
            policy::parse("small.toml", &text).expect("a policy")
        })
    })
}

/// What is wrong with the plan for a world; nothing if all holds.
fn wrong(world: &World) -> Vec<String> {
    let [strict, loose] = policies();
    let scene = world.scene(strict);
    let plan = scene.plan();
    let mut wrong = Vec::new();
    wrong.extend(reaches(&scene, &plan));
    wrong.extend(loses(world, &plan));
    wrong.extend(splits(world, &plan));
    if reversed(&scene).plan().entries != plan.entries {
        wrong.push("the order of the input changes the plan".to_owned());
    }
    let goes = plan.entries.iter().any(|entry| entry.decision != Decision::Keep);
    if goes && !deleted(&after(&scene, &plan).plan()).is_empty() {
        wrong.push("deciding again deletes more".to_owned());
    }
    let freely = |policy: &Policy| {
        let mut scene = world.scene(policy);
        // Which manifest is left as the last tagged one may be another.
        for repository in &mut scene.contents.repositories {
            repository.capabilities.keeps_last_tagged = false;
        }
        deleted(&scene.plan())
    };
    let little = freely(loose);
    if !little.is_empty() && !little.is_subset(&freely(strict)) {
        wrong.push("a stricter policy deletes less".to_owned());
    }
    wrong
}

/// Nothing that is kept reaches what is deleted.
fn reaches(scene: &Scene, plan: &Plan) -> Vec<String> {
    let gone = deleted(plan);
    let of_one = |contents: &RepositoryContents| {
        let is_gone =
            |digest: &Digest| gone.contains(&(contents.repository.clone(), digest.clone()));
        let all = contents.manifests.iter().map(|record| record.digest.clone());
        let kept = all.filter(|digest| !is_gone(digest)).collect();
        let reached = reached(contents, kept);
        let bad = reached.into_iter().filter(is_gone);
        bad.map(|digest| format!("{} is reached and deleted", digest.short())).collect::<Vec<_>>()
    };
    scene.contents.repositories.iter().flat_map(of_one).collect()
}

/// Latest tags, those that no rule names, the current release and the one before it, and what is
/// young or of unknown age lose nothing.
fn loses(world: &World, plan: &Plan) -> Vec<String> {
    let mut wrong = Vec::new();
    let rollback = world.rollback_releases();
    for entry in &plan.entries {
        let number = (0..MANIFESTS).find(|number| node(*number) == entry.digest).expect("known");
        let Node { age, roles, .. } = &world.nodes[number];
        let lost = lost(entry);
        let loses = |role: &Role| lost.iter().any(|tag| tag.as_str() == role.name());
        for role in roles.iter().filter(|role| loses(role)) {
            let kept = matches!(role, Role::Latest | Role::Foreign)
                || rollback.contains(role)
                || (!matches!(role, Role::Accessory(_)) && *age != Age::Old);
            if kept {
                wrong.push(format!("{role:?} of {number} is deleted, and its age is {age:?}"));
            }
        }
        if entry.decision == Decision::Delete && *age == Age::Young {
            wrong.push(format!("{number} is deleted, and is young"));
        }
    }
    wrong
}

/// A release is deleted from both places or from none.
fn splits(world: &World, plan: &Plan) -> Vec<String> {
    let mut wrong = Vec::new();
    for role in [Role::Release(1), Role::Release(2)] {
        let name = role.name();
        let of_it = plan
            .entries
            .iter()
            .filter(|entry| entry.tags.iter().any(|tag| tag.as_str() == name))
            .map(|entry| lost(entry).iter().any(|tag| tag.as_str() == name));
        if of_it.collect::<BTreeSet<bool>>().len() > 1 {
            wrong
                .push(format!("{role:?} is deleted in one place and kept in the other: {world:?}"));
        }
    }
    wrong
}

#[expect(clippy::disallowed_methods, reason = "the exhaustive form is asked for by a variable")]
fn exhaustive() -> bool {
    std::env::var_os("TAGS_EXHAUSTIVE").is_some_and(|value| value == "1")
}

#[test]
fn what_holds_of_every_small_world() {
    let all = count();
    let (number, step) = if exhaustive() { (all, 1) } else { (SAMPLE, sample_step(all)) };
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let (mut worlds, mut deletions) = (0, 0);
    std::thread::scope(|scope| {
        let part = |first: u64| {
            let (mut worlds, mut deletions) = (0u64, 0u64);
            for at in (first..number).step_by(usize::try_from(threads).expect("a few")) {
                let at = u64::try_from(u128::from(at) * u128::from(step) % u128::from(all));
                let at = at.expect("below all");
                let world = World::of(at);
                if exhaustive() && !world.is_first() {
                    continue;
                }
                worlds += 1;
                let wrong = wrong(&world);
                assert!(wrong.is_empty(), "world {at}: {wrong:#?}\n{world:#?}");
                let goes = deleted(&world.scene(&policies()[0]).plan());
                deletions += u64::from(!goes.is_empty());
            }
            (worlds, deletions)
        };
        let parts: Vec<_> = (0..threads).map(|first| scope.spawn(move || part(first))).collect();
        for part in parts {
            let (some, going) = part.join().expect("what holds of every world");
            worlds += some;
            deletions += going;
        }
    });
    println!("{worlds} worlds of {all}, of which {deletions} lose something");
    assert!(worlds >= SAMPLE && deletions > worlds / 20, "{deletions} of {worlds} lose something");
}

/// A step that goes over the whole range evenly, whatever the digits: no divisor in common.
fn sample_step(all: u64) -> u64 {
    let divides = |mut a: u64, mut b: u64| {
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    // The golden section leaves no part out.
    let golden = u64::try_from(u128::from(all) * 618_034 / 1_000_000).expect("below all");
    (golden..all).find(|step| divides(all, *step) == 1).expect("a step")
}

#[test]
fn a_world_that_is_numbered_otherwise_is_the_same_once() {
    let world = World::of(count() / 3);
    let all = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let same: BTreeSet<World> = all.into_iter().filter_map(|new| world.renumbered(new)).collect();
    assert_eq!(same.iter().filter(|world| world.is_first()).count(), 1);
    assert!(of(&world.scene(&policies()[0]).contents, &first_repository()).manifests.len() <= 3);
}

fn first_repository() -> tags::model::Repository {
    let scene = World::of(0).scene(&policies()[0]);
    scene.contents.repositories[0].repository.clone()
}
