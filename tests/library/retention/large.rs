//! Repositories that are so large that they are read in several parts.

use chrono::TimeDelta;
use tags::retention::{Decision, plan};

use million::{answers, contents, now, policy, with_input};

#[path = "../../../benches/million/mod.rs"]
mod million;

/// 20,000 manifests in each of four repositories.
const TAGS: usize = 80_000;

#[test]
fn each_manifest_is_judged_by_its_own_tag_and_age() {
    let policy = policy();
    let contents = contents(&policy, &answers(TAGS));
    let plan = with_input(&policy, &contents, plan);
    assert_eq!(plan.entries.len(), TAGS);
    for entry in &plan.entries {
        let time = entry.time.expect("a time");
        let is_deleted = entry.decision == Decision::Delete;
        assert_eq!(is_deleted, now() - time > TimeDelta::days(90), "{entry:?}");
        let sha = entry.tags.iter().find_map(|tag| tag.as_str().strip_prefix("prod-"));
        let short = &sha.expect("a SHA tag")[..12];
        let is_latest = entry.tags.len() == 2;
        assert!(is_latest || entry.reason.message.contains(short), "{entry:?}");
    }
}
