//! `tags undo`: puts back what a journal says was deleted.

use std::path::Path;

use tags::change::journal::{JournalRecords, mark_finished, record_undone};
use tags::change::{ChangeVerdict, UndoJob, undo};
use tags::collect::Collector;
use tags::model::CLOCK_SKEW;
use tags::report;

use super::applying::{unreadable, warn_of_torn};
use super::plan_end::by_verdict;
use crate::args::{Global, Undo};
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::interrupt::Gentle;
use crate::output::{self, Rendered};
use crate::{ambient, clock, progress};

pub(crate) async fn run(global: &Global, args: &Undo) -> Result<Exit, Failure> {
    let context = Context::patient(global)?;
    let journal = read(&args.journal, &context)?;
    let progress = progress::new(global);
    let collector = Collector { connections: &context.connections, progress: progress.as_ref() };
    let gentle = Gentle::begin();
    let job = UndoJob { collector, policy: &context.policy, journal: &journal, stop: &gentle.0 };
    let began = ambient::now();
    let undone = undo(&job).await;
    drop(gentle);
    drop(progress);
    context.log_traffic();
    let mut noted = Ok(());
    if undone.has_pushed() || undone.interrupted {
        // What was pushed is dated by the registries' clocks, a push at its end.
        let (from, to) = clock::span(&context.connections, began);
        noted = record_undone(&journal.path, from - CLOCK_SKEW, to + CLOCK_SKEW);
    }
    // What is back must not be taken for something that a broken run has left to delete.
    if !journal.finished && undone.verdict() == ChangeVerdict::Done {
        noted = noted.and_then(|()| mark_finished(&journal.path, "undo"));
    }
    // What is back is told, whatever else fails.
    let noted = noted.map_err(|error| unreadable(&error));
    let rendered = Rendered {
        human: report::human::undo(&undone),
        json: report::json::undo(&undone),
        annotations: report::github::undo(&undone),
        annotates_by_itself: false,
        outputs: report::github::undo_outputs(&undone),
        markdown: report::markdown::undo(&undone),
    };
    let written = output::write(&rendered, global.format);
    let troubles: Vec<Failure> = [noted.err(), written.err()].into_iter().flatten().collect();
    troubles.iter().for_each(Failure::say);
    let trouble = if troubles.is_empty() { Exit::Ok } else { Exit::Fails };
    Ok(Exit::gravest([by_verdict(undone.verdict()), trouble]))
}

/// Reads a journal that may be of an earlier policy: that was perhaps what had to be mended.
fn read(path: &Path, context: &Context) -> Result<JournalRecords, Failure> {
    // Who names a link means the file behind it.
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let journal = JournalRecords::read(&path).map_err(|error| unreadable(&error))?;
    warn_of_torn(&journal);
    if journal.header.policy != context.policy_digest {
        output::talk(
            "note: the policy file is another than when this was deleted; only what is in its repositories is put back\n",
        );
    }
    Ok(journal)
}
