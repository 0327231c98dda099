//! Reports as documents for people, one command per file. Terminal and Markdown output are made from
//! the same blocks; where they differ, the block says which of them it is for.

mod cleanup;
mod doctor;
mod explain;
mod gc;
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
        Report::Lint(linting) => lint::lint(linting, page),
        Report::Runs(judged) => runs::runs(judged, page),
        Report::Overview(overview) => overview::overview(overview, page),
    }
}

/// What goes to stderr besides the report, if anything.
pub(super) fn for_stderr(report: &Report, format: Format, view: View) -> Option<Block> {
    match report {
        Report::RollbackTarget(answer) if matches!(format, Format::Human | Format::Json) => {
            Some(rollback_target::why(answer))
        }
        Report::List(listing) => {
            let unread = listing.unread.iter();
            Some(Block::Tight(unread.map(|(name, why)| warning(name.as_str(), why)).collect()))
        }
        // On a terminal the report itself contains them.
        Report::Cleanup(cleanup) if format != Format::Human || view.width.is_none() => {
            Some(Block::Tight(cleanup::refusals(cleanup).collect()))
        }
        _ => None,
    }
}

/// Something that could not be read.
fn unread(reader: Reader, name: &str, why: &Unread) -> Block {
    match reader {
        Reader::Terminal(_) => warning(name, why),
        Reader::Markdown => {
            let what = Text::strong(format!("{name} could not be read"));
            Block::Paragraph(what.plain(format!(": {}", why.message)))
        }
    }
}

fn warning(name: &str, why: &Unread) -> Block {
    let text = format!("{name} could not be read: {}", why.message);
    Block::Note(Note { hint: why.hint.clone(), ..Note::new(Tone::Caution, "warning", text) })
}
