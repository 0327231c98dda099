//! What push times belong to, who saw an image when, and tags of several lengths.

use crate::failures::images::{days, image, now, sha};
use crate::failures::world::{Backend, EVERYWHERE, PROD, RULES, World, on};

const PLAIN: &[Backend] = &[Backend::Oci, Backend::Debian];

/// Four releases, of which the last has the content of the second again.
fn reverted(world: &World) -> [crate::failures::images::Image; 3] {
    let first = image("first", days(80));
    let good = image("good", days(60));
    let bad = image("bad", days(40));
    world.release(&first, 1);
    world.release(&good, 2);
    world.release(&bad, 3);
    world.server.set_tag(crate::failures::world::BACKEND, &good, &format!("prod-{}", sha(4)));
    world.deploy(&good);
    [first, good, bad]
}

#[test]
fn a_release_that_was_reverted_is_no_target_where_only_digests_are_dated() {
    on(EVERYWHERE, |world| {
        reverted(&world);
        let run = world.tags(&["rollback-target", "prod"]);
        assert_eq!(run.code, 0, "on {:?}: {run:?}", world.backend);
        let json = run.json();
        let target = json["target"]["sha"].as_str().expect("a target");
        if world.backend == Backend::Docr {
            // Its tags are dated: the last one was set after that of the bad release.
            assert_eq!((json["current"]["sha"].as_str(), target), (Some(&*sha(4)), &*sha(3)));
            return;
        }
        assert_eq!(target, sha(1), "on {:?}: {json:#}", world.backend);
        let skipped = json["skipped"].as_array().expect("a list");
        let bad = skipped.iter().find(|one| one["sha"] == *sha(3)).expect("passed over");
        assert_eq!(bad["code"], "time-unknown");
    });
}

#[test]
fn a_cleanup_after_a_revert_keeps_what_shares_the_content() {
    on(EVERYWHERE, |world| {
        let [_, good, _] = reverted(&world);
        world.cleanup(0);
        world.assert_release(4, &good);
        world.assert_pullable("prod-latest", &good);
        if world.backend != Backend::Docr {
            world.assert_release(2, &good);
        }
    });
}

#[test]
fn where_no_push_times_are_told_an_image_is_as_old_as_its_first_sight() {
    on(PLAIN, |world| {
        let old = image("old", days(60));
        world.server.push(crate::failures::world::BACKEND, &old, &["pr-1"]);
        let run = world.cleanup(0);
        assert_eq!(run.reason(&old), "too-young", "{run:?}");
        let said = run.entry(&old)["reason"]["message"].to_string();
        assert!(said.contains("reports no push times") && said.contains("order = "), "{said}");
        world.assert_pullable("pr-1", &old);
        // The first run has noted it; a day passes.
        let file = world.home.path().join(".local/state/tags/first-seen.txt");
        let noted = std::fs::read_to_string(&file).expect("a file");
        let line = noted.lines().find(|line| line.starts_with(&old.digest().to_string()));
        let line = line.expect("noted");
        let aged = format!("{} {}", old.digest(), days(1).timestamp());
        std::fs::write(&file, noted.replace(line, &aged)).expect("a file");
        world.cleanup(0);
        world.assert_gone(&old);
    });
}

#[cfg(unix)]
#[test]
fn first_sights_that_others_may_have_written_are_not_believed() {
    use std::os::unix::fs::PermissionsExt as _;
    on(&[Backend::Oci], |world| {
        let old = image("old", days(60));
        world.push(&old, &["pr-1"]);
        let file = world.home.path().join(".local/state/tags/first-seen.txt");
        let open = std::fs::Permissions::from_mode(0o666);
        std::fs::set_permissions(&file, open).expect("permissions");
        let run = world.cleanup(0);
        assert_eq!(run.reason(&old), "too-young");
        assert!(run.stderr.contains("is not used: others may write to it"), "{run:?}");
        world.assert_no_deletion();
    });
}

#[test]
fn first_sights_that_are_damaged_or_of_the_future_make_nothing_older() {
    on(&[Backend::Oci], |world| {
        let old = image("old", days(60));
        world.server.push(crate::failures::world::BACKEND, &old, &["pr-1"]);
        let state = world.home.path().join(".local/state/tags");
        std::fs::create_dir_all(&state).expect("a directory");
        let place = format!("{}/{}", world.host(), crate::failures::world::BACKEND);
        let next_year = (now() + chrono::TimeDelta::days(365)).timestamp();
        for text in [
            format!("{place}\n{} 1500000000\n", old.digest()),
            format!("tags first-seen 1\n{place}\n{} {next_year}\n", old.digest()),
            format!("tags first-seen 1\n{place}\n{} 0\n", old.digest()),
            "\0\u{1}".to_owned(),
        ] {
            std::fs::write(state.join("first-seen.txt"), &text).expect("a file");
            assert_eq!(world.cleanup(0).reason(&old), "too-young", "{text:?}");
        }
        world.assert_no_deletion();
    });
}

#[test]
fn build_times_count_where_all_who_use_the_repository_say_so() {
    on(PLAIN, |world| {
        let built = PROD.replace("branch = \"main\"", "order = \"built\"");
        world.policy(&[&built, RULES]);
        let old = image("old", days(60));
        world.server.push(crate::failures::world::BACKEND, &old, &["pr-1"]);
        world.cleanup(0);
        world.assert_gone(&old);
    });
}

#[test]
fn a_short_and_a_long_tag_of_a_commit_are_one_release() {
    on(EVERYWHERE, |world| {
        let of = |number: u32| image(&format!("release {number}"), days(40 - i64::from(number)));
        for number in 1..=3 {
            let sha = sha(number);
            let tags = [format!("prod-{sha}"), format!("prod-{}", &sha[..7])];
            world.push(&of(number), &[&tags[0], &tags[1]]);
        }
        world.deploy(&of(3));
        let list = world.tags(&["list", "prod"]).json();
        let shas: Vec<&str> = list["releases"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|release| release["sha"].as_str())
            .collect();
        assert_eq!(shas, [sha(3), sha(2), sha(1)], "on {:?}", world.backend);
        let target = world.tags(&["rollback-target", "prod"]).json();
        assert_eq!(target["target"]["sha"], *sha(2));
        let run = world.cleanup(0);
        assert_eq!(run.reason(&of(2)), "rollback-floor", "{run:?}");
        world.assert_release(3, &of(3));
        world.assert_release(2, &of(2));
        world.assert_gone(&of(1));
    });
}

#[test]
fn a_short_tag_that_fits_two_commits_stays_with_both() {
    on(EVERYWHERE, |world| {
        let of = |number: u32| image(&format!("release {number}"), days(40 - i64::from(number)));
        let (one, other) = ("aaaaaaa1".repeat(5), "aaaaaaa2".repeat(5));
        world.push(&of(1), &[&format!("prod-{one}")]);
        world.push(&of(2), &[&format!("prod-{other}")]);
        world.push(&of(3), &["prod-aaaaaaa"]);
        world.release(&of(4), 4);
        world.release(&of(5), 5);
        world.deploy(&of(5));
        let run = world.cleanup(0);
        assert_eq!(run.reason(&of(3)), "unreadable", "{run:?}");
        let said = run.entry(&of(3))["reason"]["message"].to_string();
        assert!(said.contains("matches several releases of prod"), "{said}");
        world.assert_pullable(&format!("prod-{one}"), &of(1));
        world.assert_pullable(&format!("prod-{other}"), &of(2));
    });
}

#[test]
fn two_tags_of_a_release_on_different_images_are_no_target() {
    on(EVERYWHERE, |world| {
        let of = |number: u32| image(&format!("release {number}"), days(40 - i64::from(number)));
        world.release(&of(1), 1);
        world.release(&of(2), 2);
        world.push(&image("another", days(37)), &[&format!("prod-{}", &sha(2)[..7])]);
        world.release(&of(3), 3);
        world.deploy(&of(3));
        let json = world.tags(&["rollback-target", "prod"]).json();
        assert_eq!(json["target"]["sha"], *sha(1), "on {:?}: {json:#}", world.backend);
        assert_eq!(json["skipped"][0]["code"], "digest-differs");
    });
}

#[test]
fn an_environment_without_a_complete_release_has_no_floor() {
    on(EVERYWHERE, |world| {
        let two = "[image.frontend]\nrepositories = { main = \"frontend\" }\n";
        world.policy(&[two, PROD, RULES]);
        let of = |number: u32| image(&format!("release {number}"), days(40 - i64::from(number)));
        for number in 1..=3 {
            world.release(&of(number), number);
        }
        let tag = format!("prod-{}", sha(4));
        world.push_in(crate::failures::world::FRONTEND, &of(4), &[&tag]);
        let run = world.cleanup(5);
        assert!(run.stdout.contains("none of them is in all"), "{run:?}");
        world.assert_release(1, &of(1));
        let rules = RULES.replace("rollback-depth = 1", "rollback-depth = 0");
        world.policy(&[two, PROD, &rules]);
        world.cleanup(0);
        world.assert_gone(&of(1));
    });
}
