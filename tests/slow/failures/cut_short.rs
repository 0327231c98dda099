//! Lists that end too early, and tags that answer GET with something else than what was listed: nothing
//! that follows from them is believed.

use serde_json::{Value, json};

use crate::failures::images::{Image, days, image, sha};
use crate::failures::lies::{lie, list_says};
use crate::failures::world::{Backend, EMBEDDED, World, on};

/// Three releases: the current one, and two before it. All but the current one are old.
fn releases(world: &World) -> [Image; 3] {
    let images = [("current", 40), ("older", 50), ("oldest", 60)];
    let images = images.map(|(text, age)| image(text, days(age)));
    for (number, image) in (1..).zip(&images) {
        world.release(image, number);
    }
    world.deploy(&images[0]);
    images
}

fn assert_nothing_is_believed(world: &World) {
    let run = world.cleanup(3);
    world.assert_no_deletion();
    assert_eq!(run.json()["coverage"][0]["complete"], false, "{run:?}");
    for command in ["rollback-target", "list"] {
        let run = world.tags(&[command, "prod"]);
        assert_eq!(run.code, 3, "{command}: {run:?}");
        assert!(!run.stdout.contains("missing"), "{run:?}");
    }
}

#[test]
fn a_list_without_the_latest_tag_that_exists_is_no_list() {
    on(&[Backend::Oci], |world| {
        releases(&world);
        list_says(&world, "/tags/list", |list| {
            list["tags"] = json!([format!("prod-{}", sha(3))]);
        });
        assert_nothing_is_believed(&world);
    });
}

#[test]
fn a_link_that_does_not_say_what_it_is_may_be_another_page() {
    on(&[Backend::Oci], |world| {
        releases(&world);
        lie(&world, "GET", "/tags/list", |reply| {
            reply.set_header("link", "</v2/acme/app/tags/list?n=2&last=x>");
        });
        assert_nothing_is_believed(&world);
    });
}

#[test]
fn a_target_whose_tag_is_answered_with_another_manifest_is_none() {
    on(EMBEDDED, |world| {
        let [current, ..] = releases(&world);
        let target = world.tags(&["rollback-target", "prod"]);
        assert_eq!(target.json()["target"]["sha"], sha(2), "{target:?}");
        let bytes = current.built.root.bytes.to_vec();
        let part = format!("/manifests/prod-{}", sha(2));
        lie(&world, "GET", &part, move |reply| {
            let digest = tags::model::Digest::of(&bytes);
            reply.set_header("docker-content-digest", &digest.to_string());
            reply.body.clone_from(&bytes);
        });
        let target = world.tags(&["rollback-target", "prod"]);
        assert_eq!((target.code, &target.json()["target"]), (3, &Value::Null), "{target:?}");
        assert!(target.stderr.contains("none of them is trusted"), "{target:?}");
    });
}
