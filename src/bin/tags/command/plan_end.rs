//! How `tags cleanup` and `tags apply` apply a plan, report and end.

use std::io::{self, Write};

use tags::command::{ApplySettings, Approved, Ended, Session};
use tags::report::{self, Detail, Format, Report, View};

use crate::args::Global;
use crate::destination::Destination;
use crate::exit::{Exit, Failure};
use crate::interrupt::GracefulShutdown;
use crate::output;

/// Applies a plan; the first interruption finishes what is under way.
pub(super) async fn apply(
    global: &Global,
    session: &Session,
    approved: Approved,
) -> Result<Ended, Failure> {
    let shutdown = GracefulShutdown::begin();
    let settings = ApplySettings { stop: shutdown.stop(), patience: global.patience };
    Ok(approved.apply(session, settings).await?)
}

/// Writes the plan and the report wherever they can be written, says what went wrong, and gives the
/// exit code.
pub(super) fn finish(global: &Global, ended: &Ended, out: Option<Destination>) -> Exit {
    let mut failures = Vec::new();
    failures.extend(out.and_then(|out| write_plan(out, &ended.report).err()));
    failures.extend(output::write(&ended.report, global).err());
    for problem in &ended.problems {
        Failure::from(problem.clone()).say();
    }
    failures.iter().for_each(Failure::say);
    let exits: Vec<Exit> = failures.iter().map(Failure::exit).collect();
    ended.exit(&exits)
}

/// How long the file of a plan is.
pub(super) fn plan_size(approved: &Approved) -> Result<u64, Failure> {
    let mut size = Size(0);
    report::json::plan(approved.plan(), &mut size)
        .map_err(|error| Failure::internal("cannot write the plan", error))?;
    Ok(size.0)
}

/// Counts bytes.
struct Size(u64);

impl Write for Size {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write_plan(out: Destination, report: &Report) -> Result<(), Failure> {
    let name = out.name();
    let view = View { width: None, detail: Detail::Whole };
    let had_secret = out
        .write(|out| Format::Json.render(report, view, out))
        .map_err(|error| Failure::usage(format!("cannot write the plan to {name}: {error}")))?;
    if had_secret {
        output::talk(&format!(
            "warning: {name} held a credential of this run, which is *** there now: it can be read, \
             and not applied\n  hint: replace that credential; others can read it in the registry\n"
        ));
    }
    Ok(())
}
