//! `tags rollback` and `tags promote`: from where to where each latest tag moves, what refused it,
//! and at the end the references to deploy.

use super::super::block::{Block, Note, Page, Rows, Text, Tone, Written};
use super::super::counted;
use super::super::escape::terminal;
use super::hints_once;
use crate::change::{MoveCommand, MoveVerdict, MovedPlace, PlaceResult, TagTarget};
use crate::report::Move;

/// The whole report.
pub(super) fn moved(moved: &Move, page: &mut Page<'_>) -> Written {
    page.put(Block::Heading(title(moved)))?;
    page.put(Block::Tight(hints_once(troubles(moved).chain(place_notes(moved)))))?;
    page.put(table(&moved.places))?;
    let notes = moved.notes.iter().map(|note| Note::new(Tone::Caution, "note", note).block());
    let stays = moved.stays.iter().map(|stays| Note::new(Tone::Caution, "note", stays).block());
    page.put(Block::Tight(notes.chain(stays).collect()))?;
    page.put(Block::Paragraph(Text::strong(sum(moved))))?;
    let references = moved.references();
    if references.is_empty() {
        return Ok(());
    }
    page.put(Block::Paragraph("to deploy, by digest:".into()))?;
    let references = references.into_iter().map(|(_, text)| Text::new(Tone::Code, text));
    page.put(Block::List(references.collect()))
}

/// What is about to be done, shown before the question.
pub(in crate::report) fn preview(moved: &Move, page: &mut Page<'_>) -> Written {
    page.put(Block::Heading(title(moved)))?;
    page.put(Block::Tight(place_notes(moved).map(Note::block).collect()))?;
    page.put(table(&moved.places))?;
    let notes = moved.notes.iter().map(|note| Note::new(Tone::Caution, "note", note).block());
    page.put(Block::Tight(notes.collect()))
}

fn title(moved: &Move) -> Text {
    let environment = &moved.environment;
    // All places have the same latest tag.
    let tag = moved.places.first().map(|place| place.latest.tag.to_string());
    let tag = tag.unwrap_or_else(|| "latest tags".to_owned());
    let Some(to) = &moved.to else {
        return format!("{} {environment}", moved.command.as_str()).into();
    };
    let what = match (&moved.source, moved.command) {
        (Some(source), _) => format!("promote {source} to {environment}"),
        (None, MoveCommand::Repair) => format!("repair {environment}"),
        (None, _) => format!("roll back {environment}"),
    };
    let title = Text::from(format!("{what}: {tag} to ")).and(Tone::Sha, to);
    match &moved.from {
        Some(from) => title.plain(", from ").and(Tone::Sha, from),
        None => title,
    }
}

/// What refused the move.
pub(super) fn refusals(moved: &Move) -> impl Iterator<Item = Note> {
    moved.guards.iter().map(|guard| {
        let note = Note::new(Tone::Bad, "refused", &guard.message).hint(&guard.hint);
        Note { code: Some(guard.code.as_str()), ..note }
    })
}

/// What refused the move, or kept it from being planned.
fn troubles(moved: &Move) -> impl Iterator<Item = Note> {
    let problems = moved.problems.iter().map(|problem| {
        let note = Note::new(Tone::Bad, "error", &problem.message);
        Note { hint: problem.hint.clone(), ..note }
    });
    refusals(moved).chain(problems)
}

/// The places that went wrong, or of which something is to be known before they move.
fn place_notes(moved: &Move) -> impl Iterator<Item = Note> {
    // What could not be read is a problem already.
    let told = !moved.problems.is_empty();
    let tone = move |place: &MovedPlace| match place.result {
        PlaceResult::Failed | PlaceResult::Left => (!told).then_some(Tone::Bad),
        PlaceResult::Moved => (moved.verdict == MoveVerdict::Partial).then_some(Tone::Bad),
        PlaceResult::Planned => (!place.message.is_empty()).then_some(Tone::Caution),
        PlaceResult::Already | PlaceResult::PutBack => None,
    };
    moved.places.iter().filter_map(move |place| {
        let note = Note::new(tone(place)?, place.result.as_str(), &place.message);
        Some(Note { about: Some(place.latest.to_string()), ..note })
    })
}

fn table(places: &[MovedPlace]) -> Block {
    let short = |target: &TagTarget| match target {
        TagTarget::Digest(digest) => Text::new(Tone::Digest, digest.short()),
        TagTarget::Missing => "none".into(),
        TagTarget::Unread => Text::new(Tone::Caution, "unread"),
    };
    Rows::of(places)
        .word("image", |place| &place.place.image)
        .word("registry", |place| &place.place.registry)
        .word("before", move |place| short(&place.before))
        .word("after", move |place| short(&place.after))
        .word("result", |place| Text::new(tone(place.result), place.result.as_str()))
        .block()
}

fn tone(result: PlaceResult) -> Tone {
    match result {
        PlaceResult::Planned | PlaceResult::Already => Tone::Plain,
        PlaceResult::Moved => Tone::Good,
        PlaceResult::PutBack => Tone::Caution,
        PlaceResult::Left | PlaceResult::Failed => Tone::Bad,
    }
}

/// What it comes to, with what to do next.
fn sum(moved: &Move) -> String {
    let count =
        |wanted: PlaceResult| moved.places.iter().filter(|place| place.result == wanted).count();
    let tags = |wanted| counted(count(wanted), "latest tag");
    let command = moved.command_line.as_deref();
    match moved.verdict {
        MoveVerdict::Planned if count(PlaceResult::Planned) == 0 => {
            "every latest tag points to the release already; nothing was changed".to_owned()
        }
        MoveVerdict::Planned => {
            let apply = command.map(|line| format!("; to apply it: `{line}`")).unwrap_or_default();
            format!("would move {}; nothing was changed{apply}", tags(PlaceResult::Planned))
        }
        MoveVerdict::Done => done(moved, count(PlaceResult::Already), &tags(PlaceResult::Moved)),
        MoveVerdict::Refused => "refused; nothing was changed".to_owned(),
        MoveVerdict::PutBack(_) | MoveVerdict::LeftElsewhere => {
            put_back(count(PlaceResult::PutBack), count(PlaceResult::Left))
        }
        MoveVerdict::Partial => {
            let journal = moved.journal.as_deref().unwrap_or("JOURNAL");
            // To finish it would move tags away from where somebody else put them.
            let finish = command
                .filter(|_| count(PlaceResult::Left) == 0)
                .map(|line| format!("finish it with `{line}`, or "))
                .unwrap_or_default();
            format!("done only in part; {finish}undo it with `tags undo {journal}`")
        }
        MoveVerdict::Missing | MoveVerdict::NotPermitted(_) if moved.stays.is_empty() => {
            "failed; nothing was changed".to_owned()
        }
        MoveVerdict::Missing | MoveVerdict::NotPermitted(_) => {
            "failed; no latest tag was moved".to_owned()
        }
        MoveVerdict::Unknown(_) => "unknown; nothing was changed".to_owned(),
    }
}

/// A move that failed, and of which nothing is left to take back.
fn put_back(back: usize, left: usize) -> String {
    let left = match left {
        0 => None,
        1 => Some("1 left where somebody else moved it".to_owned()),
        _ => Some(format!("{left} left where somebody else moved them")),
    };
    match (back, left) {
        (0, None) => "failed; no latest tag was moved".to_owned(),
        (0, Some(left)) => format!("failed; no latest tag stays moved, {left}"),
        (_, None) => format!("failed; {} put back, all are as before", counted(back, "latest tag")),
        (_, Some(left)) => format!("failed; {} put back, {left}", counted(back, "latest tag")),
    }
}

fn done(moved: &Move, already: usize, tags: &str) -> String {
    let rest =
        if already == 0 { String::new() } else { format!(", {already} pointed there already") };
    let undo = match &moved.journal {
        Some(journal) => format!("; to undo it: `tags undo {journal}`"),
        None => String::new(),
    };
    format!("moved {tags}{rest}{undo}")
}

/// The question before latest tags are moved.
#[must_use]
pub fn move_question(moved: &Move) -> String {
    let planned = moved.places.iter().filter(|place| place.result == PlaceResult::Planned).count();
    let tags = counted(planned, "latest tag");
    let to = moved.to.as_ref().map(|sha| format!(" to {sha}")).unwrap_or_default();
    terminal(&format!("move {tags} of {}{to}?", moved.environment)).into_owned()
}
