//! What a move costs: requests by place, and round trips.

use std::time::Instant;

use tags::policy::RegistryKind;

use super::scene::{IMAGES, MID, NEW, PAIRS, Pair};
use crate::support::{registries, tag};

const KINDS: [RegistryKind; 2] = [RegistryKind::Oci, RegistryKind::Oci];
const WORDS: [&str; 5] = ["rollback", "prod", "--to", MID, "--apply"];

/// How many requests of a method had this at the end of their path, in one repository.
fn count(pair: &Pair, (index, image): (usize, &str), (method, part): (&str, &str)) -> usize {
    let requests = pair.registries[index].requests();
    let wanted = format!("/{image}/manifests/{part}");
    requests.iter().filter(|r| r.method == method && r.path().contains(&wanted)).count()
}

#[test]
fn a_place_costs_two_looks_one_rehearsal_and_one_push_between_two_looks() {
    let pair = Pair::new(KINDS, false);
    let run = pair.tags(&WORDS);
    assert_eq!(run.code, 0, "{run:?}");
    let (mut named, tags) = (0, pair.picture());
    for place in [0, 1].into_iter().flat_map(|index| IMAGES.map(|image| (index, image))) {
        let times = |method: &str, part: &str| count(&pair, place, (method, part));
        assert_eq!(times("HEAD", &format!("prod-{MID}")), 1, "the release");
        assert_eq!(times("HEAD", "prod-latest"), 3, "to plan, right before the push, and after it");
        assert_eq!(times("PUT", "sha256:"), 1, "the rehearsal");
        assert_eq!(times("PUT", "prod-latest"), 1, "the push");
        for release in [MID, NEW] {
            let digest = &tags[&place][&tag(&format!("prod-{release}"))];
            let gets = times("GET", &digest.to_string());
            assert!(gets <= 1, "{gets} times {release}: what was read is in the cache");
        }
        assert_eq!(times("GET", "prod-"), 0, "what a tag points to is read by its digest");
        named += times("HEAD", &format!("prod-{NEW}"));
    }
    // The current release is named once for each image.
    assert_eq!(named, IMAGES.len());
    // What was read once is not read again, and a second run pushes nothing.
    pair.clear();
    assert_eq!(pair.tags(&WORDS).code, 0);
    let read = pair.registries.iter().flat_map(tags::sandbox::Sandbox::requests);
    let gets = read.filter(|r| r.method == "GET" && r.path().contains("/manifests/"));
    assert_eq!((gets.count(), pair.puts()), (0, Vec::new()));
}

fn sequence(pair: &Pair) -> Vec<Vec<String>> {
    pair.registries.iter().map(registries::asked).collect()
}

/// How many requests one after the other a run waits for.
fn round_trips(pair: &Pair, words: &[&str]) -> u128 {
    const LATENCY: u128 = 700;
    pair.clear();
    for registry in &pair.registries {
        registries::fault(registry, &format!("delay={LATENCY}ms*always"));
    }
    let begin = Instant::now();
    let run = pair.tags(words);
    let trips = begin.elapsed().as_millis() / LATENCY;
    assert_eq!(run.code, 0, "{run:?}");
    for registry in &pair.registries {
        registry.faults().clear();
    }
    trips
}

#[test]
fn a_move_takes_at_most_twelve_round_trips() {
    let pair = Pair::new(KINDS, false);
    let trips = round_trips(&pair, &WORDS);
    assert!(trips <= 12, "{trips} round trips: {:?}", sequence(&pair));
}

#[test]
fn reading_takes_few_round_trips_with_nothing_in_the_cache() {
    for kinds in PAIRS {
        let pair = Pair::new(kinds, false);
        // Without push times the build times are read: manifests, their children, configs.
        let times = if kinds.contains(&RegistryKind::Oci) { 3 } else { 0 };
        for (words, most) in [
            (&["verify", "prod", "--sha", NEW, "--quick"][..], 3),
            (&["verify", "prod", "--sha", NEW], 5),
            (&["rollback-target", "prod"], 6 + times),
        ] {
            let trips = round_trips(&pair, &[words, &["--no-cache"]].concat());
            let sequence = sequence(&pair);
            assert!(trips <= most, "{trips} for {words:?} on {kinds:?}: {sequence:?}");
            for mut asked in sequence {
                let all = asked.clone();
                asked.sort();
                asked.dedup();
                assert_eq!(asked.len(), all.len(), "something was asked for twice: {all:?}");
            }
        }
    }
}
