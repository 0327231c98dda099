//! A plan written and read again is the same plan, and whatever is none is refused.

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};
use tags::model::{Digest, TagName};
use tags::report::{Cleanup, CleanupCommand, Format, Report};
use tags::retention::{
    Decision, DeleteCode, KeepCode, Plan, PlanEntry, PlanFile, PlanFileError, PlanOutcome, Reason,
    ReasonCode, RuleName, plan_file,
};

use crate::reports::world::{World, policy, text};

fn read(value: &Value) -> Result<PlanFile, PlanFileError> {
    plan_file::read(&value.to_string(), &policy())
}

fn in_json(cleanup: Cleanup) -> String {
    text(&Report::Cleanup(cleanup), Format::Json)
}

/// The file of the shared plan.
fn file() -> Value {
    let world = World::new().broken();
    let text = in_json(world.cleanup());
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn a_plan_comes_back_as_it_went() {
    let mut world = World::new().broken();
    let text = in_json(world.cleanup());
    let read = plan_file::read(&format!("\u{feff}{text}"), &world.policy).expect("a plan");
    world.plan.environments.clear();
    world.plan.warnings.clear();
    assert_eq!(read.plan, world.plan);
    assert_eq!(read.outcome, PlanOutcome::Partial);
}

#[test]
fn a_refused_plan_says_so_when_it_is_read() {
    let world = World::new();
    let refusals = world.refusals();
    let cleanup = Cleanup { refusals, ..world.cleanup() };
    let text = in_json(cleanup);
    let read = plan_file::read(&text, &world.policy).expect("a plan");
    assert_eq!(read.outcome, PlanOutcome::Refused);
    assert!(read.refusals[0].starts_with("612 manifests"));
}

#[test]
fn the_report_of_an_apply_is_no_plan() {
    let world = World::new();
    let cleanup = Cleanup { command: CleanupCommand::Apply, ..world.cleanup() };
    let text = in_json(cleanup);
    let error = plan_file::read(&text, &world.policy).expect_err("no plan");
    assert_eq!(error, PlanFileError::Command("apply".to_owned()));
}

#[test]
fn what_cannot_be_a_plan_is_refused() {
    let entry = file()["entries"][0].clone();
    let edits: [(&str, Value, &str); 21] = [
        ("/version", json!(2), "version 2"),
        ("/command", json!("verify"), "`tags verify`"),
        ("/outcome", json!("fine"), "unknown variant"),
        ("/created", json!("yesterday"), "RFC 3339"),
        ("/policy", json!("sha256:1"), "not a digest"),
        ("/coverage/0/repository", json!("ghcr.io/else/where"), "not a repository of the policy"),
        ("/coverage/1/cause", json!("weather"), "unknown cause"),
        ("/coverage/1/complete", json!(true), "contradicts"),
        ("/entries/0/registry", json!("ghcr"), "not a repository of the policy"),
        ("/entries/0/digest", json!("latest"), "not a digest"),
        ("/entries/0/digest", json!("sha256:../../x"), "not a digest"),
        ("/entries/0/tags", json!(["-rf"]), "not a tag"),
        ("/entries/0/tags", json!(["a", "a"]), "twice"),
        ("/entries/0/decision", json!("destroy"), "unknown decision"),
        ("/entries/0/reason/code", json!("boredom"), "unknown reason code"),
        ("/entries/0/image", json!("../x"), "not a name"),
        ("/entries/0/bytes", json!(-1), "invalid value"),
        ("/entries/0/time", json!("noon"), "RFC 3339"),
        ("/entries/0/untag", json!(["prod-latest"]), "must be empty"),
        ("/entries/1", entry, "twice"),
        ("/entries/0/reason", json!({"code": "latest-tag"}), "missing field"),
    ];
    for (pointer, new, expected) in edits {
        let mut file = file();
        *file.pointer_mut(pointer).expect(pointer) = new.clone();
        let error = read(&file).expect_err(pointer).to_string();
        assert!(error.contains(expected), "{pointer} = {new}: {error}");
    }
}

#[test]
fn a_decision_against_its_own_reason_is_refused() {
    for (from, to) in
        [("keep", "delete"), ("delete", "keep"), ("untag", "delete"), ("keep", "untag")]
    {
        let mut file = file();
        let entries = file["entries"].as_array_mut().expect("entries");
        let entry = entries.iter_mut().find(|entry| entry["decision"] == from).expect(from);
        entry["decision"] = json!(to);
        assert!(read(&file).is_err(), "{from} to {to}");
    }
}

#[test]
fn what_is_not_known_is_refused_with_its_place() {
    let mut file = file();
    file["entries"][0]["unless"] = json!("it rains");
    let text = serde_json::to_string_pretty(&file).expect("JSON");
    let error = plan_file::read(&text, &policy()).expect_err("an unknown field");
    assert!(
        matches!(&error, PlanFileError::Json { line, column, .. } if *line > 10 && *column > 0)
    );
    assert!(error.to_string().contains("`unless`"), "{error}");
    for text in ["", "{", "[]", "null", "{\"version\":1}", &text[..text.len() / 2]] {
        let error = plan_file::read(text, &policy()).expect_err(text);
        assert!(matches!(error, PlanFileError::Json { .. }), "{error}");
    }
}

fn times() -> impl Strategy<Value = Option<DateTime<Utc>>> {
    let seconds = prop::option::of((0_i64..4_000_000_000, 0_u32..1_000_000_000));
    seconds.prop_map(|at| at.and_then(|(seconds, nanos)| DateTime::from_timestamp(seconds, nanos)))
}

fn reasons() -> impl Strategy<Value = Reason> {
    let codes = prop_oneof![
        prop::sample::select(KeepCode::ALL.to_vec()).prop_map(ReasonCode::Keep),
        prop::sample::select(DeleteCode::ALL.to_vec()).prop_map(ReasonCode::Delete),
    ];
    let rules = prop::option::of((0_usize..9).prop_map(RuleName::retention));
    (codes, rules, ".*").prop_map(|(code, rule, message)| Reason { code, rule, message })
}

/// What happens to a manifest, by its reason; some that stay lose their first tag.
fn decision(code: ReasonCode, tags: &[TagName]) -> Decision {
    match code {
        ReasonCode::Delete(_) => Decision::Delete,
        ReasonCode::Keep(KeepCode::DigestSharedWithKept) if tags.len() > 1 => {
            Decision::Untag(tags[..1].to_vec())
        }
        ReasonCode::Keep(_) => Decision::Keep,
    }
}

fn entries() -> impl Strategy<Value = PlanEntry> {
    let tags = prop::collection::btree_set("[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", 0..4);
    let parts = (0_usize..4, any::<u64>(), tags, reasons(), any::<Option<u64>>(), times());
    parts.prop_map(|(place, seed, tags, reason, bytes, time)| {
        let (repository, image) =
            policy().repositories.into_iter().nth(place).expect("four repositories");
        let tags: Vec<_> = tags.iter().map(|tag| TagName::parse(tag).expect("a tag")).collect();
        PlanEntry {
            image: Some(image),
            repository,
            digest: Digest::of(&seed.to_le_bytes()),
            decision: decision(reason.code, &tags),
            tags,
            reason,
            bytes,
            stored: bytes.unwrap_or(0),
            time,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn every_plan_comes_back_as_it_went(
        mut entries in prop::collection::vec(entries(), 0..12),
        created in times(),
    ) {
        entries.sort_by(|a, b| {
            (&a.repository, b.time, &a.digest).cmp(&(&b.repository, a.time, &b.digest))
        });
        entries.dedup_by(|a, b| (&a.repository, &a.digest) == (&b.repository, &b.digest));
        let mut world = World::new();
        world.plan = Plan {
            entries,
            created: created.unwrap_or_default(),
            environments: Vec::new(),
            warnings: Vec::new(),
            ..world.plan
        };
        let text = in_json(world.cleanup());
        let read = plan_file::read(&text, &world.policy).expect("a plan");
        prop_assert_eq!(read.plan, world.plan);
    }
}
