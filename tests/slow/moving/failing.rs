//! Each registry fails with each kind of answer in each phase of a move: the exit code says why, and
//! either nothing moved, all was put back, or each place that could not be put back is named.
//!
//! A sample by default, everything with `TAGS_EXHAUSTIVE=1`.

use serde_json::Value;
use tags::policy::RegistryKind;
use tags::sandbox::{Fault, Faults};

use super::scene::{IMAGES, MID, PAIRS, Pair, Picture, is_exhaustive, without_latest};
use crate::support::tag;

const WORDS: [&str; 7] = ["rollback", "prod", "--to", MID, "--apply", "--timeout", "1s"];

/// When the trouble begins: with the first request, or once a request like this was seen in the
/// registry with this index.
#[derive(Debug, Clone, Copy)]
struct Phase {
    name: &'static str,
    begins: Option<(usize, &'static str, &'static str)>,
    /// What is in trouble then.
    requests: &'static str,
    /// Whether the place may remain as it was moved.
    may_stay: bool,
}

const PHASES: [Phase; 6] = [
    Phase { name: "read", begins: None, requests: "HEAD:/manifests/prod-latest", may_stay: false },
    Phase { name: "content", begins: None, requests: "GET:/manifests/sha256", may_stay: false },
    Phase { name: "rehearse", begins: None, requests: "PUT:/manifests/sha256", may_stay: false },
    Phase { name: "move", begins: None, requests: "PUT:/manifests/prod-latest", may_stay: false },
    Phase {
        name: "look before",
        begins: Some((1, "PUT", "/manifests/sha256")),
        requests: "HEAD:/manifests/prod-latest",
        may_stay: false,
    },
    Phase {
        name: "look after",
        begins: Some((1, "PUT", "/manifests/prod-latest")),
        requests: "/manifests/prod-latest",
        may_stay: true,
    },
];

const KINDS: [&str; 13] = [
    "401",
    "403",
    "404",
    "409",
    "412",
    "416",
    "429",
    "500",
    "503",
    "drop",
    "delay=1500ms",
    "cut",
    "slow=1500ms",
];

/// Adds a fault now, or when a request was seen.
fn trouble(pair: &Pair, phase: Phase, fault: &Fault) {
    let Some((_, method, part)) = phase.begins else {
        pair.registries[1].faults().add(fault.clone());
        return;
    };
    let target: Faults = pair.registries[1].faults().clone();
    let fault = fault.clone();
    let mut seen = 0;
    pair.registries[1].faults().before_each(move |record, _| {
        let is_it = record.method == method && record.path().contains(part);
        seen += usize::from(is_it);
        // Behind the second image's request, so that this one is still answered.
        if seen == IMAGES.len() && is_it {
            seen += 1;
        } else if seen > IMAGES.len() {
            target.add(fault.clone());
            seen = 0;
        }
    });
}

fn expected(kind: &str) -> &'static [i32] {
    match kind {
        "401" | "403" => &[4],
        "409" | "412" => &[5, 3],
        _ => &[3],
    }
}

/// What has to hold whatever happened.
fn check(pair: &Pair, (begin, says): (&Picture, &str), (code, json): (i32, &Value)) {
    assert_eq!(pair.damaged(), [""; 0], "{says}");
    let now = pair.picture();
    assert_eq!(without_latest(&now, "prod"), without_latest(begin, "prod"), "{says}");
    let latest = tag("prod-latest");
    let target = tag(&format!("prod-{MID}"));
    let mut moved = Vec::new();
    for (place, tags) in &now {
        if tags[&latest] == tags[&target] {
            moved.push(*place);
        } else {
            assert_eq!(tags[&latest], begin[place][&latest], "{says}");
        }
    }
    match (code, moved.len()) {
        (0, 4) | (3..=5, 0) => {}
        (6, _) => {
            let places = json["places"].as_array().expect("places");
            for (index, image) in moved {
                let registry = ["east", "west"][index];
                let told = places
                    .iter()
                    .find(|place| place["image"] == *image && place["registry"] == registry);
                let result = told.expect("the place")["result"].as_str().expect("a result");
                assert!(matches!(result, "moved" | "failed" | "already"), "{says}: {result}");
            }
        }
        (code, moved) => panic!("{says}: code {code} with {moved} moved: {json}"),
    }
}

fn fails(kinds: [RegistryKind; 2], phase: Phase, kind: &str) {
    let says = format!("{kinds:?} {} {kind}", phase.name);
    // An open registry has no tokens that could expire.
    if kind == "401" && kinds[1] == RegistryKind::Oci {
        return;
    }
    // Only answers with a body can be cut, or come slowly.
    if matches!(kind, "cut" | "slow=1500ms") && !phase.requests.starts_with("GET") {
        return;
    }
    let pair = Pair::new(kinds, false);
    let begin = pair.picture();
    let fault = format!("{kind}@{}*always", phase.requests).parse::<Fault>().expect("a fault");
    trouble(&pair, phase, &fault);
    let (run, json) = pair.json(&WORDS);
    check(&pair, (&begin, &says), (run.code, &json));
    let is_expected = expected(kind).contains(&run.code) || (phase.may_stay && run.code == 6);
    // Some answers to HEAD are asked again by GET, which has a body.
    let is_asked_again = run.code == 0 && phase.requests.starts_with("HEAD");
    let is_missing = kind == "404" && run.code == 1;
    assert!(is_expected || is_asked_again || is_missing, "{says}: {run:?}");
    // Without the trouble the next run finishes it.
    pair.clear();
    let run = pair.tags(&WORDS);
    assert_eq!(run.code, 0, "{says}: {run:?}");
    let now = pair.picture();
    let is_there = |tags: &std::collections::BTreeMap<_, _>| {
        tags[&tag("prod-latest")] == tags[&tag(&format!("prod-{MID}"))]
    };
    assert!(now.values().all(is_there), "{says}");
}

#[test]
fn each_answer_in_each_phase_ends_with_its_code_and_nothing_is_half_moved() {
    let mut number = 0;
    for kinds in PAIRS {
        for phase in PHASES {
            for kind in KINDS {
                number += 1;
                if is_exhaustive() || number % 4 == 1 {
                    fails(kinds, phase, kind);
                }
            }
        }
    }
}

#[test]
fn what_cannot_be_put_back_is_named_with_the_command_that_ends_it() {
    let pair = Pair::new(PAIRS[0], false);
    let begin = pair.picture();
    // The west refuses once the east is moved, and from then on the east refuses too.
    let east = pair.registries[0].faults().clone();
    let refuse: Fault = "403@PUT:/manifests/prod-latest*always".parse().expect("a fault");
    pair.registries[1].faults().add(refuse.clone());
    let mut seen = false;
    pair.registries[1].faults().before_each(move |record, _| {
        if record.method == "PUT" && record.path().ends_with("/prod-latest") && !seen {
            seen = true;
            east.add(refuse.clone());
        }
    });
    let (run, json) = pair.json(&WORDS);
    assert_eq!((run.code, json["outcome"].as_str()), (6, Some("partial")), "{run:?}");
    check(&pair, (&begin, "not put back"), (run.code, &json));
    let journal = json["journal"].as_str().expect("a journal").to_owned();
    pair.clear();
    let human = pair.tags(&["rollback", "prod"]);
    assert_eq!(human.code, 0, "it is taken up: {human:?}");
    let run = pair.tags(&["undo", &journal]);
    assert_eq!((run.code, pair.picture()), (0, begin), "{run:?}");
}

#[test]
fn somebody_else_who_moves_a_tag_meanwhile_is_left_alone() {
    // Before this run had moved it: everything else is put back (5).
    // After that: it stays, and is told (6).
    for (part, code) in [("/manifests/sha256", 5), ("/manifests/prod-latest", 6)] {
        let pair = Pair::new(PAIRS[0], false);
        let begin = pair.picture();
        let theirs =
            begin[&(1, "backend")][&tag("prod-cccccccccccccccccccccccccccccccccccccc01")].clone();
        let digest = theirs.clone();
        let mut puts = 0;
        pair.registries[1].faults().before_each(move |record, access| {
            let is_put = record.method == "PUT" && record.path().contains(part);
            puts += usize::from(is_put);
            if puts >= IMAGES.len() && !is_put {
                access.set_tag(&super::scene::repository("backend"), &tag("prod-latest"), &digest);
            }
        });
        let (run, json) = pair.json(&WORDS);
        assert_eq!(run.code, code, "{run:?}");
        let results: Vec<&str> = json["places"]
            .as_array()
            .expect("places")
            .iter()
            .map(|place| place["result"].as_str().expect("a result"))
            .collect();
        assert_eq!(results[1], "left", "{run:?}");
        let now = pair.picture();
        for (place, tags) in &now {
            let wanted =
                if *place == (1, "backend") { &theirs } else { &begin[place][&tag("prod-latest")] };
            assert_eq!(tags[&tag("prod-latest")], *wanted, "{place:?}");
        }
    }
}
