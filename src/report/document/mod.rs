//! Reports as documents for people, one command per file. Terminal and Markdown output are made from
//! the same blocks; where they differ, the block says which of them it is for.

mod check;
mod cleanup;
mod doctor;
mod explain;
mod gc;
mod init;
mod lint;
mod list;
mod moving;
mod overview;
mod repairing;
mod rollback_target;
mod runs;
mod undo;
mod verify;

pub use cleanup::question;
pub use lint::rule_explanation;
pub use moving::move_question;
pub use repairing::repair_question;

pub(super) use explain::{subject, tags_or_digest};
pub(super) use moving::preview as move_preview;
pub(super) use overview::sentence;
pub(super) use runs::about as about_run;

pub(super) use gc::{hint as gc_hint, sentence as gc_sentence};

use super::block::{Block, Note, Page, Reader, Text, Tone, Written};
use super::{Format, Report, View};
use crate::model::Unread;

/// Writes a report as a document.
pub(super) fn write(report: &Report, page: &mut Page<'_>) -> Written {
    match report {
        Report::Verify(verification) => verify::verify(verification, page),
        Report::RollbackTarget(answer) => rollback_target::rollback_target(answer, page),
        Report::List(listing) => list::list(listing, page),
        Report::Cleanup(cleanup) => cleanup::cleanup(cleanup, page),
        Report::Explain(answer) => explain::explain(answer, page),
        Report::Move(moved) => moving::moved(moved, page),
        Report::Repair(repair) => repairing::repair(repair, page),
        Report::Undo(undone) => undo::undo(undone, page),
        Report::Doctor(examination) => doctor::doctor(examination, page),
        Report::Gc(run) => gc::gc(run, page),
        Report::Init(drafted) => init::init(drafted, page),
        Report::Check(summary) => check::check(summary, page),
        Report::Lint(linting) => lint::lint(linting, page),
        Report::Runs(judged) => runs::runs(judged, page),
        Report::Overview(overview) => overview::overview(overview, page),
    }
}

/// What goes to stderr besides the report, if anything.
pub(super) fn for_stderr(report: &Report, format: Format, view: View) -> Option<Block> {
    let is_on_terminal = format == Format::Human && view.width.is_some();
    match report {
        Report::RollbackTarget(answer) if matches!(format, Format::Human | Format::Json) => {
            Some(rollback_target::why(answer))
        }
        Report::List(listing) => {
            let unread = listing.unread.iter();
            let unread = unread.map(|(name, why)| warning(name.as_str(), why));
            Some(Block::Tight(hints_once(unread)))
        }
        // The report itself contains the refusals.
        _ if is_on_terminal => None,
        Report::Cleanup(cleanup) => Some(Block::Tight(cleanup::refusals(cleanup))),
        Report::Overview(overview) => overview::plan_problem(overview),
        Report::Move(moved) => Some(Block::Tight(hints_once(moving::refusals(moved)))),
        Report::Repair(repair) => {
            let latest = repair.latest.iter().flat_map(|latest| moving::refusals(latest));
            Some(Block::Tight(hints_once(repairing::refusals(repair).chain(latest))))
        }
        Report::Gc(run) => gc::refusal(run),
        _ => None,
    }
}

/// Something that could not be read.
fn unread(reader: Reader, name: &str, why: &Unread) -> Block {
    match reader {
        Reader::Terminal(_) => warning(name, why).block(),
        Reader::Markdown => {
            let what = Text::strong(format!("{name} could not be read"));
            Block::Paragraph(what.plain(format!(": {}", why.message)))
        }
    }
}

fn warning(name: &str, why: &Unread) -> Note {
    let text = format!("{name} could not be read: {}", why.message);
    Note { hint: why.hint.clone(), ..Note::new(Tone::Caution, "warning", text) }
}

/// Notes as blocks. Where several say the same of different things, it is said once with their list; where
/// several have the same label and hint, the hint is written once, below the last.
fn hints_once(notes: impl IntoIterator<Item = Note>) -> Vec<Block> {
    let mut groups: Vec<Vec<Note>> = Vec::new();
    for note in notes {
        let is_alike = |group: &&mut Vec<Note>| {
            let is_same = note.about.is_some() && group[0].text == note.text;
            (note.hint.is_some() || is_same)
                && group[0].hint == note.hint
                && group[0].label == note.label
        };
        match groups.iter_mut().find(is_alike) {
            Some(group) => group.push(note),
            None => groups.push(vec![note]),
        }
    }
    groups.into_iter().map(one_hint).collect()
}

/// Notes that say the same of different things as one, with a list of the things.
fn one_text(notes: Vec<Note>) -> Vec<Block> {
    let mut groups: Vec<(Note, Vec<Text>)> = Vec::new();
    for mut note in notes {
        let about = note.about.take();
        let is_alike = |(known, things): &&mut (Note, Vec<Text>)| {
            about.is_some()
                && !things.is_empty()
                && (&known.label, known.code, &known.text) == (&note.label, note.code, &note.text)
        };
        let thing = about.as_ref().map(|about| Text::new(Tone::Code, about));
        match groups.iter_mut().find(is_alike) {
            Some((_, things)) => things.extend(thing),
            None => groups.push((note, thing.into_iter().collect())),
        }
    }
    let block = |(note, mut things): (Note, Vec<Text>)| match things.as_slice() {
        [] => Block::Note(note),
        [Text(pieces)] => {
            let about = pieces.first().map(|(_, about)| about.clone());
            Block::Note(Note { about, ..note })
        }
        _ => {
            let code = note.code.map(|code| format!("[{code}]")).unwrap_or_default();
            let head = Text::new(note.tone, format!("{}{code}", note.label));
            let head = head.plain(format!(": {}", note.text));
            let list = Block::List(std::mem::take(&mut things));
            let hint = note.hint.map(Block::Hint);
            Block::Item(head, [list].into_iter().chain(hint).collect())
        }
    };
    groups.into_iter().map(block).collect()
}

fn one_hint(mut notes: Vec<Note>) -> Block {
    let hint = if notes.len() > 1 { notes[0].hint.take() } else { None };
    if hint.is_some() {
        for note in &mut notes {
            note.hint = None;
        }
    }
    let mut blocks = one_text(notes);
    blocks.extend(hint.map(Block::Hint));
    Block::Tight(blocks)
}
