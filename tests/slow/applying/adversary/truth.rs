//! What a sound reader of the true contents would keep, worked out without the program's own code:
//! latest tags, current releases and rollback floors, the newest releases, protected tags, tags
//! that no rule names, and signatures of all these.

use std::collections::{BTreeMap, BTreeSet};

use tags::model::{Digest, Manifest, RepositoryPath, TagName};
use tags::sandbox::Store;

use super::content::{IMAGES, path, sha};
use super::scenario::Scenario;
use crate::support::tag;

/// One repository of one registry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) registry: usize,
    pub(super) path: RepositoryPath,
}

/// Tags with what they must point to.
pub(super) type Tags = BTreeMap<(Place, TagName), Digest>;

/// The numbers that commits have; those from the second range are pushed by the adversary.
pub(super) const FRESH: usize = 100;
const NUMBERS: [std::ops::Range<usize>; 2] = [0..10, FRESH..FRESH + 20];

pub(super) fn places(scenario: &Scenario) -> Vec<Place> {
    let of = |registry| IMAGES.map(|image| Place { registry, path: path(image) });
    (0..scenario.registries.len()).flat_map(of).collect()
}

/// Everything that a manifest needs, at any depth, and what of it is not there.
pub(super) fn closure(store: &Store, at: &RepositoryPath, root: &Digest) -> Closure {
    let mut closure = Closure::default();
    let mut waiting = vec![root.clone()];
    while let Some(digest) = waiting.pop() {
        if !closure.manifests.insert(digest.clone()) {
            continue;
        }
        let Some(stored) = store.manifest(at, &digest) else {
            closure.missing.push(digest);
            continue;
        };
        let manifest =
            Manifest::parse(Some(&stored.media_type), &stored.bytes).expect("a manifest");
        if let Manifest::Index(index) = &manifest {
            waiting.extend(index.children.iter().map(|child| child.digest.clone()));
        } else {
            closure.missing.extend(store.missing(at, &manifest));
        }
    }
    closure
}

#[derive(Debug, Default)]
pub(super) struct Closure {
    pub(super) manifests: BTreeSet<Digest>,
    pub(super) missing: Vec<Digest>,
}

/// What must be kept as things are now.
pub(super) fn required(scenario: &Scenario, stores: &[Store]) -> Tags {
    let mut required = Tags::new();
    let all = all_tags(scenario, stores);
    for ((place, name), digest) in &all {
        if is_no_rules(scenario, name) {
            required.insert((place.clone(), name.clone()), digest.clone());
        }
    }
    for environment in &scenario.environments {
        for number in kept_releases(scenario, stores, (environment, &all)) {
            let name = tag(&format!("{environment}-{}", sha(number)));
            for place in places(scenario) {
                let key = (place, name.clone());
                if let Some(digest) = all.get(&key) {
                    required.insert(key, digest.clone());
                }
            }
        }
    }
    // What cannot be pulled by now is not the program's to save.
    let whole = |(place, _): &(Place, TagName), digest: &Digest| {
        closure(&stores[place.registry], &place.path, digest).missing.is_empty()
    };
    required.retain(|key, digest| whole(key, digest));
    let signatures: Vec<_> =
        all.into_iter().filter(|(key, _)| is_about(stores, key, &required)).collect();
    required.extend(signatures);
    required
}

fn all_tags(scenario: &Scenario, stores: &[Store]) -> Tags {
    let of = |place: Place| {
        let tags = stores[place.registry].tags(&place.path).unwrap_or_default();
        tags.into_iter().map(move |(name, stored)| ((place.clone(), name), stored.digest))
    };
    places(scenario).into_iter().flat_map(of).collect()
}

/// Latest tags, protected ones, and those that no rule names.
fn is_no_rules(scenario: &Scenario, name: &TagName) -> bool {
    let name = name.as_str();
    let is_sha = |environment: &&str| {
        name.strip_prefix(*environment)
            .is_some_and(|rest| rest.starts_with('-') && rest != "-latest" && rest.len() > 7)
    };
    !name.starts_with("pr-")
        && !name.starts_with("sha256-")
        && !scenario.environments.iter().any(is_sha)
}

/// The releases of an environment that a rule or a way back needs.
fn kept_releases(
    scenario: &Scenario,
    stores: &[Store],
    (environment, all): (&str, &Tags),
) -> BTreeSet<usize> {
    let places = places(scenario);
    let copy = |place: &Place, number: usize| {
        all.get(&(place.clone(), tag(&format!("{environment}-{}", sha(number)))))
    };
    let there = |number: usize| places.iter().any(|place| copy(place, number).is_some());
    let known: Vec<usize> =
        NUMBERS.into_iter().flatten().rev().filter(|number| there(*number)).collect();
    let known: BTreeSet<usize> = known.into_iter().collect();
    let mut kept: BTreeSet<usize> = known.iter().rev().take(scenario.keep_last).copied().collect();
    let latest = |place: &Place| all.get(&(place.clone(), tag(&format!("{environment}-latest"))));
    let is_current = |number: &&usize| {
        places.iter().all(|place| {
            let digest = copy(place, **number);
            digest.is_some() && digest == latest(place)
        })
    };
    if let Some(current) = known.iter().rev().find(is_current) {
        kept.insert(*current);
        let is_complete = |number: &&usize| {
            places.iter().all(|place| {
                copy(place, **number).is_some_and(|digest| {
                    closure(&stores[place.registry], &place.path, digest).missing.is_empty()
                })
            })
        };
        let older = known.iter().rev().filter(|number| *number < current);
        kept.extend(older.filter(is_complete).take(scenario.depth));
    }
    kept
}

/// Whether a tag is about something that is kept.
fn is_about(stores: &[Store], (place, name): &(Place, TagName), kept: &Tags) -> bool {
    let Some(hex) = name.as_str().strip_prefix("sha256-") else { return false };
    let subject = format!("sha256:{}", hex.trim_end_matches(".sig"));
    kept.iter().filter(|((at, _), _)| at == place).any(|(_, digest)| {
        let needed = closure(&stores[place.registry], &place.path, digest).manifests;
        needed.iter().any(|digest| digest.to_string() == subject)
    })
}
