//! `tags undo`: puts back what a journal says was deleted.

use std::path::Path;

use tags::change::journal::{Recorded, close, note_undone};
use tags::change::{UndoJob, Verdict, undo};
use tags::command::Session;
use tags::model::CLOCK_SKEW;
use tags::report::Report;

use super::applying::{unreadable, warn_of_torn};
use crate::args::{Global, Undo};
use crate::clock;
use crate::context::connect_patiently;
use crate::exit::{Exit, Failure};
use crate::interrupt::Gentle;
use crate::output;

pub(crate) async fn run(global: &Global, args: &Undo) -> Result<Exit, Failure> {
    let session = connect_patiently(global)?;
    let journal = read(&args.journal, &session)?;
    let collector = session.collector();
    let gentle = Gentle::begin();
    let job = UndoJob { collector, policy: &session.policy, journal: &journal, stop: &gentle.0 };
    let began = session.clock.now();
    let undone = undo(&job).await;
    drop(gentle);
    session.finish_requests();
    let mut noted = Ok(());
    if undone.has_pushed() || undone.interrupted {
        // What was pushed is dated by the registries' clocks, a push at its end.
        let (from, to) = clock::span(&session, began);
        noted = note_undone(&journal.path, from - CLOCK_SKEW, to + CLOCK_SKEW);
    }
    // What is back must not be taken for something that a broken run has left to delete.
    if !journal.finished && undone.verdict() == Verdict::Done {
        noted = noted.and_then(|()| close(&journal.path, "undo"));
    }
    // What is back is told, whatever else fails.
    let noted = noted.map_err(|error| unreadable(&error));
    let report = Report::Undo(undone);
    let written = output::write(&report, global);
    let troubles: Vec<Failure> = [noted.err(), written.err()].into_iter().flatten().collect();
    troubles.iter().for_each(Failure::say);
    let trouble = if troubles.is_empty() { Exit::Ok } else { Exit::Fails };
    Ok(Exit::gravest([report.exit(), trouble]))
}

/// Reads a journal that may be of an earlier policy: that was perhaps what had to be mended.
fn read(path: &Path, session: &Session) -> Result<Recorded, Failure> {
    // Who names a link means the file behind it.
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let journal = Recorded::read(&path).map_err(|error| unreadable(&error))?;
    warn_of_torn(&journal);
    if journal.beginning.policy != session.policy_digest {
        output::talk(
            "note: the policy file is another than when this was deleted; only what is in its repositories is put back\n",
        );
    }
    Ok(journal)
}
