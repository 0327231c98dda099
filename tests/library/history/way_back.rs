//! Which releases a rollback can go to, and why it skips the others.

use tags::model::UnreadCause;

use crate::history::scene::Scene;

const A: &str = "ddddddd1";
const B: &str = "aaaaaaa2";
const C: &str = "ccccccc3";
const D: &str = "bbbbbbb4";

/// Four releases, D the newest and current.
fn scene(extra: &str) -> Scene {
    Scene::new(extra)
        .release(A, Some("2026-01-01T00:00:00Z"))
        .release(B, Some("2026-01-02T00:00:00Z"))
        .release(C, Some("2026-01-03T00:00:00Z"))
        .release(D, Some("2026-01-04T00:00:00Z"))
        .latest(D)
}

fn tag(sha: &str) -> String {
    format!("prod-{sha}")
}

#[test]
fn the_way_back_is_newest_first_and_never_leads_to_the_current_or_a_newer_release() {
    assert_eq!(scene("").way_back(), [C, B, A]);
    let rolled_back = scene("").latest(B);
    assert_eq!(rolled_back.way_back(), [A]);
}

#[test]
fn each_reason_to_skip_a_release_has_its_code() {
    let incomplete = scene("").without(("backend", "west"), &tag(C));
    assert_eq!(incomplete.way_back(), [format!("{C} incomplete"), B.into(), A.into()]);
    let bad = scene(&format!("bad-shas = [\"{}\"]", &C[..7]));
    assert_eq!(bad.way_back(), [format!("{C} marked-bad"), B.into(), A.into()]);
    let differing = scene("").other(("backend", "west"), &tag(C), "another build");
    assert_eq!(differing.way_back(), [format!("{C} digest-differs"), B.into(), A.into()]);
    let same = scene("").tagged(&tag(C), D, Some("2026-01-03T00:00:00Z"));
    assert_eq!(same.way_back(), [format!("{C} same-content"), B.into(), A.into()]);
    let untimed = Scene::new("")
        .release(A, Some("2026-01-01T00:00:00Z"))
        .release(B, None)
        .release(D, Some("2026-01-04T00:00:00Z"))
        .latest(D);
    assert_eq!(untimed.way_back(), [format!("{B} time-unknown"), A.into()]);
}

#[test]
fn digests_may_differ_where_the_policy_says_so() {
    let scene = scene("same-digest = false").other(("backend", "west"), &tag(C), "another build");
    assert_eq!(scene.way_back(), [C, B, A]);
}

#[test]
fn of_two_good_releases_with_one_time_neither_is_taken() {
    let time = Some("2026-01-02T00:00:00Z");
    let tied = || {
        Scene::new("")
            .release(A, Some("2026-01-01T00:00:00Z"))
            .release(B, time)
            .release(C, time)
            .release(D, Some("2026-01-04T00:00:00Z"))
            .latest(D)
    };
    assert_eq!(
        tied().way_back(),
        [format!("{B} time-unknown"), format!("{C} time-unknown"), A.into()]
    );
    // If only one of them is good, which is newer does not matter.
    let one_good = tied().without(("frontend", "*"), &tag(C));
    assert_eq!(one_good.way_back(), [B.to_owned(), format!("{C} incomplete"), A.to_owned()]);
    // A release as old as the current one may be newer.
    let with_current = Scene::new("").release(A, time).release(B, time).latest(B);
    assert_eq!(with_current.way_back(), [format!("{A} time-unknown")]);
}

#[test]
fn a_release_is_good_when_every_registry_that_answered_has_all_of_it() {
    let down = scene("").unread("west", UnreadCause::Unreachable);
    assert_eq!(down.way_back(), [C, B, A]);
    let lacking =
        scene("").without(("backend", "east"), &tag(C)).unread("west", UnreadCause::Credentials);
    assert_eq!(lacking.way_back(), [format!("{C} incomplete"), B.into(), A.into()]);
}

#[test]
fn a_release_that_no_registry_could_show_whole_stops_the_way_back() {
    let listed = scene("").tag_unread(("backend", "*"), &tag(C));
    assert_eq!(listed.way_back(), [format!("{C} unread"), B.into(), A.into()]);
    // One registry that shows it is enough; one that lacks it settles it too.
    let shown = scene("").tag_unread(("backend", "east"), &tag(C));
    assert_eq!(shown.way_back(), [C, B, A]);
    let lacking =
        scene("").tag_unread(("backend", "east"), &tag(C)).without(("backend", "west"), &tag(C));
    assert_eq!(lacking.way_back(), [format!("{C} incomplete"), B.into(), A.into()]);
    // Its time is that of the copies that were not read, so it may be anywhere.
    let everywhere = scene("").tag_unread(("*", "*"), &tag(B));
    assert_eq!(everywhere.way_back(), [format!("{B} unread"), C.into(), A.into()]);
}

#[test]
fn an_objection_is_reported_before_an_unknown_time() {
    let same = Scene::new("")
        .release(A, Some("2026-01-01T00:00:00Z"))
        .tagged(&tag(B), D, Some("2026-01-04T00:00:00Z"))
        .release(D, Some("2026-01-04T00:00:00Z"))
        .latest(D);
    let current =
        same.current(tags::releases::CurrentQuestion::LatestTags).expect("a current release");
    let sha = current.sha(&same.timeline()).to_string();
    let other = if sha == B { D } else { B };
    assert_eq!(same.way_back(), [format!("{other} same-content"), A.into()]);
}

#[test]
fn a_bad_sha_counts_for_tags_that_are_shorter() {
    let scene = scene(&format!("bad-shas = [\"{C}0000000000000000000000000000000\"]"));
    assert_eq!(scene.way_back(), [format!("{C} marked-bad"), B.into(), A.into()]);
}
