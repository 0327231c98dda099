//! Moves in worlds drawn at random: whatever is there and whatever fails, no SHA tag changes, nothing
//! else than the latest tags of the environment (and the new SHA tag of a promotion) is written, a
//! second run pushes nothing, and the places are all moved or all as before, except with code 6.
//!
//! Some tens of seeds by default, two thousand with `TAGS_EXHAUSTIVE=1`, and one with `TAGS_SEED=N`.

use std::collections::BTreeMap;

use tags::model::{Digest, TagName};
use tags::policy::RegistryKind;

use super::scene::{IMAGES, MID, NEW, OLD, Pair, Picture, built, is_exhaustive, push};
use crate::support::{registries, tag};

/// Numbers that look drawn, the same for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).expect("a number")]
    }
}

const SHAS: [&str; 3] = [OLD, MID, NEW];

/// Each place has most of the releases, and a latest tag on one of them, on something else, or none.
fn world(chance: &mut Chance) -> Pair {
    let kinds = [RegistryKind::Oci, RegistryKind::Docr, RegistryKind::Ghcr];
    let pair = Pair::empty([chance.pick(&kinds), chance.pick(&kinds)]);
    let current = chance.pick(&SHAS);
    for image in IMAGES {
        let images = SHAS.map(|sha| (sha, built(image, sha)));
        for registry in &pair.registries {
            let store = registry.store();
            for (sha, image_of) in &images {
                let mut tags = Vec::new();
                if chance.below(12) > 0 {
                    tags.push(format!("uat-{sha}"));
                }
                if chance.below(12) > 0 && (chance.below(3) > 0 || *sha == OLD) {
                    tags.push(format!("prod-{sha}"));
                }
                push(store, image, (sha, image_of), &tags);
            }
            let mut latest = current;
            if chance.below(6) == 0 {
                latest = chance.pick(&SHAS);
            }
            for environment in ["uat", "prod"] {
                if chance.below(12) > 0 {
                    let (sha, image_of) =
                        images.iter().find(|(sha, _)| *sha == latest).expect("a release");
                    push(store, image, (sha, image_of), &[format!("{environment}-latest")]);
                }
            }
            if chance.below(15) == 0 {
                // Another build under the SHA tag of a release.
                let other = built(image, "ffffffffffffffffffffffffffffffffffffff09");
                push(store, image, (OLD, &other), &[format!("prod-{NEW}")]);
            }
        }
    }
    pair
}

fn words(chance: &mut Chance) -> Vec<&'static str> {
    let sha = chance.pick(&SHAS);
    match chance.below(5) {
        0 => vec!["rollback", "prod", "--apply"],
        1 => vec!["rollback", "prod", "--to", sha, "--apply"],
        2 => vec!["promote", "uat", "prod", "--apply"],
        3 => vec!["promote", "uat", "prod", "--sha", sha, "--apply", "--backwards"],
        _ => vec!["promote", "uat", "prod", "--sha", sha, "--apply"],
    }
}

fn disturb(chance: &mut Chance, pair: &Pair) {
    let kinds = ["403", "404", "409", "412", "416", "429", "500", "drop"];
    let requests = [
        "HEAD:/manifests/prod-latest",
        "PUT:/manifests/prod-latest",
        "PUT:/manifests/prod-",
        "PUT:/manifests/sha256",
        "GET:/manifests/",
    ];
    let times = ["", "*2", "*3", "*always"];
    for registry in &pair.registries {
        if chance.below(2) == 0 {
            let fault = format!(
                "{}@{}{}",
                chance.pick(&kinds),
                chance.pick(&requests),
                chance.pick(&times)
            );
            registries::fault(registry, &fault);
        }
    }
}

/// What holds of every run.
fn check(pair: &Pair, (before, words): (&Picture, &[&str]), (code, says): (i32, &str)) {
    let now = pair.picture();
    let is_promotion = words[0] == "promote";
    let latest = tag("prod-latest");
    let mut moved = 0;
    for (place, tags) in &now {
        let old = &before[place];
        for (name, digest) in old.iter().filter(|(name, _)| **name != latest) {
            assert_eq!(tags.get(name), Some(digest), "{says}: {name} changed in {place:?}");
        }
        let new: Vec<&TagName> =
            tags.keys().filter(|name| !old.contains_key(*name) && **name != latest).collect();
        let is_right = |name: &TagName| is_promotion && is_sha_tag_of_uat(name, tags);
        assert!(new.iter().all(|name| is_right(name)), "{says}: {new:?} in {place:?}");
        moved += usize::from(tags.get(&latest) != old.get(&latest));
    }
    let written = |path: &String| {
        let name = path.rsplit('/').next().unwrap_or_default();
        name == "prod-latest"
            || name.starts_with("sha256:")
            || (is_promotion && name.starts_with("prod-"))
    };
    let puts = pair.puts();
    assert!(puts.iter().all(written), "{says}: {puts:?}");
    if code != 0 && code != 6 {
        assert_eq!(moved, 0, "{says}: code {code}");
    }
    if code == 0 {
        let target: Vec<bool> = now
            .values()
            .map(|tags| {
                SHAS.iter().any(|sha| tags.get(&tag(&format!("prod-{sha}"))) == tags.get(&latest))
            })
            .collect();
        assert!(target.iter().all(|is_release| *is_release), "{says}");
        let is_one = SHAS.iter().any(|sha| {
            now.values().all(|tags| {
                let release = tags.get(&tag(&format!("prod-{sha}")));
                release.is_some() && release == tags.get(&latest)
            })
        });
        assert!(is_one, "{says}: all latest tags are one release");
    }
}

/// A new SHA tag of prod has the digest that uat's has.
fn is_sha_tag_of_uat(name: &TagName, tags: &BTreeMap<TagName, Digest>) -> bool {
    let source = name.as_str().strip_prefix("prod-").map(|sha| tag(&format!("uat-{sha}")));
    source.is_some_and(|source| tags.get(&source).is_some() && tags.get(&source) == tags.get(name))
}

fn one(seed: u64) -> i32 {
    let mut chance = Chance(seed);
    let pair = world(&mut chance);
    let words = words(&mut chance);
    let is_disturbed = chance.below(2) == 0;
    if is_disturbed {
        disturb(&mut chance, &pair);
    }
    let before = pair.picture();
    let run = pair.tags(&words);
    let says = format!("TAGS_SEED={seed} {words:?}: {run:?}");
    assert_ne!(run.code, 2, "{says}");
    check(&pair, (&before, &words), (run.code, &says));
    if run.code == 0 {
        pair.clear();
        let again = pair.tags(&words);
        // A rollback without a SHA is not repeated by itself.
        assert!(matches!(again.code, 0 | 1 | 5), "{says}: {again:?}");
        let explicit = words.contains(&"--to") || words[0] == "promote";
        assert!(!explicit || again.code == 0, "{says}: {again:?}");
        assert_eq!(pair.puts(), [""; 0], "{says}: {again:?}");
    }
    // Whatever is on record can be taken back, where nothing fails any more.
    pair.clear();
    for journal in pair.home.journals().iter().rev() {
        let undone = pair.tags(&["undo", journal.to_str().expect("UTF-8")]);
        assert_eq!(undone.code, 0, "{says}: {undone:?}");
    }
    let latest = tag("prod-latest");
    for (place, tags) in pair.picture() {
        let old = before[&place].get(&latest);
        assert!(old.is_none() || old == tags.get(&latest), "{says}: undone in {place:?}");
    }
    run.code
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the environment says which seeds are tried")]
fn moves_in_drawn_worlds_hold_what_they_promise() {
    if let Some(seed) = std::env::var_os("TAGS_SEED") {
        one(seed.to_string_lossy().parse().expect("a number"));
        return;
    }
    let mut codes: BTreeMap<i32, usize> = BTreeMap::new();
    for seed in 0..if is_exhaustive() { 2000 } else { 60 } {
        *codes.entry(one(seed)).or_default() += 1;
    }
    // The worlds are of some use only if many moves are made and many are not.
    assert!(codes.get(&0).is_some_and(|count| *count >= 8), "{codes:?}");
    assert!(codes.len() >= 4, "{codes:?}");
}
