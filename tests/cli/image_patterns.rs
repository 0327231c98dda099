//! `[images]`: what fits is listed before anything else, and a listing that broke is no smaller set.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tags::sandbox::content::{BuiltImage, Format};
use tags::sandbox::{Sandbox, Settings, Store};

use crate::both::Both;
use crate::cleaning::{DOOMED, decided, deletions, world as cleaning};
use crate::support::program::Run;
use crate::support::registries;
use crate::world::{MID, NEW, OLD, World, build, push};

const PATTERNS: &str = r#"
[images]
match = ["*end", "web"]
exclude = ["*-test"]
repositories = { east = "acme/{image}", west = "acme/{image}" }
"#;

/// The policy with these tables in place of its images.
fn instead_of_images(text: &str, tables: &str) -> String {
    let (before, rest) = text.split_once("[image.backend]").expect("an image");
    let (_, after) = rest.split_once("[environment.prod]").expect("an environment");
    format!("{before}{tables}\n[environment.prod]{after}")
}

fn with_patterns(world: World, tables: &str) -> World {
    world.policy(|text| instead_of_images(&text, tables))
}

/// Pushes one image of a release to one registry.
fn also(registry: &Sandbox, image: &str, sha: &str, age: i64) {
    let built = BuiltImage::single(&build(image, sha, TimeDelta::days(age)), Format::Oci);
    push(registry, image, &built, &[&format!("prod-{sha}"), "prod-latest"]);
}

fn json_of(world: &World, words: &[&str]) -> Value {
    let run = world.tags(&[words, &["--format", "json"]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    run.json()
}

#[test]
fn what_fits_is_an_image_in_every_registry_that_has_it() {
    let world = with_patterns(World::filled(), PATTERNS);
    for (sha, age) in [(OLD, 3), (MID, 2), (NEW, 1)] {
        also(&world.west, "web", sha, age);
        also(&world.east, "web-test", sha, age);
    }
    push(
        &world.east,
        "other",
        &BuiltImage::single(&build("x", OLD, TimeDelta::days(1)), Format::Oci),
        &["v1"],
    );
    let names = json!(["backend", "frontend", "web"]);
    let verified = json_of(&world, &["verify", "prod", "--sha", NEW]);
    assert_eq!(verified["images"], names);
    assert_eq!(
        verified["checks"].as_array().expect("checks").len(),
        10,
        "five places, two tags each"
    );
    assert_eq!(json_of(&world, &["list", "prod"])["images"], names);
    let target = json_of(&world, &["rollback-target", "prod"]);
    assert_eq!((&target["images"], &target["target"]["sha"]), (&names, &json!(MID)));
    assert_eq!(target["target"]["images"].as_array().expect("images").len(), 5);
    assert_eq!(json_of(&world, &["cleanup"])["images"], names);
    let told = world.tags(&["rollback-target", "prod"]);
    assert_eq!(told.stdout.trim(), MID);
    assert!(told.stderr.contains("3 images found; web only in west"), "{told:?}");
    let first = world
        .east
        .requests()
        .into_iter()
        .find(|request| !request.target.ends_with("/v2/"))
        .expect("a request");
    assert_eq!(first.target, "/v2/_catalog?n=1000");
}

#[test]
fn what_the_file_names_itself_wins() {
    let tables = format!(
        "{PATTERNS}\n[image.backend]\nrepositories = {{ east = \"acme/backend\" }}\n[image.site]\nrepositories = {{ west = \"acme/frontend\" }}\n"
    );
    let world = with_patterns(World::filled(), &tables);
    let verified = json_of(&world, &["verify", "prod", "--sha", NEW]);
    let places: Vec<String> = verified["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .filter(|check| check["kind"] == "sha")
        .map(|check| format!("{}@{}", check["image"], check["registry"]).replace('"', ""))
        .collect();
    assert_eq!(places, ["backend@east", "frontend@east", "site@west"]);
    // A name that was not found is told with its place.
    let missing = with_patterns(World::filled(), PATTERNS).policy(|text| {
        text.replace("branch = \"main\"", "branch = \"main\"\nimages = [\"backend\", \"trend\"]")
    });
    let run = missing.tags(&["verify", "prod", "--sha", NEW]);
    assert_eq!(run.code, 2, "{run:?}");
    let narrow = with_patterns(World::filled(), PATTERNS).policy(|text| {
        text.replace("branch = \"main\"", "branch = \"main\"\nimages = [\"backend\"]")
    });
    let verified = json_of(&narrow, &["verify", "prod", "--sha", NEW]);
    assert_eq!(verified["images"], json!(["backend"]));
    let unfound = narrow.policy(|text| {
        text.replace("images = [\"backend\"]", "images = [\"backend\", \"weekend\"]")
    });
    let run = unfound.tags(&["verify", "prod", "--sha", NEW]);
    assert!(
        run.code == 2 && run.stderr.contains("`weekend`") && run.stderr.contains("tags.toml:"),
        "{run:?}"
    );
}

#[test]
fn a_listing_that_broke_is_never_a_smaller_set() {
    let world = with_patterns(cleaning(), PATTERNS);
    let cleanup = &["cleanup", "--apply"][..];
    let all = [
        cleanup,
        &["verify", "prod", "--sha", NEW],
        &["list", "prod"],
        &["rollback-target", "prod"],
        &["explain", "prod", OLD],
        &["doctor"],
    ];
    for (fault, code, commands) in [
        ("404@/_catalog*always", 3, &all[..]),
        ("500@/_catalog*always", 3, &all[..1]),
        ("cut@/_catalog*always", 3, &all[..1]),
        ("403@/_catalog*always", 4, &all[..1]),
    ] {
        registries::fault(&world.west, fault);
        for words in commands {
            let run = world.tags(words);
            assert_eq!(run.code, code, "{fault} {words:?}: {run:?}");
            assert!(run.stderr.contains("cannot list the repositories of `west`"), "{run:?}");
            assert!(run.stdout.is_empty() || words[0] == "doctor", "{run:?}");
        }
        world.west.faults().clear();
    }
    assert_eq!(deletions(&world), 0);
    let empty = with_patterns(World::empty(), PATTERNS);
    also(&empty.east, "backend", NEW, 1);
    let run = empty.tags(&["verify", "prod", "--sha", NEW]);
    assert!(run.code == 3 && run.stderr.contains("`west` lists no repository"), "{run:?}");
    let nothing = with_patterns(World::filled(), &PATTERNS.replace("*end", "back"));
    let run = nothing.tags(&["cleanup", "--apply"]);
    assert!(run.code == 2 && run.stderr.contains("no repository fits"), "{run:?}");
}

/// Applies a plan that was changed, and returns the run and how much was deleted.
fn applied(world: &World, change: impl FnOnce(&mut Value)) -> (Run, usize) {
    let mut plan: Value = serde_json::from_str(&world.home.read("plan.json")).expect("a plan");
    change(&mut plan);
    world.home.file("plan.json", &plan.to_string());
    (world.tags(&["apply", "plan.json", "--format", "json"]), deletions(world))
}

#[test]
fn a_plan_is_applied_about_its_own_images_and_those_that_are_there() {
    let world = with_patterns(cleaning(), PATTERNS);
    let planned = world.tags(&["cleanup", "--out", "plan.json", "--format", "json"]);
    assert_eq!((planned.code, decided(&planned.json(), "delete").len()), (0, DOOMED));
    // A plan that leaves out an image does not hide it.
    let (run, _) = applied(&world, |plan| plan["images"] = json!(["backend"]));
    assert_eq!((run.code, &run.json()["images"]), (0, &json!(["backend", "frontend"])), "{run:?}");
    assert_eq!(deletions(&world), DOOMED);
}

#[test]
fn an_image_of_a_plan_that_is_listed_no_more_keeps_its_releases() {
    let mut world = with_patterns(cleaning(), PATTERNS);
    assert_eq!(world.tags(&["cleanup", "--out", "plan.json"]).code, 0);
    // The same registry, which has forgotten an image.
    let addr = world.west.addr();
    world.west = registries::start(Settings::default());
    let again = Sandbox::start_in_background(addr, Settings::default(), Store::new());
    world.west = again.expect("the same port");
    for (sha, age) in [(OLD, 3), (MID, 2), (NEW, 1)] {
        also(&world.west, "backend", sha, age);
    }
    let (run, deleted) = applied(&world, |_| ());
    assert_eq!((run.code, deleted), (3, 0), "{run:?}");
    assert!(run.json()["images"] == json!(["backend", "frontend"]), "{run:?}");
}

#[test]
fn packages_and_repositories_of_the_managed_registries_are_found() {
    let both = Both::good().policy(|text| {
        let (before, rest) = text.split_once("[image.").expect("an image");
        let (_, after) = rest.split_once("[environment.").expect("an environment");
        format!("{before}[images]\nmatch = [\"*\"]\nrepositories = {{ docr = \"team/{{image}}\", ghcr = \"team/{{image}}\" }}\n[environment.{after}")
    });
    let run = both.run(&["cleanup", "--format", "json"]);
    assert_eq!((run.code, &run.json()["images"]), (0, &json!(["backend"])), "{run:?}");
    let blind = both.showing(["", ""]);
    let run = blind.run(&["cleanup", "--format", "json"]);
    assert_eq!(run.code, 4, "{run:?}");
}
