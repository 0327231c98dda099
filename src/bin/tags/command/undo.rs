//! `tags undo`: restores what a run deleted, from its journal.

use tags::command::undo::{Request, Restored, undo};
use tags::report::Report;

use crate::args::{Global, Undo};
use crate::context::{PATIENTLY, connect_without_images};
use crate::exit::{Exit, Failure};
use crate::interrupt::GracefulShutdown;
use crate::output;

pub(crate) async fn run(global: &Global, args: &Undo) -> Result<Exit, Failure> {
    let session = connect_without_images(global, PATIENTLY)?;
    let shutdown = GracefulShutdown::begin();
    let request = Request { journal: &args.journal, stop: shutdown.stop() };
    let Restored { undone, problem } = undo(&session, &request).await?;
    drop(shutdown);
    let report = Report::Undo(undone);
    let written = output::write(&report, global);
    let failures: Vec<Failure> =
        problem.map(Failure::from).into_iter().chain(written.err()).collect();
    failures.iter().for_each(Failure::print);
    let failed = if failures.is_empty() { Exit::Ok } else { Exit::Fails };
    Ok(Exit::gravest([report.exit(), failed]))
}
