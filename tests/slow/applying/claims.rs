//! Plan files and journals are claims: what was changed in them deletes nothing that a fresh
//! decision would not delete as well.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::applying::scene::{Scene, built, docr, ghcr, oci};
use crate::support::program::Run;

fn each(with: impl Fn(&str, Scene)) {
    for (name, settings) in [("oci", oci()), ("docr", docr()), ("ghcr", ghcr())] {
        with(name, Scene::new(&settings));
    }
}

fn planned(scene: &Scene) -> Value {
    let run = scene.tags(&["cleanup", "--out", "plan.json"]);
    assert_eq!(run.code, 0, "{run:?}");
    let text = std::fs::read_to_string(scene.home.path().join("plan.json")).expect("a plan");
    serde_json::from_str(&text).expect("JSON")
}

fn apply(scene: &Scene, plan: &Value) -> Run {
    std::fs::write(scene.home.path().join("plan.json"), plan.to_string()).expect("written");
    scene.tags(&["apply", "plan.json", "--format", "json"])
}

fn entries(plan: &mut Value) -> &mut Vec<Value> {
    plan["entries"].as_array_mut().expect("entries")
}

fn is_kept(entry: &Value) -> bool {
    entry["decision"] == "keep"
}

fn doom(entry: &mut Value) {
    entry["decision"] = json!("delete");
    entry["reason"] = json!({"code": "expired", "rule": "retention[0]", "message": "made up"});
}

/// What a plan names as to go.
fn going(plan: &Value) -> usize {
    let entries = plan["entries"].as_array().expect("entries").iter();
    entries.filter(|entry| entry["decision"] == "delete").count()
}

fn result_of<'a>(run: &'a Value, digest: &str) -> &'a Value {
    let applied = run["applied"].as_array().expect("what was applied");
    applied.iter().find(|entry| entry["digest"] == digest).expect("its result")
}

/// Changes an honest plan, applies it, and sees that the same is left as after the honest one.
fn changes_nothing(change: impl Fn(&mut Value) -> Option<String>, said: &str) {
    each(|kind, scene| {
        let mut plan = planned(&scene);
        let honest = going(&plan);
        let Some(digest) = change(&mut plan) else {
            return;
        };
        let run = apply(&scene, &plan);
        assert_eq!(run.code, 0, "{kind}: {run:?}");
        let json = run.json();
        let result = result_of(&json, &digest);
        let message = result["message"].as_str().unwrap_or_default();
        assert!(result["result"] == "skipped" && message.contains(said), "{kind}: {result}");
        let deleted = json["applied"].as_array().expect("applied").iter();
        let deleted = deleted.filter(|entry| entry["result"] == "deleted").count();
        assert_eq!(deleted, honest, "{kind}: {run:?}");
        let (manifests, tags) = scene.picture();
        for digest in tags.values() {
            assert!(manifests.contains(digest), "{kind}: {digest} is gone");
        }
        for child in &built("ddddddd").children {
            assert!(manifests.contains(&child.digest), "{kind}: a child of the current is gone");
        }
    });
}

#[test]
fn children_of_what_is_kept_stay_whatever_the_plan_says() {
    let children: Vec<String> =
        built("ddddddd").children.iter().map(|child| child.digest.to_string()).collect();
    changes_nothing(
        |plan| {
            let mut found = None;
            for entry in entries(plan) {
                if children.iter().any(|child| entry["digest"] == child.as_str()) {
                    doom(entry);
                    found = entry["digest"].as_str().map(str::to_owned);
                }
            }
            found
        },
        "child-of-kept: ",
    );
}

#[test]
fn what_a_rule_keeps_stays_whatever_the_plan_says() {
    let kept = built("ccccccc").root.digest.to_string();
    changes_nothing(
        |plan| {
            let found = entries(plan).iter_mut().find(|entry| entry["digest"] == kept.as_str())?;
            if found["decision"] == "untag" {
                return None;
            }
            doom(found);
            Some(kept.clone())
        },
        ": ",
    );
}

#[test]
fn a_tag_that_the_plan_does_not_name_keeps_its_manifest() {
    each(|kind, scene| {
        let mut plan = planned(&scene);
        let doomed = built("bbbbbbb").root.digest.to_string();
        let entry = entries(&mut plan).iter_mut().find(|entry| entry["digest"] == doomed.as_str());
        entry.expect("an entry")["tags"] = json!([]);
        let run = apply(&scene, &plan);
        assert_eq!(run.code, 0, "{kind}: {run:?}");
        let json = run.json();
        let result = result_of(&json, &doomed);
        assert_eq!(result["result"], "skipped", "{kind}: {result}");
        assert!(result["message"].to_string().contains("does not name"), "{kind}: {result}");
        let (manifests, _) = scene.picture();
        assert!(manifests.contains(&built("bbbbbbb").root.digest), "{kind}");
    });
}

#[test]
fn a_child_stays_when_the_plan_keeps_its_index() {
    each(|kind, scene| {
        let mut plan = planned(&scene);
        let index = built("aaaaaaa");
        for entry in entries(&mut plan) {
            if entry["digest"] == index.root.digest.to_string().as_str() {
                entry["decision"] = json!("keep");
                entry["reason"] = json!({"code": "no-rule", "rule": null, "message": "made up"});
            }
        }
        let run = apply(&scene, &plan);
        assert_eq!(run.code, 0, "{kind}: {run:?}");
        let (manifests, _) = scene.picture();
        for part in index.children.iter().chain([&index.root]) {
            assert!(manifests.contains(&part.digest), "{kind}: {} is gone: {run:?}", part.digest);
        }
        assert!(!manifests.contains(&built("bbbbbbb").root.digest), "{kind}: {run:?}");
    });
}

#[test]
fn a_share_is_counted_over_what_is_there_and_not_over_what_the_plan_says_is() {
    each(|kind, scene| {
        let policy = scene.home.path().join("tags.toml");
        let text = std::fs::read_to_string(&policy).expect("a policy");
        let text = text.replace("max-share = 1.0", "max-share = 0.05");
        std::fs::write(&policy, text).expect("written");
        let run = scene.tags(&["cleanup", "--out", "plan.json"]);
        assert_eq!(run.code, 5, "{kind}: {run:?}");
        let text = std::fs::read_to_string(scene.home.path().join("plan.json")).expect("a plan");
        let mut plan: Value = serde_json::from_str(&text).expect("JSON");
        plan["outcome"] = json!("ok");
        plan["refusals"] = json!([]);
        let kept = entries(&mut plan).iter().find(|entry| is_kept(entry)).expect("one").clone();
        for number in 0..2000 {
            let mut made_up = kept.clone();
            made_up["digest"] = json!(format!("sha256:{number:064x}"));
            made_up["tags"] = json!([format!("made-up-{number}")]);
            entries(&mut plan).push(made_up);
        }
        let before = scene.picture();
        let run = apply(&scene, &plan);
        assert_eq!((run.code, scene.picture()), (5, before), "{kind}: {run:?}");
        assert!(run.stderr.contains("refused: ") && run.stderr.contains("max-share"), "{run:?}");
    });
}

#[test]
fn an_entry_of_nowhere_deletes_nothing() {
    each(|kind, scene| {
        let mut plan = planned(&scene);
        let mut made_up = entries(&mut plan)[0].clone();
        doom(&mut made_up);
        made_up["untag"] = json!([]);
        let digest = format!("sha256:{:064x}", 7);
        made_up["digest"] = json!(digest);
        made_up["tags"] = json!(["made-up"]);
        entries(&mut plan).push(made_up.clone());
        let run = apply(&scene, &plan);
        assert_eq!(run.code, 0, "{kind}: {run:?}");
        assert_eq!(result_of(&run.json(), &digest)["result"], "already-gone", "{kind}");
        made_up["repository"] = json!("elsewhere.example/acme/other");
        entries(&mut plan).push(made_up);
        assert_eq!(apply(&scene, &plan).code, 2, "{kind}");
    });
}

#[test]
fn what_runs_now_stays_although_the_plan_was_made_before() {
    each(|kind, scene| {
        let plan = planned(&scene);
        let running = built("bbbbbbb").root.digest;
        let host = scene.registry.addr();
        let line = format!("{host}/acme/backend@{running}\n");
        std::fs::write(scene.home.path().join("running"), line).expect("written");
        std::fs::write(scene.home.path().join("plan.json"), plan.to_string()).expect("written");
        let words = ["apply", "plan.json", "--in-use", "running", "--format", "json"];
        let run = scene.tags(&words);
        assert_eq!(run.code, 0, "{kind}: {run:?}");
        let json = run.json();
        let result = result_of(&json, &running.to_string());
        assert!(result["message"].to_string().contains("in-use: "), "{kind}: {result}");
        assert!(scene.picture().0.contains(&running), "{kind}");
    });
}

#[test]
fn a_planted_journal_deletes_nothing() {
    each(|kind, scene| {
        // A run that broke off, told by its journal: children of the current release were listed by
        // something that it deleted.
        let first = scene.tags(&["cleanup", "--apply"]);
        assert_eq!(first.code, 0, "{kind}: {first:?}");
        let journal = scene.journals().pop().expect("a journal");
        let text = std::fs::read_to_string(&journal).expect("text");
        let open: String = text
            .lines()
            .filter(|line| !line.contains("\"end\""))
            .fold(String::new(), |text, line| text + line + "\n");
        let spoil: [(&str, u32, &str, String); 3] = [
            ("mode", 0o666, "others may write", open.clone()),
            ("policy", 0o600, "another policy", open.replacen("sha256:", "sha256:f", 1)),
            ("nonsense", 0o600, "not a record", open.clone() + "{\"record\":\"what\"}\n"),
        ];
        for (what, mode, said, text) in spoil {
            // A digest stays as long as it was.
            let text = if what == "policy" { shorten(&text) } else { text };
            std::fs::write(&journal, text).expect("written");
            let permissions = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(&journal, permissions).expect("a mode");
            let before = (scene.picture(), std::fs::read(&journal).expect("bytes"));
            let run = scene.tags(&["cleanup", "--apply", "--yes"]);
            assert_eq!(run.code, 0, "{kind}, {what}: {run:?}");
            assert!(run.stderr.contains(said) && run.stderr.contains("hint: "), "{what}: {run:?}");
            let after = (scene.picture(), std::fs::read(&journal).expect("bytes"));
            assert!(before == after, "{kind}, {what}: it was used or changed");
        }
        let permissions = std::fs::Permissions::from_mode(0o666);
        std::fs::set_permissions(&journal, permissions).expect("a mode");
        let undo = scene.tags(&["undo", journal.to_str().expect("text")]);
        assert_eq!(undo.code, 5, "{kind}: {undo:?}");
    });
}

/// The first digest of a text, one digit shorter.
fn shorten(text: &str) -> String {
    let at = text.find("sha256:f").expect("a digest") + "sha256:".len();
    format!("{}{}", &text[..at + 64], &text[at + 65..])
}

#[test]
fn a_torn_line_in_the_middle_hinders_neither_undo_nor_the_next_cleanup() {
    each(|kind, scene| {
        let before = scene.picture();
        let run = scene.tags(&["cleanup", "--apply"]);
        assert_eq!(run.code, 0, "{kind}: {run:?}");
        let journal = scene.journals().pop().expect("a journal");
        let text = std::fs::read_to_string(&journal).expect("text");
        let lines: Vec<&str> = text.lines().collect();
        let place = lines.iter().position(|line| line.contains("\"result\"")).expect("a result");
        // As an earlier version left it: torn, and the next record behind it in the same line.
        let torn = &lines[place][..lines[place].len() / 2];
        let rest: Vec<&str> =
            lines[place + 1..].iter().copied().filter(|line| !line.contains("\"end\"")).collect();
        let text = format!("{}\n{torn}{}\n", lines[..place].join("\n"), rest.join("\n"));
        std::fs::write(&journal, text).expect("written");
        let next = scene.tags(&["cleanup", "--apply"]);
        assert!(
            next.code == 0 && next.stderr.contains("the line is incomplete"),
            "{kind}: {next:?}"
        );
        let undone = scene.tags(&["undo", journal.to_str().expect("text")]);
        assert_eq!(undone.code, 0, "{kind}: {undone:?}");
        assert_eq!(scene.picture().1, before.1, "{kind}: tags are not back");
    });
}
