//! `tags repair`: which places are filled, from where, and how much is copied.

use super::super::block::{Block, Note, Page, Rows, Text, Tone, Written};
use super::super::counted;
use super::super::escape::terminal;
use super::super::words::bytes;
use super::{hints_once, moving};
use crate::report::repairing::Rest;
use crate::report::{Repair, RepairCopy, RepairResult};

/// The whole report.
pub(super) fn repair(repair: &Repair, page: &mut Page<'_>) -> Written {
    let title = Text::from(format!("repair {}: release ", repair.environment));
    page.put(Block::Heading(title.and(Tone::Sha, &repair.sha)))?;
    page.put(Block::Tight(hints_once(troubles(repair).chain(copy_notes(repair)))))?;
    page.put(table(&repair.copies))?;
    let notes = repair.notes.iter().map(|note| Note::new(Tone::Caution, "note", note).block());
    page.put(Block::Tight(notes.collect()))?;
    page.put(Block::Paragraph(Text::strong(sum(repair))))?;
    match &repair.latest {
        Some(latest) if repair.keeps_latest(latest) => {
            let text = "the latest tags stay where they are: not every place has the release";
            page.put(Block::Paragraph(text.into()))
        }
        Some(latest) => moving::moved(latest, page),
        None => Ok(()),
    }
}

/// What refused the copies.
pub(super) fn refusals(repair: &Repair) -> impl Iterator<Item = Note> {
    repair.guards.iter().map(|guard| {
        let note = Note::new(Tone::Bad, "refused", &guard.message).hint(&guard.hint);
        Note { code: Some(guard.code), ..note }
    })
}

fn troubles(repair: &Repair) -> impl Iterator<Item = Note> {
    let unread = repair.unread.iter().map(|place| {
        let note = Note::new(Tone::Bad, "error", &place.message);
        Note { hint: place.hint.clone(), ..note }
    });
    refusals(repair).chain(unread)
}

/// The places that were not filled, or of which something is to be known.
fn copy_notes(repair: &Repair) -> impl Iterator<Item = Note> {
    repair.copies.iter().filter_map(|copy| {
        let tone = match copy.result {
            RepairResult::Failed(_) | RepairResult::Refused => Tone::Bad,
            _ => return None,
        };
        let note = Note::new(tone, copy.result.as_str(), &copy.message);
        Some(Note { about: Some(copy.reference.to_string()), ..note })
    })
}

fn table(copies: &[RepairCopy]) -> Block {
    let digest = |copy: &RepairCopy| match &copy.digest {
        Some(digest) => Text::new(Tone::Digest, digest.short()),
        None => "none".into(),
    };
    Rows::of(copies)
        .word("image", |copy| &copy.place.image)
        .word("from", |copy| copy.from.as_ref().map_or("none", |from| from.as_str()))
        .word("to", |copy| &copy.place.registry)
        .word("digest", digest)
        .number("sent", |copy| copy.blobs.sent)
        .number("mounted", |copy| copy.blobs.mounted)
        .number("there", |copy| copy.blobs.present)
        .number("size", |copy| bytes(copy.bytes))
        .word("result", |copy| Text::new(tone(copy.result), copy.result.as_str()))
        .block()
}

fn tone(result: RepairResult) -> Tone {
    match result {
        RepairResult::Copied => Tone::Good,
        RepairResult::Failed(_) | RepairResult::Refused => Tone::Bad,
        RepairResult::Planned | RepairResult::Already => Tone::Plain,
    }
}

/// What it comes to, with what to do next.
fn sum(repair: &Repair) -> String {
    let places = |result| counted(repair.count(result), "place");
    let (planned, copied) = (RepairResult::Planned, RepairResult::Copied);
    let size = bytes(repair.bytes());
    let again = &repair.command_line;
    match repair.outcome() {
        "planned" if repair.count(planned) == 0 => {
            "every registry has the release whole; nothing is to be copied".to_owned()
        }
        // What became of the latest tags is said below.
        _ if repair.has_nothing_to_fill() => {
            "every registry has the release whole; nothing was to be copied".to_owned()
        }
        "planned" => format!(
            "would fill {} with up to {size}; nothing was changed; to apply it: `{again}`",
            places(planned)
        ),
        "ok" => format!("filled {}, {size} sent; all of it was read again", places(copied)),
        "partial" => format!("done only in part, {} filled{}", places(copied), rest(repair)),
        "refused" => "refused; nothing was changed".to_owned(),
        "unknown" => "unknown; nothing was changed".to_owned(),
        _ => "failed; no place was filled".to_owned(),
    }
}

/// What the same command can still do.
fn rest(repair: &Repair) -> String {
    let again = &repair.command_line;
    match repair.rest() {
        Rest::Nothing => String::new(),
        Rest::Some => format!("; what failed can be tried again with `{again}`"),
        Rest::All => format!("; finish it with `{again}`"),
    }
}

/// The question before anything is copied.
#[must_use]
pub fn repair_question(repair: &Repair) -> String {
    let planned = repair.count(RepairResult::Planned);
    let (places, size) = (counted(planned, "place"), bytes(repair.bytes()));
    let fill = (planned > 0).then(|| format!("copy up to {size} to {places}"));
    let latest = repair.latest.as_ref().filter(|latest| latest.is_planned());
    let moves = latest.map(|_| "move the latest tags".to_owned());
    let what: Vec<String> = fill.into_iter().chain(moves).collect();
    let text = format!("{} of {} {}?", what.join(" and "), repair.environment, repair.sha);
    terminal(&text).into_owned()
}
