//! One small world: two repositories, three manifests, up to three tags. A world is a number, read
//! digit by digit; it makes a scene.
//!
//! Manifests refer only to those with a higher number, since a digest cannot be known before its
//! bytes.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use tags::model::{Digest, ManifestRecord, References, TagPush};
use tags::policy::Policy;

use crate::retention::scene::{Scene, days_ago, digest, record};
use crate::support::tag;

pub(crate) const MANIFESTS: usize = 3;
const PLACES: [&str; 2] = ["backend@docr", "backend@ghcr"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Age {
    Young,
    Old,
    Unknown,
}

/// What a tag is; each at most once in a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// The SHA tag of one of two releases.
    Release(usize),
    Latest,
    /// One that a rule names.
    Preview,
    /// One that no rule names.
    Foreign,
    /// An accessory tag, which refers to a manifest.
    Accessory(usize),
}

const ROLES: [Role; 8] = [
    Role::Release(1),
    Role::Release(2),
    Role::Latest,
    Role::Preview,
    Role::Foreign,
    Role::Accessory(0),
    Role::Accessory(1),
    Role::Accessory(2),
];

impl Role {
    pub(crate) fn name(self) -> String {
        match self {
            Self::Release(number) => format!("prod-000000{number}"),
            Self::Latest => "prod-latest".to_owned(),
            Self::Preview => "pr-1".to_owned(),
            Self::Foreign => "v1".to_owned(),
            Self::Accessory(number) => format!("sha256-{}", node(number).encoded()),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Node {
    /// Whether it is in each of the places.
    places: [bool; 2],
    pub(crate) age: Age,
    children: BTreeSet<usize>,
    subject: Option<usize>,
    pub(crate) roles: BTreeSet<Role>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct World {
    pub(crate) nodes: Vec<Node>,
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
        // No manifest refers to itself.
        let sensible = |targets: &[Option<usize>; ROLES.len()]| {
            let itself = |(role, at): (&Role, &Option<usize>)| {
                matches!((role, at), (Role::Accessory(of), Some(at)) if of == at)
            };
            targets.iter().flatten().count() <= 3
                && !ROLES.iter().zip(targets).any(itself)
        };
        all.filter(sensible).collect()
    })
}

/// How many worlds there are.
pub(crate) fn count() -> u64 {
    // Children, subjects, places, ages, the depth, tags.
    8 * 6 * 27 * 27 * 2 * taggings().len() as u64
}

impl World {
    pub(crate) fn of(number: u64) -> Self {
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
    pub(crate) fn renumbered(&self, new: [usize; MANIFESTS]) -> Option<Self> {
        let mut nodes = self.nodes.clone();
        for (old, node) in self.nodes.iter().enumerate() {
            let role = |role: &Role| match role {
                Role::Accessory(of) => Role::Accessory(new[*of]),
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
    pub(crate) fn is_first(&self) -> bool {
        let others = [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        others.into_iter().filter_map(|new| self.renumbered(new)).all(|other| *self <= other)
    }

    pub(crate) fn scene(&self, policy: &Policy) -> Scene {
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
pub(crate) fn node(number: usize) -> Digest {
    static ALL: OnceLock<[Digest; MANIFESTS]> = OnceLock::new();
    ALL.get_or_init(|| [0, 1, 2].map(digest))[number].clone()
}

impl World {
    /// The current release, and one that is complete everywhere and known to be older.
    pub(crate) fn rollback_releases(&self) -> Vec<Role> {
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
