//! Cases 11 to 13 and 15: ages that are missing, wrong, or not what they seem.

use chrono::{DateTime, TimeDelta};
use tags::sandbox::content::Provenance;

use crate::failures::images::{days, image, index, index_of, minutes, now, sha, undated};
use crate::failures::world::{Backend, EVERYWHERE, MANAGED, PROD, RULES, on};

/// A rule that lets everything go that is no longer the newest.
const LAST: &str = "[[retention]]\nenvironments = [\"prod\"]\nkeep-last = 1\n\
                    [[retention]]\ntags = [\"pr-*\"]\nkeep-last = 1\n";
const GUARDS: &str = "[protect]\nrollback-depth = 0\nmin-age = \"1h\"\n";

#[test]
fn case_11_a_time_that_cannot_be_right_is_no_age() {
    on(EVERYWHERE, |world| {
        let epoch = image("epoch", DateTime::UNIX_EPOCH);
        let zero = image("zero", "1970-01-02T00:00:00Z".parse().expect("a time"));
        let future = image("future", now() + TimeDelta::days(400));
        let old = image("old", days(60));
        world.push(&epoch, &["pr-1"]);
        world.push(&zero, &["pr-2"]);
        world.push(&future, &["pr-3"]);
        world.push(&old, &["pr-4"]);
        world.push(&image("new", days(1)), &["pr-5"]);
        let run = world.cleanup(0);
        for (tag, image) in [("pr-1", &epoch), ("pr-2", &zero), ("pr-3", &future)] {
            world.assert_pullable(tag, image);
            assert_eq!(run.reason(image), "time-unknown", "{run:?}");
        }
        world.assert_gone(&old);
    });
}

#[test]
fn case_11_equal_times_at_the_boundary_are_all_kept_and_nothing_is_rolled_back_to() {
    on(EVERYWHERE, |world| {
        world.policy(&[PROD, LAST, GUARDS]);
        let same = days(30);
        for number in 1..=3 {
            world.release(&image(&format!("release {number}"), same), number);
            world.push(&image(&format!("request {number}"), same), &[&format!("pr-{number}")]);
        }
        world.deploy(&image("release 2", same));
        let (old, request) = (image("release 4", days(40)), image("request 4", days(40)));
        world.release(&old, 4);
        world.push(&request, &["pr-4"]);
        let target = world.tags(&["rollback-target", "prod"]).json()["target"]["sha"].clone();
        assert!(target.is_null() || target == sha(4), "{target}");
        world.cleanup(0);
        for number in 1..=3 {
            world.assert_release(number, &image(&format!("release {number}"), same));
            let request = image(&format!("request {number}"), same);
            world.assert_pullable(&format!("pr-{number}"), &request);
        }
        world.assert_gone(&old);
        world.assert_gone(&request);
    });
}

#[test]
fn case_11_a_release_without_a_believable_time_is_neither_deleted_nor_rolled_back_to() {
    on(EVERYWHERE, |world| {
        world.policy(&[PROD, LAST, GUARDS]);
        let (current, epoch) = (image("current", days(1)), image("epoch", DateTime::UNIX_EPOCH));
        let (good, old) = (image("good", days(30)), image("old", days(40)));
        world.release(&current, 1);
        world.release(&epoch, 2);
        world.release(&good, 3);
        world.release(&old, 4);
        world.deploy(&current);
        let run = world.tags(&["rollback-target", "prod"]).json();
        assert_eq!(run["target"]["sha"], sha(3), "{run}");
        let skipped = run["skipped"].as_array().expect("a list");
        let unknown =
            skipped.iter().any(|one| one["sha"] == sha(2) && one["code"] == "time-unknown");
        assert!(unknown, "{run}");
        world.cleanup(0);
        world.assert_release(1, &current);
        world.assert_release(2, &epoch);
        world.assert_gone(&old);
    });
}

#[test]
fn case_12_a_tag_that_was_set_today_is_not_as_old_as_its_image() {
    // Only this registry tells when a tag was set.
    on(&[Backend::Docr], |world| {
        let (promoted, old) = (image("promoted", days(60)), image("old", days(60)));
        world.push(&promoted, &[]);
        world.server.set_tag("acme/backend", &promoted, "pr-1");
        world.push(&old, &["pr-2"]);
        world.cleanup(0);
        world.assert_pullable("pr-1", &promoted);
        world.assert_gone(&old);
    });
}

#[test]
fn case_12_an_old_release_that_was_promoted_again_is_current_and_so_is_its_way_back() {
    on(EVERYWHERE, |world| {
        let release = |age| index(&format!("release {age}"), days(age), Provenance::Artifact);
        for (number, age) in (1..).zip([2, 30, 60, 90, 120]) {
            world.release(&release(age), number);
        }
        world.deploy(&release(60));
        let target = world.tags(&["rollback-target", "prod"]).json();
        assert_eq!(target["target"]["sha"], sha(4), "{target}");
        let run = world.cleanup(0);
        world.assert_pullable("prod-latest", &release(60));
        world.assert_release(1, &release(2));
        world.assert_release(3, &release(60));
        world.assert_release(4, &release(90));
        assert_eq!(run.reason(&release(90)), "rollback-floor");
        world.assert_gone(&release(30));
        world.assert_gone(&release(120));
        let target = world.tags(&["rollback-target", "prod"]).json();
        assert_eq!(target["target"]["sha"], sha(4), "{target}");
    });
}

#[test]
fn case_13_what_nobody_pulled_or_dated_is_not_old() {
    on(EVERYWHERE, |world| {
        world.policy(&[PROD, LAST, "[protect]\nrollback-depth = 0\n"]);
        let (newest, fresh) = (image("newest", minutes(5)), image("fresh", minutes(90)));
        let (unsaid, old) = (undated("unsaid", minutes(90)), image("old", days(60)));
        world.push(&newest, &["pr-1"]);
        world.push(&fresh, &["pr-2"]);
        world.push(&unsaid, &["pr-3"]);
        world.push(&old, &["pr-4"]);
        let run = world.cleanup(0);
        assert_eq!(run.reason(&fresh), "too-young");
        world.assert_pullable("pr-1", &newest);
        world.assert_pullable("pr-2", &fresh);
        world.assert_pullable("pr-3", &unsaid);
        world.assert_gone(&old);
    });
}

#[test]
fn case_15_children_of_a_push_under_way_stay() {
    on(MANAGED, |world| {
        let rules = "[untagged]\nkeep-within = \"1m\"\n[protect]\nmin-age = \"0s\"\n";
        world.policy(&[PROD, rules]);
        let parts = ["amd64", "arm64"].map(|text| image(text, minutes(20)));
        for part in &parts {
            world.push(part, &[]);
        }
        let stray = image("stray", minutes(150));
        world.push(&stray, &[]);
        world.push(&image("live", days(1)), &["prod-latest"]);
        world.cleanup(0);
        world.assert_gone(&stray);
        let whole = index_of(&[&parts[0], &parts[1]], now());
        // Only the index comes now.
        let store = world.sandbox().store();
        store.put_manifest(&crate::support::backend(), &whole.built.root, None);
        world.deploy(&whole);
        world.assert_pullable("prod-latest", &whole);
    });
}

#[test]
fn case_15_an_index_that_comes_between_plan_and_apply_keeps_its_children() {
    on(MANAGED, |world| {
        world.policy(&[PROD, RULES]);
        let [part, stray] = ["part", "stray"].map(|text| image(text, days(60)));
        world.push(&part, &[]);
        world.push(&stray, &[]);
        world.push(&image("live", days(1)), &["prod-latest"]);
        let plan = world.tags(&["cleanup", "--out", "plan.json"]);
        assert_eq!(plan.entry(&part)["decision"], "delete", "{plan:?}");
        let whole = index_of(&[&part], now());
        world.push(&whole, &["demo"]);
        let run = world.tags(&["apply", "plan.json"]);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.result(&part).is_some_and(|it| it.starts_with("skipped")), "{run:?}");
        world.assert_pullable("demo", &whole);
        world.assert_gone(&stray);
    });
}

#[test]
fn case_15_an_index_that_comes_between_plan_and_apply_keeps_what_it_shares() {
    on(EVERYWHERE, |world| {
        let [part, other] = ["part", "other"].map(|text| image(text, days(60)));
        let old = index_of(&[&part, &other], days(60));
        world.push(&old, &["pr-1"]);
        world.push(&image("live", days(1)), &["prod-latest"]);
        let plan = world.tags(&["cleanup", "--out", "plan.json"]);
        assert_eq!(plan.entry(&part)["decision"], "delete", "{plan:?}");
        let new = index_of(&[&part, &image("new", now())], now());
        world.push(&new, &["demo"]);
        let run = world.tags(&["apply", "plan.json"]);
        assert_eq!(run.code, 0, "on {:?}: {run:?}", world.backend);
        world.assert_pullable("demo", &new);
        world.assert_gone(&other);
    });
}
