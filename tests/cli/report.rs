//! `tags report`: one page with everything, and the same values as JSON.

mod browser;

use std::fs;

use chrono::TimeDelta;

use self::browser::Scheme;
use crate::runs::bad;
use crate::runs::scene::{LINE, Scene};
use crate::support::{backend, github, tag};
use crate::world::{MID, NEW, OLD, World};

/// A time after everything that the worlds hold.
const AT: &str = "2026-01-12T12:00:00Z";

/// Three releases of which one is incomplete, and a pipeline in which much went wrong.
fn scene() -> Scene {
    let scene = Scene::new(&bad());
    scene.world.east.store().remove_tag(&backend(), &tag(&format!("prod-{MID}")));
    scene.policy(|text| {
        text + "\n[[retention]]\nenvironments = [\"prod\"]\nkeep-last = 1\n[protect]\nrollback-depth = 1\nmin-age = \"0s\"\n"
    })
}

fn fault(world: &World, text: &str) {
    world.east.faults().add(text.parse().expect("a fault"));
}

#[test]
fn the_page_has_every_part_and_needs_nothing_else() {
    let scene = scene();
    let report = scene.tags(&["report", "--out", "page.html", "--at", AT]);
    assert_eq!(report.code, 0, "{report:?}");
    assert!(
        report.stdout.contains("prod: bbbbbbbbbbbb is current, 3 days ago (built)"),
        "{report:?}"
    );
    let page = scene.world.home.read("page.html");
    for part in [
        "content=\"default-src 'none'; style-src 'unsafe-inline'",
        "bbbbbbbbbbbb is current, 3 days ago (built), and whole; a rollback goes to cccccccccccc",
        "3/4 <span class=\"bad\">no backend in east</span>",
        "the rollback floor ends here",
        "2026-01-09",
        "migrate-killed",
        "4 of 4 repositories were read completely",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    for never in ["<script", "<img", "<link", "src=", "@import", "url(", "<iframe", LINE] {
        assert!(!page.contains(never), "{never}");
    }
    // The same input and time make the same bytes.
    scene.tags(&["report", "--out", "again.html", "--at", AT, "--no-cache"]);
    assert_eq!(page, scene.world.home.read("again.html"));
}

#[test]
fn the_values_are_those_of_the_page() {
    let scene = scene();
    let report = scene.tags(&["report", "--format", "json", "--at", AT]);
    assert_eq!(report.code, 0, "{report:?}");
    let json = report.json();
    let head = (&json["command"], &json["outcome"], &json["at"]);
    assert_eq!(head, (&"report".into(), &"ok".into(), &"2026-01-12T12:00:00Z".into()));
    let prod = &json["environments"][0];
    assert_eq!(prod["current_is"], "whole");
    assert_eq!(prod["rollback"]["target"]["sha"], OLD);
    assert_eq!(prod["rollback_floor"], serde_json::json!([OLD]));
    assert_eq!(prod["list"]["releases"].as_array().map(Vec::len), Some(3));
    assert_eq!(json["runs"]["environments"][0]["rates"]["runs"], 11);
    let plan = &json["plan"];
    let sum = |of: &str| -> u64 {
        let repositories = plan["repositories"].as_array().expect("a list");
        repositories.iter().map(|one| one[of]["manifests"].as_u64().expect("a number")).sum()
    };
    assert_eq!(plan["totals"]["delete"], sum("delete"));
    assert_eq!(plan["totals"]["keep"], sum("keep"));
    // It is what `tags cleanup` plans.
    let cleanup = scene.tags(&["cleanup", "--format", "json", "--at", AT]).json();
    assert_eq!(plan["totals"], cleanup["totals"]);
}

#[test]
fn what_could_not_be_read_is_a_hole_with_its_reason() {
    for (text, code) in [("500*always", 3), ("403*always", 4)] {
        let world = World::filled();
        fault(&world, text);
        let report = world.tags(&["report", "--out", "page.html"]);
        assert_eq!(report.code, code, "{report:?}");
        let page = world.home.read("page.html");
        assert!(page.contains("<h2>Not read</h2>") && page.contains("unknown: backend in east"));
        assert!(page.contains("2/4") && page.contains("read in part: all of it stays"), "{page}");
        assert!(!page.contains("class=\"bad\">no "), "unread is not missing: {page}");
        let json = world.tags(&["report", "--format", "json"]).json();
        assert_eq!(json["outcome"], "unknown");
        assert!(json["unread"].as_array().is_some_and(|unread| !unread.is_empty()));
    }
    let world = World::filled();
    world.west.faults().add("500*always".parse().expect("a fault"));
    fault(&world, "drop*always");
    let report = world.tags(&["report", "--out", "page.html"]);
    assert_eq!(report.code, 3, "{report:?}");
    assert!(world.home.read("page.html").contains("Nothing could be read."));
}

#[test]
fn a_reviewed_plan_is_shown_instead_of_a_new_one() {
    let scene = scene();
    assert_eq!(scene.tags(&["cleanup", "--out", "plan.json"]).code, 0);
    let report = scene.tags(&["report", "--out", "page.html", "--plan", "plan.json"]);
    assert_eq!(report.code, 0, "{report:?}");
    let page = scene.world.home.read("page.html");
    assert!(page.contains("<code>plan.json</code>, made just now"), "{page}");
    assert!(page.contains("the rollback floor ends here"));
    let then = ["report", "--out", "page.html", "--plan", "plan.json", "--at", "2030-01-01"];
    assert_eq!(scene.tags(&then).code, 0);
    assert!(!scene.world.home.read("page.html").contains("made just now"));
    let planned = scene.tags(&["cleanup", "--format", "json"]).json();
    let shown = scene.tags(&["report", "--format", "json", "--plan", "plan.json"]).json();
    assert_eq!(shown["plan"]["totals"], planned["totals"]);
    let mistaken = scene.tags(&["report", "--out", "other.html", "--plan", "page.html"]);
    assert_eq!(mistaken.code, 2, "{mistaken:?}");
    assert!(!scene.world.home.path().join("other.html").exists());
}

#[test]
fn a_plan_of_another_policy_is_told_first_and_never_taken_for_this_ones() {
    let scene = scene();
    assert_eq!(scene.tags(&["cleanup", "--out", "plan.json"]).code, 0);
    let scene = scene.policy(|text| text + "\n# Looked through.\n");
    let words = ["report", "--out", "page.html", "--plan", "plan.json", "--metrics", "tags.prom"];
    let report = scene.tags(&words);
    assert_eq!(report.code, 5, "{report:?}");
    let said = "error: the plan plan.json was made with another policy file";
    assert!(report.stdout.starts_with(said) && report.stderr.contains(said), "{report:?}");
    let page = scene.world.home.read("page.html");
    let banner = page.find("made with another policy file").expect("a banner");
    assert!(banner < page.find("class=\"cards\"").expect("cards"), "{page}");
    assert_eq!(page.matches("made with another policy file").count(), 1);
    assert!(!page.contains("the rollback floor ends here"), "{page}");
    let metrics = scene.world.home.read("tags.prom");
    assert!(metrics.contains("tags_releases{") && !metrics.contains("tags_cleanup_manifests{"));
    let json = scene.tags(&["report", "--format", "json", "--plan", "plan.json"]);
    assert!(json.code == 5 && json.stderr.contains(said), "{json:?}");
    let json = json.json();
    assert_eq!(
        (&json["outcome"], &json["plan"]["of_this_policy"]),
        (&"refused".into(), &false.into())
    );
    assert_eq!(json["environments"][0]["rollback_floor"], serde_json::json!([]));
    let github =
        scene.tags(&["report", "--out", "page.html", "--format", "github", "--plan", "plan.json"]);
    assert!(github.stdout.starts_with("::error title=tags report::"), "{github:?}");
}

#[test]
fn moves_of_the_latest_tags_are_part_of_the_history() {
    let world = World::filled();
    let rollback = world.tags(&["rollback", "prod", "--to", OLD, "--apply", "--yes"]);
    assert_eq!(rollback.code, 0, "{rollback:?}");
    let json = world.tags(&["report", "--out", "page.html", "--format", "json"]).json();
    let moves = json["environments"][0]["moves"].as_array().expect("a list");
    assert_eq!(
        (moves.len(), &moves[0]["command"], &moves[0]["to"]),
        (1, &"rollback".into(), &OLD.into())
    );
    assert!(
        world.home.read("page.html").contains("latest tags moved, as this machine has on record")
    );
}

#[test]
fn without_a_file_only_the_values_can_be_printed() {
    let world = World::filled();
    let report = world.tags(&["report"]);
    assert_eq!(report.code, 2, "{report:?}");
    assert!(report.stderr.contains("--out FILE.html"));
    let nowhere = world.tags(&["report", "--out", "nowhere/page.html"]);
    assert_eq!(nowhere.code, 2, "{nowhere:?}");
    assert_eq!(world.tags(&["report", "prd", "--out", "page.html"]).code, 2);
    let page = world.tags(&["report", "--out", "/dev/stdout"]);
    assert!(page.stdout.starts_with("<!DOCTYPE html>") && page.stdout.ends_with("</html>"));
}

/// What a registry, a run's name and a file's name say is shown as text.
#[test]
fn hostile_words_are_text_on_the_page() {
    let world = World::filled();
    let words = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    let name = "plan <script>\u{202e}.json";
    assert_eq!(world.tags(&["cleanup", "--out", name]).code, 0);
    let report = world.tags(&["report", "--out", "page.html", "--plan", name]);
    assert_eq!(report.code, 0, "{report:?}");
    let page = world.home.read("page.html");
    assert!(
        page.contains("plan &lt;script&gt;\\u{202e}.json") && !page.contains("<script"),
        "{page}"
    );

    let pipeline = tags::sandbox::github::Pipeline::default();
    let run = tags::sandbox::github::PipelineRun::push(NEW, crate::runs::scene::start());
    let run = run.job(crate::runs::scene::DEPLOY, 60, tags::model::Conclusion::Failure);
    pipeline.add(run.job(&format!("migrate {words}"), 60, tags::model::Conclusion::Failure));
    let scene = Scene::new(&pipeline);
    let report = scene.tags(&["report", "--out", "page.html"]);
    assert_eq!(report.code, 0, "{report:?}");
    let page = scene.world.home.read("page.html");
    assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
    assert!(!page.contains(github::TOKEN));
}

#[test]
fn nothing_overflows_in_light_dark_and_on_a_phone() {
    let scene = scene();
    for day in 3..40 {
        scene.world.release(&format!("{day:040x}"), TimeDelta::days(day));
    }
    // The newest release is pushed last, so that it is current.
    scene.world.release(NEW, TimeDelta::days(1));
    fault(&scene.world, "500@/acme/frontend/tags*always");
    let report = scene.tags(&["report", "--out", "page.html", "--at", AT]);
    assert_eq!(report.code, 3, "{report:?}");
    let page = scene.world.home.path().join("page.html");
    let views =
        [(1280, Scheme::Light), (1280, Scheme::Dark), (700, Scheme::Light), (360, Scheme::Dark)];
    let mut pictures = Vec::new();
    for (width, scheme) in views {
        let Some(seen) = browser::look(&page, width, scheme) else { return };
        assert_eq!(seen.overflowing, Vec::<String>::new(), "at {width}");
        assert!(seen.height > 1500, "{}", seen.height);
        pictures.push(seen.picture);
    }
    assert!(
        pictures.iter().all(|picture| picture.starts_with(b"\x89PNG") && picture.len() > 20_000)
    );
    assert_ne!(pictures[0], pictures[1], "light and dark are the same");
    assert!(!fs::read_to_string(page).expect("a page").contains("javascript:"));
}
