//! Releases are ordered by time or by git, and never by name.

use crate::history::scene::Scene;

const A: &str = "aaaaaaa1";
const B: &str = "bbbbbbb2";
const C: &str = "ccccccc3";

fn order(scene: &Scene) -> Vec<(String, Option<usize>)> {
    let timeline = scene.timeline();
    let rank = |(index, sha)| (sha, timeline.rank(index));
    timeline
        .releases()
        .iter()
        .map(|release| release.sha.to_string())
        .enumerate()
        .map(rank)
        .collect()
}

fn expect(pairs: &[(&str, Option<usize>)]) -> Vec<(String, Option<usize>)> {
    pairs.iter().map(|(sha, rank)| ((*sha).to_owned(), *rank)).collect()
}

#[test]
fn the_newest_copy_is_a_releases_time_and_names_do_not_count() {
    let scene = Scene::new("")
        .release(C, Some("2026-01-01T00:00:00Z"))
        .release(A, Some("2026-01-02T00:00:00Z"))
        .release(B, Some("2026-01-03T00:00:00Z"));
    assert_eq!(order(&scene), expect(&[(B, Some(0)), (A, Some(1)), (C, Some(2))]));
}

#[test]
fn equal_times_are_a_tie_unless_git_knows_all_of_them() {
    let tied = |git: &[&str]| {
        let time = Some("2026-01-01T00:00:00Z");
        order(&Scene::new("").release(A, time).release(B, time).git(git))
    };
    assert_eq!(tied(&[]), expect(&[(A, Some(0)), (B, Some(0))]));
    assert_eq!(tied(&[A]), expect(&[(A, Some(0)), (B, Some(0))]));
    assert_eq!(tied(&[B, A]), expect(&[(B, Some(0)), (A, Some(1))]));
    assert_eq!(tied(&[A, B]), expect(&[(A, Some(0)), (B, Some(1))]));
}

#[test]
fn times_that_cannot_be_believed_are_unknown() {
    for time in ["1970-01-01T00:00:00Z", "1980-01-01T00:00:01Z", "2027-01-01T00:00:00Z"] {
        let scene = Scene::new("").release(A, Some(time)).release(B, Some("2026-01-01T00:00:00Z"));
        assert_eq!(order(&scene), expect(&[(B, Some(0)), (A, None)]), "{time}");
    }
}

#[test]
fn a_release_without_a_time_is_placed_by_git_when_git_knows_the_others_and_agrees() {
    let scene = |git: &[&str]| {
        Scene::new("")
            .release(A, Some("2026-01-01T00:00:00Z"))
            .release(B, None)
            .release(C, Some("2026-01-03T00:00:00Z"))
            .git(git)
    };
    assert_eq!(order(&scene(&[C, B, A])), expect(&[(C, Some(0)), (B, Some(1)), (A, Some(2))]));
    // Git does not know all, or contradicts the times: nobody can say where it belongs.
    for git in [&[B, A][..], &[A, B, C], &[]] {
        assert_eq!(order(&scene(git)), expect(&[(C, Some(0)), (A, Some(1)), (B, None)]), "{git:?}");
    }
}

#[test]
fn by_git_only_the_history_counts_and_short_shas_are_found() {
    let full = "aaaaaaa1aaaaaaa1aaaaaaa1aaaaaaa1aaaaaaa1";
    let scene = Scene::new("order = \"git\"")
        .release(A, Some("2026-01-03T00:00:00Z"))
        .release(B, Some("2026-01-02T00:00:00Z"))
        .release(C, Some("2026-01-01T00:00:00Z"))
        .git(&[B, full]);
    assert_eq!(order(&scene), expect(&[(B, Some(0)), (A, Some(1)), (C, None)]));
}

#[test]
fn tags_of_a_former_scheme_are_releases_of_the_same_history() {
    let scene = Scene::new("former-sha-tags = [\"production-{sha}\"]")
        .tagged(&format!("production-{A}"), A, Some("2026-01-01T00:00:00Z"))
        .release(B, Some("2026-01-02T00:00:00Z"))
        .latest(B);
    assert_eq!(scene.way_back(), [A]);
}
