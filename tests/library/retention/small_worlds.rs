//! Every small world: two repositories, three manifests, up to three tags, all ways in which the
//! manifests can list each other and be about each other, each age, each role of a tag.
//!
//! A world is a number, read digit by digit. Manifests refer only to those with a higher number,
//! since a digest cannot be known before its bytes; of worlds that differ only in how manifests are
//! numbered one is enough. By default an even sample; `TAGS_EXHAUSTIVE=1` goes through all of them.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use tags::model::{Digest, ManifestRecord, References, RepositoryContents, TagPush};
use tags::policy::{self, Policy};
use tags::retention::{Decision, Plan};

use crate::retention::scene::{Scene, days_ago, digest, record};
use crate::retention::seen::{after, deleted, lost, of, reached, reversed};
use crate::support::tag;

const MANIFESTS: usize = 3;
const PLACES: [&str; 2] = ["backend@docr", "backend@ghcr"];

/// How many worlds the sample has.
const SAMPLE: u64 = 30_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Age {
    Young,
    Old,
    Unknown,
}

/// What a tag is; each at most once in a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    /// The SHA tag of one of two releases.
    Release(usize),
    Latest,
    /// One that a rule names.
    Preview,
    /// One that no rule names.
    Foreign,
    /// One that is about a manifest.
    About(usize),
}

const ROLES: [Role; 8] = [
    Role::Release(1),
    Role::Release(2),
    Role::Latest,
    Role::Preview,
    Role::Foreign,
    Role::About(0),
    Role::About(1),
    Role::About(2),
];

impl Role {
    fn name(self) -> String {
        match self {
            Self::Release(number) => format!("prod-000000{number}"),
            Self::Latest => "prod-latest".to_owned(),
            Self::Preview => "pr-1".to_owned(),
            Self::Foreign => "v1".to_owned(),
            Self::About(number) => format!("sha256-{}", node(number).encoded()),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Node {
    /// Whether it is in each of the places.
    places: [bool; 2],
    age: Age,
    children: BTreeSet<usize>,
    subject: Option<usize>,
    roles: BTreeSet<Role>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct World {
    nodes: Vec<Node>,
    depth: u32,
}

/// The digits of a number, each with its own base.
struct Digits(u64);

impl Digits {
    fn next(&mut self, base: usize) -> usize {
        let base = base as u64;
        let digit = self.0 % base;
        self.0 /= base;
        usize::try_from(digit).expect("a small number")
    }
}

/// The targets of all roles, none or a manifest, of which at most three have one.
fn taggings() -> &'static [[Option<usize>; ROLES.len()]] {
    static ALL: OnceLock<Vec<[Option<usize>; ROLES.len()]>> = OnceLock::new();
    ALL.get_or_init(|| {
        let number = 4u64.pow(ROLES.len().try_into().expect("a small number"));
        let all = (0..number).map(|number| {
            let mut digits = Digits(number);
            ROLES.map(|_| digits.next(MANIFESTS + 1).checked_sub(1))
        });
        // Nothing is about itself.
        let sensible = |targets: &[Option<usize>; ROLES.len()]| {
            let itself = |(role, at): (&Role, &Option<usize>)| {
                matches!((role, at), (Role::About(of), Some(at)) if of == at)
            };
            targets.iter().flatten().count() <= 3
                && !ROLES.iter().zip(targets).any(itself)
        };
        all.filter(sensible).collect()
    })
}

fn count() -> u64 {
    // Children, subjects, places, ages, the depth, tags.
    8 * 6 * 27 * 27 * 2 * taggings().len() as u64
}

impl World {
    fn of(number: u64) -> Self {
        let mut digits = Digits(number);
        let tagging = taggings()[digits.next(taggings().len())];
        let mut node = |_| {
            let places = [[true, true], [true, false], [false, true]][digits.next(3)];
            let age = [Age::Old, Age::Young, Age::Unknown][digits.next(3)];
            Node { places, age, children: BTreeSet::new(), subject: None, roles: BTreeSet::new() }
        };
        let mut nodes: Vec<Node> = (0..MANIFESTS).map(&mut node).collect();
        for (from, to) in [(0, 1), (0, 2), (1, 2)] {
            if digits.next(2) == 1 {
                nodes[from].children.insert(to);
            }
        }
        nodes[0].subject = [None, Some(1), Some(2)][digits.next(3)];
        nodes[1].subject = [None, Some(2)][digits.next(2)];
        for (role, at) in ROLES.iter().zip(tagging) {
            at.map(|at| nodes[at].roles.insert(*role));
        }
        let depth = u32::from(digits.next(2) == 0);
        Self { nodes, depth }
    }

    /// The same with the manifests numbered in another way; none if one would refer back.
    fn renumbered(&self, new: [usize; MANIFESTS]) -> Option<Self> {
        let mut nodes = self.nodes.clone();
        for (old, node) in self.nodes.iter().enumerate() {
            let role = |role: &Role| match role {
                Role::About(of) => Role::About(new[*of]),
                other => *other,
            };
            let renumbered = Node {
                children: node.children.iter().map(|child| new[*child]).collect(),
                subject: node.subject.map(|subject| new[subject]),
                roles: node.roles.iter().map(role).collect(),
                ..node.clone()
            };
            let mut refers = renumbered.children.iter().chain(&renumbered.subject);
            if refers.any(|to| *to <= new[old]) {
                return None;
            }
            nodes[new[old]] = renumbered;
        }
        Some(Self { nodes, ..self.clone() })
    }

    /// Whether it is the first of all that are the same but for the numbers.
    fn is_first(&self) -> bool {
        let others = [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        others.into_iter().filter_map(|new| self.renumbered(new)).all(|other| *self <= other)
    }

    fn scene(&self, policy: &Policy) -> Scene {
        let mut scene = Scene::new(policy.clone());
        scene.policy.protect.rollback_depth = self.depth;
        for (at, place) in PLACES.iter().enumerate() {
            for (number, node) in self.nodes.iter().enumerate() {
                if node.places[at] {
                    scene.at(place).manifests.push(node.record(number));
                }
            }
        }
        scene
    }

    /// Where a role's tag is: in the places that its manifest is in.
    fn holder(&self, role: Role) -> Option<&Node> {
        self.nodes.iter().find(|node| node.roles.contains(&role))
    }
}

impl Node {
    fn record(&self, number: usize) -> ManifestRecord {
        static ANY: OnceLock<ManifestRecord> = OnceLock::new();
        let pushed = match self.age {
            Age::Young => Some(days_ago(0)),
            Age::Old => Some(days_ago(40)),
            Age::Unknown => None,
        };
        let references = References::Read {
            children: self.children.iter().map(|child| self::node(*child)).collect(),
            subject: self.subject.map(self::node),
        };
        let name = |role: &Role| TagPush { name: tag(&role.name()), pushed: None };
        let tags = self.roles.iter().map(name).collect();
        let any = ANY.get_or_init(|| record(0, &[], None)).clone();
        ManifestRecord { digest: self::node(number), references, tags, pushed, ..any }
    }
}

/// The digest of a manifest by its number.
fn node(number: usize) -> Digest {
    static ALL: OnceLock<[Digest; MANIFESTS]> = OnceLock::new();
    ALL.get_or_init(|| [0, 1, 2].map(digest))[number].clone()
}

/// One environment and one image in two places; the strict one lets go what is old, the other
/// keeps all that is younger than two months.
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

/// Nothing that is kept reaches what goes.
fn reaches(scene: &Scene, plan: &Plan) -> Vec<String> {
    let gone = deleted(plan);
    let of_one = |contents: &RepositoryContents| {
        let is_gone =
            |digest: &Digest| gone.contains(&(contents.repository.clone(), digest.clone()));
        let all = contents.manifests.iter().map(|record| record.digest.clone());
        let kept = all.filter(|digest| !is_gone(digest)).collect();
        let reached = reached(contents, kept);
        let bad = reached.into_iter().filter(is_gone);
        bad.map(|digest| format!("{} is reached and goes", digest.short())).collect::<Vec<_>>()
    };
    scene.contents.repositories.iter().flat_map(of_one).collect()
}

/// Latest tags, those that no rule names, the current release and the one before it, and what is
/// young or of unknown age lose nothing.
fn loses(world: &World, plan: &Plan) -> Vec<String> {
    let mut wrong = Vec::new();
    let back = world.way_back();
    for entry in &plan.entries {
        let number = (0..MANIFESTS).find(|number| node(*number) == entry.digest).expect("known");
        let Node { age, roles, .. } = &world.nodes[number];
        let lost = lost(entry);
        let loses = |role: &Role| lost.iter().any(|tag| tag.as_str() == role.name());
        for role in roles.iter().filter(|role| loses(role)) {
            let kept = matches!(role, Role::Latest | Role::Foreign)
                || back.contains(role)
                || (!matches!(role, Role::About(_)) && *age != Age::Old);
            if kept {
                wrong.push(format!("{role:?} of {number} goes, which is {age:?}"));
            }
        }
        if entry.decision == Decision::Delete && *age == Age::Young {
            wrong.push(format!("{number} goes, which is young"));
        }
    }
    wrong
}

/// A release goes from both places or from none.
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
            wrong.push(format!("{role:?} goes here and stays there: {world:?}"));
        }
    }
    wrong
}

impl World {
    /// The current release, and one that is whole everywhere and surely older.
    fn way_back(&self) -> Vec<Role> {
        let whole = |node: &Node| {
            let mut waiting: Vec<usize> = node.children.iter().copied().collect();
            let mut all = node.places == [true, true];
            while let Some(child) = waiting.pop() {
                all &= self.nodes[child].places == [true, true];
                waiting.extend(&self.nodes[child].children);
            }
            all
        };
        let mut kept = Vec::new();
        for (role, other) in [(1, 2), (2, 1)].map(|(a, b)| (Role::Release(a), Role::Release(b))) {
            let Some(current) = self.holder(role) else { continue };
            if !current.roles.contains(&Role::Latest) || current.places != [true, true] {
                continue;
            }
            kept.push(role);
            let older = self
                .holder(other)
                .filter(|older| whole(older) && older.age == Age::Old && current.age == Age::Young);
            if older.is_some() && self.depth > 0 {
                kept.push(other);
            }
        }
        kept
    }
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
