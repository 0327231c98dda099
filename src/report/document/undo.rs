//! `tags undo`: what was restored, and what was not and why.

use super::super::block::{Block, Head, Note, Page, Rows, Text, Tone, Written};
use super::super::undo::{counts, left_out, pushed_note, restored};
use super::super::{counted, outcome};
use crate::change::{Restoration, Undone};

/// The whole report.
pub(super) fn undo(undone: &Undone, page: &mut Page<'_>) -> Written {
    page.for_markdown(|| Block::Heading(format!("tags undo: {}", outcome::undo(undone)).into()))?;
    page.for_markdown(|| Block::Paragraph(restored(undone).into()))?;
    let mut notes: Vec<Block> = left_out(undone)
        .into_iter()
        .map(|item| {
            let tone = match item.result {
                Restoration::Failed(_) | Restoration::Lost => Tone::Bad,
                _ => Tone::Caution,
            };
            let note = Note::new(tone, item.result.as_str(), item.message);
            Block::Note(Note { about: Some(item.name), ..note })
        })
        .collect();
    let has = |wanted: Restoration| counts(undone, |result| result == wanted) != (0, 0);
    let elsewhere = match &undone.moved {
        Some(_) => "latest tags that point elsewhere by now, or are new, were not changed",
        None => "tags that were moved since the deletion were not changed",
    };
    let hints = [
        (Restoration::Lost, "lost manifests must be built and pushed again"),
        (Restoration::TagElsewhere, elsewhere),
    ];
    if page.is_terminal() {
        let hints = hints.into_iter().filter(|(result, _)| has(*result));
        notes.extend(hints.map(|(_, hint)| Block::Hint(hint.to_owned())));
    }
    if undone.interrupted {
        let hint = "run `tags undo` with the same journal again: it continues where it stopped";
        let note = Note::new(Tone::Caution, "interrupted", "not everything was processed");
        notes.push(note.hint(hint).block());
    }
    page.put(Block::Tight(notes))?;
    let note = pushed_note(undone);
    page.for_terminal(|_| {
        let sum = Block::Paragraph(Text::strong(restored(undone)));
        // The sum of a move has every number already.
        let table = if undone.moved.is_some() { Block::Tight(Vec::new()) } else { table(undone) };
        let note = note.as_ref().map(|note| Note::new(Tone::Caution, "note", note).block());
        Block::Tight([table, sum].into_iter().chain(note).collect())
    })?;
    page.for_markdown(|| match &note {
        Some(note) => Note::new(Tone::Caution, "note", note).block(),
        None => Block::Tight(Vec::new()),
    })
}

/// One row for each result that occurred, with the numbers of manifests and tags.
fn table(undone: &Undone) -> Block {
    type Is = fn(Restoration) -> bool;
    let results: [(&str, Is); 5] = [
        ("restored", |result| result == Restoration::Restored),
        ("already there", |result| result == Restoration::AlreadyThere),
        ("tag elsewhere", |result| result == Restoration::TagElsewhere),
        ("lost", |result| result == Restoration::Lost),
        ("failed", |result| matches!(result, Restoration::Failed(_))),
    ];
    let counted_ones = results.map(|(name, is)| (name, counts(undone, is)));
    let rows: Vec<_> = counted_ones.into_iter().filter(|(_, count)| *count != (0, 0)).collect();
    Rows::of(&rows)
        .column(Head::None, |(name, _)| name)
        .column(Head::None, |(_, (manifests, _))| counted(*manifests, "manifest"))
        .column(Head::None, |(_, (_, tags))| counted(*tags, "tag"))
        .indented()
}
