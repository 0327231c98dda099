//! A registry that cannot be read: never "missing", always a code of its own.

use crate::verify::findings;
use crate::world::{MID, NEW, World};

fn fault(world: &World, text: &str) {
    world.east.faults().add(text.parse().expect("a fault"));
}

#[test]
fn an_unreadable_registry_makes_verify_unknown_and_never_says_missing() {
    for (text, code) in
        [("500*always", 3), ("403*always", 4), ("drop*always", 3), ("400*always", 3)]
    {
        let world = World::filled();
        fault(&world, text);
        let run = world.tags(&["verify", "prod", "--sha", NEW, "--format", "json"]);
        assert_eq!(
            (run.code, &run.json()["outcome"]),
            (code, &"unknown".into()),
            "{text}: {run:?}"
        );
        let json = run.json();
        assert!(
            findings(&json).iter().all(|f| f.0 == "registry-unreadable" && f.3 == "east"),
            "{text}"
        );
        assert!(json["findings"][0]["hint"].is_string(), "{text}");
        let message = json["findings"][0]["message"].as_str().expect("a message");
        assert!(message.contains(&world.east.addr().to_string()), "{text}: {message}");
    }
}

#[test]
fn a_trouble_that_passes_is_waited_out() {
    for text in ["500*2", "429:retry-after=0*3", "drop", "cut@/manifests/sha256", "401@/manifests/"]
    {
        let world = World::filled();
        fault(&world, text);
        assert_eq!(world.tags(&["verify", "prod", "--sha", NEW]).code, 0, "{text}");
        assert_eq!(world.tags(&["rollback-target", "prod"]).code, 0, "{text}");
    }
}

#[test]
fn with_one_registry_down_the_others_give_the_target_and_it_is_said() {
    let world = World::filled();
    fault(&world, "500*always");
    let run = world.tags(&["rollback-target", "prod", "--format", "json"]);
    assert_eq!(run.code, 0, "{run:?}");
    let json = run.json();
    assert_eq!(
        (&json["target"]["sha"], &json["unread"]),
        (&MID.into(), &serde_json::json!(["east"]))
    );
    let images = json["target"]["images"].as_array().expect("images");
    assert!(images.len() == 2 && images.iter().all(|image| image["registry"] == "west"));
    assert!(run.stderr.contains("east could not be read"), "{}", run.stderr);
    let list = world.tags(&["list", "prod"]);
    assert_eq!(list.code, 3);
    assert!(list.stdout.contains('?'), "{}", list.stdout);
}

#[test]
fn with_none_answering_the_answer_is_unknown_and_credentials_weigh_more() {
    for (text, code) in [("500*always", 3), ("403*always", 4)] {
        let world = World::filled();
        fault(&world, text);
        world.west.faults().add("500*always".parse().expect("a fault"));
        let run = world.tags(&["rollback-target", "prod", "--format", "json"]);
        assert_eq!((run.code, &run.json()["outcome"]), (code, &"unknown".into()), "{run:?}");
        assert!(run.json()["target"].is_null());
    }
}

#[test]
fn a_404_on_a_listing_is_no_empty_repository() {
    let world = World::filled();
    fault(&world, "404@/tags/list*always");
    let run = world.tags(&["rollback-target", "prod", "--format", "json"]);
    assert_eq!((run.code, &run.json()["unread"]), (0, &serde_json::json!(["east"])));
    world.west.faults().add("404@/tags/list*always".parse().expect("a fault"));
    let run = world.tags(&["rollback-target", "prod"]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("no such repository"), "{}", run.stderr);
    assert_eq!(World::empty().tags(&["list", "prod"]).code, 3);
}

#[test]
fn content_that_cannot_be_asked_for_leaves_its_registry_out_of_the_target() {
    let world = World::filled();
    fault(&world, "500@/blobs/*always");
    let run = world.tags(&["rollback-target", "prod", "--format", "json"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(run.json()["unread"], serde_json::json!(["east"]));
    let run = world.tags(&["verify", "prod", "--sha", NEW]);
    assert_eq!(run.code, 3);
}

#[test]
fn an_answer_with_other_bytes_than_its_digest_is_not_believed() {
    let world = World::filled();
    fault(&world, "wrong-digest@GET:/manifests/*always");
    let run = world.tags(&["verify", "prod", "--sha", NEW]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("another digest"), "{}", run.stdout);
}

#[test]
fn a_registry_that_does_not_exist_is_named_with_a_hint() {
    let world = World::filled();
    let addr = world.east.addr().to_string();
    let world = world.policy(|text| text.replace(&addr, "127.0.0.1:1"));
    let run = world.tags(&["verify", "prod", "--sha", NEW, "--quick"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("cannot connect to http://127.0.0.1:1"), "{}", run.stdout);
    assert!(run.stdout.contains("hint: "), "{}", run.stdout);
}
