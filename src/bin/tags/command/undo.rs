//! `tags undo`: puts back what a journal says was deleted.

use tags::apply::journal::{Recorded, close, note_undone};
use tags::apply::{UndoJob, Verdict, undo};
use tags::collect::Collector;
use tags::model::CLOCK_SKEW;
use tags::report;

use super::applying::unreadable;
use super::plan_end::by_verdict;
use crate::args::{Global, Undo};
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::interrupt::Gentle;
use crate::output::{self, Rendered};
use crate::{ambient, clock, progress};

pub(crate) async fn run(global: &Global, args: &Undo) -> Result<Exit, Failure> {
    let context = Context::patient(global)?;
    let journal = Recorded::read(&args.journal).map_err(|error| unreadable(&error))?;
    let progress = progress::new(global);
    let collector = Collector { connections: &context.connections, progress: progress.as_ref() };
    let gentle = Gentle::begin();
    let job = UndoJob { collector, policy: &context.policy, journal: &journal, stop: &gentle.0 };
    let began = ambient::now();
    let undone = undo(&job).await;
    drop(gentle);
    drop(progress);
    context.log_traffic();
    if undone.has_pushed() {
        // What was pushed is dated by the registries' clocks, a push at its end.
        let (from, to) = clock::span(&context.connections, began);
        note_undone(&args.journal, from - CLOCK_SKEW, to + CLOCK_SKEW)
            .map_err(|error| unreadable(&error))?;
    }
    // What is back must not be taken for something that a broken run has left to delete.
    if !journal.finished && undone.verdict() == Verdict::Done {
        close(&args.journal, "undo").map_err(|error| unreadable(&error))?;
    }
    let rendered = Rendered {
        human: report::human::undo(&undone),
        json: report::json::undo(&undone),
        annotations: report::github::undo(&undone),
        annotates_by_itself: false,
        outputs: report::github::undo_outputs(&undone),
        markdown: report::markdown::undo(&undone),
    };
    output::write(&rendered, global.format)?;
    Ok(by_verdict(undone.verdict()))
}
