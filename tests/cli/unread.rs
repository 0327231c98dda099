//! A registry that cannot be read: never "missing", always a code of its own.

use crate::support::program::now;
use crate::verify::findings;
use crate::world::{MID, NEW, OLD, World};

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
    assert!(run.stderr.contains("the repository does not exist"), "{}", run.stderr);
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

/// A world in which only the eastern registry counts.
fn east_only() -> World {
    World::filled().policy(|text| text + "registries = [\"east\"]\n")
}

#[test]
fn a_latest_tag_that_cannot_be_read_is_never_guessed() {
    let world = east_only();
    fault(&world, "503@/manifests/prod-latest*always");
    let run = world.tags(&["rollback-target", "prod"]);
    assert_eq!((run.code, run.stdout.as_str()), (3, ""), "{run:?}");
    assert!(run.stderr.contains("--from"), "{}", run.stderr);
    let from = world.tags(&["rollback-target", "prod", "--from", NEW]);
    assert_eq!((from.code, from.stdout), (0, format!("{MID}\n")));
}

#[test]
fn a_release_that_cannot_be_read_is_not_passed_over_for_an_older_one() {
    let world = east_only();
    fault(&world, &format!("503@/manifests/prod-{MID}*always"));
    let run = world.tags(&["rollback-target", "prod", "--format", "json"]);
    assert_eq!((run.code, &run.json()["outcome"]), (3, &"unknown".into()), "{run:?}");
    // The other registry shows it whole.
    let both = World::filled();
    fault(&both, &format!("503@/manifests/prod-{MID}*always"));
    assert_eq!(both.tags(&["rollback-target", "prod"]).stdout, format!("{MID}\n"));
}

#[test]
fn a_listing_that_breaks_off_gives_no_target_by_itself() {
    let world = east_only();
    fault(&world, "link=http://evil.example/@/tags/list*always");
    let run = world.tags(&["rollback-target", "prod"]);
    assert_eq!((run.code, run.stdout.as_str()), (3, ""));
    assert!(run.stderr.contains("another host"), "{}", run.stderr);
}

#[test]
fn disagreement_is_said_even_when_a_registry_is_down() {
    let world = World::filled();
    let digest = |sha: &str| {
        let tag = crate::support::tag(&format!("prod-{sha}"));
        world.west.store().resolve(&crate::support::backend(), &tag).expect("a digest")
    };
    let stored = tags::sandbox::StoredTag { digest: digest(OLD), updated: None };
    let latest = crate::support::tag("prod-latest");
    world.west.store().set_tag(&crate::support::backend(), &latest, stored);
    fault(&world, "500*always");
    let run = world.tags(&["rollback-target", "prod"]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("disagree") && run.stderr.contains("--from"), "{}", run.stderr);
}

#[test]
fn a_prefix_that_cannot_be_looked_up_is_unknown_and_may_be_waited_for() {
    let world = World::filled();
    fault(&world, "404@/tags/list*8");
    let arguments = ["verify", "prod", "--sha", &NEW[..8], "--format", "json"];
    let run = world.tags(&["verify", "prod", "--sha", "1234567", "--format", "json"]);
    assert_eq!((run.code, &run.json()["outcome"]), (3, &"unknown".into()), "{run:?}");
    let waited = world.tags(&[&arguments[..], &["--wait", "20s"]].concat());
    assert_eq!((waited.code, &waited.json()["sha"]), (0, &NEW.into()), "{waited:?}");
}

#[test]
fn a_registry_that_is_down_is_waited_for_once_not_once_a_tag() {
    let world = World::filled();
    let addr = world.east.addr().to_string();
    let world = world.policy(|text| text.replace(&addr, "127.0.0.1:1"));
    let start = std::time::Instant::now();
    assert_eq!(world.tags(&["rollback-target", "prod"]).stdout, format!("{MID}\n"));
    assert!(start.elapsed() < std::time::Duration::from_secs(6), "{:?}", start.elapsed());
}

#[test]
fn what_runs_is_not_called_another_release_when_the_release_could_not_be_read() {
    let world = World::filled();
    let tag = crate::support::tag(&format!("prod-{NEW}"));
    let digest = world.east.store().resolve(&crate::support::backend(), &tag).expect("a digest");
    let running = format!("{}/acme/backend@{digest}\n", world.east.addr());
    world.home.file("running", &running);
    for registry in [&world.east, &world.west] {
        let text = format!("503@/manifests/prod-{NEW}*always");
        registry.faults().add(text.parse().expect("a fault"));
    }
    let arguments = ["verify", "prod", "--sha", NEW, "--running", "running", "--format", "json"];
    let run = world.tags(&arguments);
    assert_eq!(run.code, 3);
    assert!(findings(&run.json()).iter().all(|f| f.0 == "registry-unreadable"), "{run:?}");
}

#[test]
fn an_answer_with_other_bytes_than_its_digest_is_not_believed() {
    let world = World::filled();
    // In both: what one of them gave whole is known by its digest, and not asked of the other.
    for registry in [&world.east, &world.west] {
        registry.faults().add("wrong-digest@GET:/manifests/*always".parse().expect("a fault"));
    }
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

#[test]
fn what_could_not_be_asked_is_unknown_and_not_incomplete() {
    let world = World::filled();
    fault(&world, "500@/tags/list*always");
    let list = world.tags(&["list", "prod"]);
    assert_eq!(list.code, 3, "{list:?}");
    let said = "3 releases; east could not be read, so it is unknown whether they are complete";
    assert!(list.stdout.contains(said), "{}", list.stdout);
    let json = world.tags(&["list", "prod", "--format", "json"]).json();
    assert_eq!(json["outcome"], "unknown");
    let releases = json["releases"].as_array().expect("releases");
    assert!(releases.iter().all(|release| release["complete"].is_null()), "{json}");
    // What another registry surely lacks is a lack all the same.
    let tag = crate::support::tag(&format!("prod-{MID}"));
    world.west.store().remove_tag(&crate::support::backend(), &tag);
    let list = world.tags(&["list", "prod"]);
    let said = "3 releases, 1 of them incomplete; east could not be read, so it is unknown whether the others are complete";
    assert!(list.stdout.contains(said), "{}", list.stdout);
    let json = world.tags(&["list", "prod", "--format", "json"]).json();
    let complete: Vec<_> =
        json["releases"].as_array().expect("releases").iter().map(|r| &r["complete"]).collect();
    assert_eq!(complete, [&serde_json::Value::Null, &false.into(), &serde_json::Value::Null]);
}

#[test]
fn a_managed_registry_that_is_down_makes_nothing_incomplete_either() {
    for (name, fault) in [("docr", "500*always"), ("ghcr", "500@/packages/*always")] {
        let both = crate::clock::managed(now(), [3, 2, 1].map(chrono::TimeDelta::days));
        let registry = if name == "docr" { &both.docr } else { &both.ghcr };
        registry.faults().add(fault.parse().expect("a fault"));
        let list = both.run(&["list", "prod"]);
        let said = format!(
            "3 releases; {name} could not be read, so it is unknown whether they are complete"
        );
        assert!(list.code == 3 && list.stdout.contains(&said), "{list:?}");
    }
}

#[test]
fn what_explain_could_not_read_is_not_said_to_be_absent() {
    let world = World::filled();
    fault(&world, "500*always");
    let name = format!("{}/acme/backend:prod-{NEW}", world.east.addr());
    for format in ["human", "markdown", "github"] {
        let run = world.tags(&["explain", &name, "--format", format]);
        assert_eq!(run.code, 3, "{run:?}");
        assert!(run.stdout.contains("not found in what could be read"), "{run:?}");
    }
}
