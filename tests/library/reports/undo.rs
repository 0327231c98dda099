//! What users see of an undoing in which every result occurs.

use tags::change::{FailureCause, Restoration, TagSetter, Undone, UndoneManifest, UndoneTag};
use tags::model::{Digest, TagName};
use tags::report::{Format, Report};

use crate::reports::formats::check;
use crate::reports::world::{World, for_github, text};

const RESULTS: [(Restoration, &str); 5] = [
    (Restoration::Restored, "pushed from the journal"),
    (Restoration::AlreadyThere, "the registry has it"),
    (Restoration::TagElsewhere, "it points to sha256:0123456789ab by now"),
    (Restoration::Lost, "a layer is gone: sha256:0123456789ab"),
    (Restoration::Failed(FailureCause::Rights), "403: the token may not push"),
];

/// A manifest for each result that one can have, each with a tag that ended alike.
fn undone(results: &[(Restoration, &str)]) -> Undone {
    let world = World::new();
    let manifest = |(number, (result, message)): (usize, &(Restoration, &str))| UndoneManifest {
        repository: world.plan.coverage[number % 4].repository.clone(),
        digest: Digest::of(message.as_bytes()),
        result: if *result == Restoration::TagElsewhere { Restoration::Restored } else { *result },
        message: (*message).to_owned(),
        tags: vec![UndoneTag {
            tag: TagName::parse(&format!("pr-{number}")).expect("a tag"),
            result: *result,
            setter: match result {
                Restoration::Restored => TagSetter::Push,
                _ => TagSetter::Other,
            },
            message: (*message).to_owned(),
        }],
    };
    let manifests = results.iter().enumerate().map(manifest).collect();
    Undone { manifests, ..Undone::default() }
}

#[test]
fn an_undoing_in_every_format() {
    let report = Report::Undo(undone(&RESULTS));
    check("undo-human", &text(&report, Format::Human));
    check("undo-json", &text(&report, Format::Json));
    check("undo-markdown", &text(&report, Format::Markdown));
    check("undo-github", &for_github(&report));
}

fn outcome(undone: Undone) -> &'static str {
    Report::Undo(undone).outcome()
}

#[test]
fn the_outcome_tells_all_from_some_from_nothing() {
    assert_eq!(outcome(undone(&RESULTS[..3])), "ok");
    assert_eq!(outcome(undone(&RESULTS)), "partial");
    assert_eq!(outcome(undone(&RESULTS[3..])), "failed");
    assert_eq!(outcome(Undone::default()), "ok");
}

#[test]
fn only_tags_that_were_pushed_are_told_to_count_as_new() {
    let mut restored = undone(&RESULTS[..1]);
    for text in texts(restored.clone()) {
        assert!(text.contains("1 tag was restored by a push and counts as pushed now"), "{text}");
        assert!(text.contains("`tags cleanup` before the next scheduled run"), "{text}");
    }
    restored.manifests[0].tags[0].setter = TagSetter::Other;
    for text in texts(restored) {
        assert!(!text.contains("pushed now"), "{text}");
    }
}

#[test]
fn hostile_words_of_a_registry_are_shown_harmless() {
    let hostile = "\u{1b}[2J\n::error::x ##[error] <b>\u{202e}";
    let [human, markdown, github] = texts(undone(&[(Restoration::Lost, hostile)]));
    assert!(!markdown.contains("<b>"));
    for text in [human, markdown, github] {
        let text = anstream::adapter::strip_str(&text).to_string();
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
        assert!(!text.lines().any(|line| line.starts_with("::error::")), "{text}");
    }
}

/// What people read of it.
fn texts(undone: Undone) -> [String; 3] {
    let report = Report::Undo(undone);
    [Format::Human, Format::Markdown, Format::Github].map(|format| text(&report, format))
}
