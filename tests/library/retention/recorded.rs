//! Records: what was recorded of the releases that a rollback would need is kept.

use tags::model::{EnvironmentName, Place, RecordedImage, ReleaseRecord, Sha, TagReference};

use crate::retention::scene::{Scene, days_ago, digest, entry, fate, policy};
use crate::support::tag;

const RULES: &str = r#"
[[retention]]
environments = ["prod", "dev"]
keep-last = 1
[untagged]
keep-within = "1d"
[protect]
rollback-depth = 1
"#;

/// Four releases of prod, one every ten days, the newest current. Beside them the image 900 without a
/// tag, with a child and a referrer.
fn four() -> Scene {
    let scene = Scene::new(policy("", RULES));
    let scene = (0..4u64).fold(scene, |scene, n| {
        let days = 40 - i64::try_from(n).expect("small") * 10;
        scene.release(&format!("prod-{n:07x}"), 10 + n, days)
    });
    scene
        .retag("prod-latest", 13)
        .index("backend@docr", 900, &[901], &[], 30)
        .image("backend@docr", 901, &[], 30)
        .referrer("backend@docr", 902, 900, 30)
}

/// A record of a release of prod with this backend in DOCR.
fn record(scene: &mut Scene, sha: &str, number: u64) -> ReleaseRecord {
    let repository = scene.at("backend@docr").repository.clone();
    let sha = Sha::parse(sha).expect("a SHA");
    let image = RecordedImage {
        place: Place {
            image: scene.at("backend@docr").image.clone(),
            registry: repository.registry.clone(),
        },
        reference: TagReference { repository, tag: tag(&format!("prod-{sha}")) },
        digest: digest(number),
    };
    ReleaseRecord {
        environment: EnvironmentName::parse("prod").expect("a name"),
        sha,
        time: days_ago(30),
        run: None,
        images: vec![image],
    }
}

fn fates(scene: &Scene) -> [String; 3] {
    let plan = scene.plan();
    [900, 901, 902].map(|number| fate(&plan, "backend@docr", number))
}

#[test]
fn the_recorded_digest_of_a_floor_release_is_kept_with_all_that_belongs_to_it() {
    let mut scene = four();
    let gone = ["delete untagged-expired", "delete child-of-deleted", "delete referrer-of-deleted"];
    assert_eq!(fates(&scene), gone);
    let kept = ["keep rollback-floor", "keep child-of-kept", "keep referrer-of-kept"];
    // The record names the commit with more digits than the tags have, or with as many.
    for sha in ["0000002", "00000020000000000000000000000000000000ff"] {
        scene.records = vec![record(&mut scene, sha, 900)];
        assert_eq!(fates(&scene), kept, "{sha}");
    }
    let plan = scene.plan();
    let message = &entry(&plan, "backend@docr", 900).reason.message;
    assert!(message.starts_with("prod release 0000002 may be needed for a rollback"), "{message}");
    assert!(message.ends_with("recorded with this digest"), "{message}");
    // Whatever the registry is called by now.
    scene.records[0].images[0].reference.repository.registry =
        tags::model::RegistryName::parse("former").expect("a name");
    assert_eq!(fates(&scene), kept);
}

#[test]
fn the_recorded_digest_of_the_current_release_is_kept_too() {
    let mut scene = four();
    scene.records = vec![record(&mut scene, "0000003", 900)];
    assert_eq!(fates(&scene)[0], "keep current-release");
}

#[test]
fn the_record_of_another_release_environment_or_repository_keeps_nothing() {
    let mut scene = four();
    let other_release = record(&mut scene, "0000000", 900);
    let mut other_environment = record(&mut scene, "0000002", 900);
    other_environment.environment = EnvironmentName::parse("dev").expect("a name");
    let mut elsewhere = record(&mut scene, "0000002", 900);
    elsewhere.images[0].reference.repository.host = "elsewhere.example".to_owned();
    scene.records = vec![other_release, other_environment, elsewhere];
    assert_eq!(fates(&scene)[0], "delete untagged-expired");
}

#[test]
fn a_release_that_moved_does_not_count_as_one_that_can_be_rolled_back_to() {
    let mut scene = four();
    assert_eq!(fate(&scene.plan(), "frontend@ghcr", 111), "delete expired");
    scene.records = vec![record(&mut scene, "0000002", 900)];
    let plan = scene.plan();
    for number in [121, 111] {
        assert_eq!(fate(&plan, "frontend@ghcr", number), "keep rollback-floor", "{number}");
    }
    assert_eq!(fate(&plan, "frontend@ghcr", 101), "delete expired");
}

#[test]
fn a_record_of_what_the_tags_point_to_changes_nothing() {
    let mut scene = four();
    let before = scene.plan();
    scene.records = vec![record(&mut scene, "0000002", 120), record(&mut scene, "0000003", 130)];
    assert_eq!(scene.plan().entries, before.entries);
}
