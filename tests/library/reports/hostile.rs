//! Text from outside reaches neither a terminal nor a CI log nor Markdown raw.

use tags::model::{Unread, UnreadCause};
use tags::report::{Cleanup, Detail, Format, Report, View, github};

use crate::reports::world::{World, text};

const HOSTILE: &str = "\u{1b}[31m\n::error::x\r##[error]\u{202e}<script>|";

/// A cleanup that has it in every place to which a registry or a user can bring text.
fn shown(show: impl Fn(&Report) -> String) -> String {
    let mut world = World::new();
    world.plan.warnings = vec![HOSTILE.to_owned()];
    for coverage in &mut world.plan.coverage {
        let (message, hint) = (HOSTILE.to_owned(), Some(HOSTILE.to_owned()));
        coverage.unread = Some(Unread { cause: UnreadCause::Unreachable, message, hint });
    }
    for entry in &mut world.plan.entries {
        HOSTILE.clone_into(&mut entry.reason.message);
        entry.reason.rule = Some(tags::retention::RuleName::written(HOSTILE));
    }
    let mut application = world.application();
    for entry in &mut application.applied {
        HOSTILE.clone_into(&mut entry.message);
    }
    application.survivors[0].damage = Some(HOSTILE.to_owned());
    application.survivors[1].unread = Some(HOSTILE.to_owned());
    let told = |application| {
        let (journal, plan_file) = (Some(HOSTILE.to_owned()), Some(HOSTILE.to_owned()));
        show(&Report::Cleanup(Cleanup { application, journal, plan_file, ..world.cleanup() }))
    };
    told(Some(application)) + &told(None)
}

#[test]
fn nothing_hostile_reaches_a_terminal_or_a_log() {
    let view = View { width: Some(80), detail: Detail::Whole, commits: None, checkout: None };
    let text = shown(|report| Format::Human.text(report, view).expect("text"));
    let text = anstream::adapter::strip_str(&text).to_string();
    assert!(text.contains("error"), "it is shown at all");
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}') && !text.contains('\r'));
    assert!(!text.lines().any(|line| line.trim_start().starts_with("::")) && !text.contains("##["));
}

#[test]
fn nothing_hostile_becomes_a_workflow_command_or_an_output() {
    let text = shown(|report| text(report, Format::Github));
    assert!(text.lines().all(|line| {
        ["::error title=", "::warning title=", "::notice title="]
            .iter()
            .any(|start| line.starts_with(start))
    }));
    assert!(!text.contains('\u{1b}') && !text.contains("##["));
    let outputs = shown(github::outputs);
    assert!(outputs.lines().all(|line| line.split_once('=').is_some_and(|(name, _)| {
        ["outcome", "planned", "deleted", "kept", "bytes", "journal"].contains(&name)
    })));
}

#[test]
fn nothing_hostile_becomes_markup() {
    let text = shown(|report| text(report, Format::Markdown));
    assert!(!text.contains("<script>") && !text.contains('\u{1b}') && !text.contains('\u{202e}'));
}
