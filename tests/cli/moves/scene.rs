//! What the tests of moves share: pictures of two registries, and what was written to them.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::Value;
use tags::model::{Digest, TagName};
use tags::sandbox::Sandbox;
use tags::sandbox::content::{BuiltImage, Format};

use crate::support::program::Run;
use crate::support::{path, registries, tag};
use crate::world::{MID, NEW, OLD, World, build, push};

pub(crate) const IMAGES: [&str; 2] = ["backend", "frontend"];

/// The tags of each repository of both registries.
pub(crate) type Tags = BTreeMap<(&'static str, &'static str), BTreeMap<TagName, Digest>>;

pub(crate) fn both(world: &World) -> [(&'static str, &Sandbox); 2] {
    [("east", &world.east), ("west", &world.west)]
}

pub(crate) fn tags(world: &World) -> Tags {
    let mut all = Tags::new();
    for (name, registry) in both(world) {
        for image in IMAGES {
            let repository = path(&format!("acme/{image}"));
            let (_, tags) = registries::picture(registry, &repository);
            all.insert((name, image), tags);
        }
    }
    all
}

/// The release to which all latest tags of an environment point; none where they do not agree.
pub(crate) fn latest(world: &World, environment: &str) -> Option<&'static str> {
    let tags = tags(world);
    let is_at = |sha: &str| {
        tags.values().all(|tags| {
            let latest = tags.get(&tag(&format!("{environment}-latest")));
            latest.is_some() && latest == tags.get(&tag(&format!("{environment}-{sha}")))
        })
    };
    [OLD, MID, NEW].into_iter().find(|sha| is_at(sha))
}

/// The paths of all PUT requests, and forgets them.
pub(crate) fn puts(world: &World) -> Vec<String> {
    let mut paths = Vec::new();
    for (_, registry) in both(world) {
        let requests = registry.requests().into_iter();
        paths.extend(requests.filter(|r| r.method == "PUT").map(|r| r.path().to_owned()));
        registry.clear_requests();
    }
    paths.sort();
    paths
}

/// The results of all places, by image and registry.
pub(crate) fn results(json: &Value) -> Vec<&str> {
    let places = json["places"].as_array().expect("places");
    places.iter().map(|place| place["result"].as_str().expect("a result")).collect()
}

pub(crate) fn guards(json: &Value) -> Vec<&str> {
    let guards = json["guards"].as_array().expect("guards");
    guards.iter().map(|guard| guard["code"].as_str().expect("a code")).collect()
}

/// Runs a command with JSON as its output.
pub(crate) fn json(world: &World, words: &[&str]) -> (Run, Value) {
    let run = world.tags(&[words, &["--format", "json"]].concat());
    let json = run.json();
    (run, json)
}

/// Releases of uat as well: all three, the newest current; prod has the oldest alone.
pub(crate) fn with_uat() -> World {
    // The policy of the world ends in the table of prod.
    let world = World::empty().policy(|text| text + "promote-from = [\"uat\"]\n" + UAT);
    stock(&world);
    world
}

const UAT: &str = r#"
[environment.uat]
branch = "uat"
sha-tag = "uat-{sha}"
latest-tag = "uat-latest"
order = "built"
"#;

pub(crate) fn stock(world: &World) {
    for (age, sha) in [(3, OLD), (2, MID), (1, NEW)] {
        let built = IMAGES.map(|image| {
            let build = build(image, sha, TimeDelta::days(age));
            (image, BuiltImage::single(&build, Format::Oci))
        });
        for (_, registry) in both(world) {
            for (image, built) in &built {
                push(registry, image, built, &[&format!("uat-{sha}"), "uat-latest"]);
                if sha == OLD {
                    push(registry, image, built, &[&format!("prod-{sha}"), "prod-latest"]);
                }
            }
        }
    }
}

pub(crate) fn fault(world: &World, registry: &str, text: &str) {
    let found = both(world).into_iter().find(|(name, _)| *name == registry);
    registries::fault(found.expect("a registry").1, text);
}

/// Writes a journal as of a process that was killed after it had moved the tags of the east.
pub(crate) fn broken_off(world: &World, words: &[&str]) -> std::path::PathBuf {
    let before = tags(world);
    let run = world.tags(words);
    assert_eq!(run.code, 0, "{run:?}");
    let journal = world.home.journals().pop().expect("a journal");
    let text = std::fs::read_to_string(&journal).expect("a journal");
    let lines: Vec<&str> =
        text.lines().filter(|line| !line.contains("\"record\":\"end\"")).collect();
    std::fs::write(&journal, lines.join("\n") + "\n").expect("written");
    for image in IMAGES {
        let store = world.west.store();
        let repository = path(&format!("acme/{image}"));
        let digest = before[&("west", image)][&tag("prod-latest")].clone();
        let mut stored = store.tags(&repository).expect("tags")[&tag("prod-latest")].clone();
        stored.digest = digest;
        store.set_tag(&repository, &tag("prod-latest"), stored);
    }
    puts(world);
    journal
}
