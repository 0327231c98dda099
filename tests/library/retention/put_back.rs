//! Times from a journal: what was put back is as old as it was, and nothing else grows older by one.

use chrono::{DateTime, Utc};
use tags::model::RestoredManifest;

use crate::retention::scene::{Scene, days_ago, digest, policy};

/// When a manifest of DOCR that was pushed so many days ago was pushed, after a journal was heard.
fn pushed(days: i64, time: i64, undone: (i64, i64)) -> Option<DateTime<Utc>> {
    let mut scene = Scene::new(policy("", "")).image("backend@docr", 1, &["pr-1"], days);
    let repository = scene.at("backend@docr").repository.clone();
    let put_back = RestoredManifest {
        repository,
        digest: digest(1),
        time: days_ago(time),
        undone: (days_ago(undone.0), days_ago(undone.1)),
    };
    scene.contents.correct_times(&[put_back]);
    let record = &scene.at("backend@docr").manifests[0];
    assert_eq!(record.pushed, record.tags[0].pushed);
    record.pushed
}

#[test]
fn what_was_put_back_is_as_old_as_it_was() {
    assert_eq!(pushed(2, 60, (3, 2)), Some(days_ago(60)));
    assert_eq!(pushed(1, 60, (3, 2)), Some(days_ago(1)), "pushed after the undo");
}

#[test]
fn a_journal_that_no_undo_can_have_written_makes_nothing_older() {
    assert_eq!(pushed(7, 9000, (36_500, 0)), Some(days_ago(7)), "a window of a century");
    assert_eq!(pushed(7, 40_000, (36_500, 0)), Some(days_ago(7)), "a window after a push long ago");
    assert_eq!(pushed(7, 9000, (6, 8)), Some(days_ago(7)), "a window that ends before it begins");
    assert_eq!(pushed(7, 7, (8, 7)), Some(days_ago(7)), "a push after the undo began");
}
