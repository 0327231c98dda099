//! What users see of a cleanup, whole, in every format.

use tags::report::{Cleanup, CleanupCommand, Detail, Format, Report, View};

use crate::reports::world::{WIDE, World, for_github, text};

const NARROW: View = View { width: Some(80), detail: Detail::Short, commits: None, checkout: None };

pub(crate) fn check(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, anstream::adapter::strip_str(text).to_string()));
}

fn human(report: &Report, view: View) -> String {
    Format::Human.text(report, view).expect("text")
}

#[test]
fn a_plan_in_every_format() {
    let world = World::new();
    let cleanup = Cleanup { plan_file: Some("plan.json".to_owned()), ..world.cleanup() };
    let report = Report::Cleanup(cleanup);
    check("plan-human-wide", &human(&report, WIDE));
    check("plan-human-120", &human(&report, View { width: Some(120), ..NARROW }));
    check("plan-human-80", &human(&report, NARROW));
    check("plan-human-40", &human(&report, View { width: Some(40), ..NARROW }));
    check("plan-markdown", &text(&report, Format::Markdown));
    check("plan-github", &for_github(&report));
}

#[test]
fn a_refused_plan_of_which_a_part_was_not_read() {
    let world = World::new().broken();
    let refusals = world.refusals();
    let cleanup = Cleanup { refusals, ..world.cleanup() };
    assert_eq!(cleanup.outcome().as_str(), "refused");
    let report = Report::Cleanup(cleanup);
    check("refused-human", end(&human(&report, NARROW)));
    check("refused-github", &text(&report, Format::Github));
}

#[test]
fn an_apply_in_which_every_result_occurs() {
    let world = World::new();
    let mut application = world.application();
    application.survivors[0].damage = Some("layer sha256:0123456789ab is missing".to_owned());
    application.survivors[1].unread = Some("no answer within 30s".to_owned());
    let cleanup = Cleanup {
        command: CleanupCommand::Apply,
        application: Some(application),
        journal: Some("/home/ops/.local/state/tags/journal-20261122T030000Z-7.jsonl".to_owned()),
        ..world.cleanup()
    };
    assert_eq!(cleanup.outcome().as_str(), "partial");
    let report = Report::Cleanup(cleanup);
    check("applied-human", end(&human(&report, WIDE)));
    check("applied-markdown", start(&text(&report, Format::Markdown)));
    check("applied-github", &for_github(&report));
}

#[test]
fn the_json_has_the_fields_of_the_contract() {
    let world = World::new().broken();
    let application = world.application();
    let cleanup = Cleanup {
        application: Some(application),
        journal: Some("j".to_owned()),
        ..world.cleanup()
    };
    let text = text(&Report::Cleanup(cleanup), Format::Json);
    let mut value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    for list in ["entries", "applied", "survivors"] {
        let items = value[list].as_array_mut().expect("a list");
        assert!(!items.is_empty());
        items.truncate(2);
    }
    let text = serde_json::to_string_pretty(&value).expect("JSON");
    check("plan-json", &text);
}

#[test]
fn what_has_nothing_to_delete_says_so() {
    let mut world = World::new();
    world.plan.entries.retain(|entry| entry.decision == tags::retention::Decision::Keep);
    let text = human(&Report::Cleanup(world.cleanup()), WIDE);
    assert!(!text.contains("To delete") && text.contains("none may be deleted\n"), "{text}");
}

#[test]
fn every_release_is_named_once_and_all_of_them_when_asked() {
    let world = World::new();
    let whole = View { detail: Detail::Whole, ..WIDE };
    let text = human(&Report::Cleanup(world.cleanup()), whole);
    for number in (4..=6).chain(10..=27) {
        let sha = crate::reports::world::sha(number);
        assert_eq!(text.matches(&sha.to_string()).count(), 1, "{sha}");
    }
    assert!(!text.contains("more; -v"));
}

/// From the table of what is kept to the end.
fn end(text: &str) -> &str {
    text.split_at(text.find("To keep").expect("what is kept")).1
}

/// Up to the tables.
fn start(text: &str) -> &str {
    text.split("### Environments").next().unwrap_or_default()
}
