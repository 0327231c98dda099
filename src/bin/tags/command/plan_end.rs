//! The end of `tags cleanup` and `tags apply`: applies the plan, and writes the report.

use std::io::{self, Write};

use tags::command::{ApplySettings, Approved, Ended, Session};
use tags::report::{self, Detail, Format, Repeat, Report, View};

use crate::args::Global;
use crate::destination::Destination;
use crate::exit::{Exit, Failure};
use crate::interrupt::GracefulShutdown;
use crate::messages::{self, Label};
use crate::{output, typed};

/// Applies a plan. The first Ctrl-C lets the requests under way finish.
pub(super) async fn apply(
    global: &Global,
    session: &Session,
    approved: Approved,
) -> Result<Ended, Failure> {
    let shutdown = GracefulShutdown::begin();
    let settings = ApplySettings { stop: shutdown.stop(), patience: global.patience };
    Ok(approved.apply(session, settings).await?)
}

/// Writes the plan file and the report, prints what went wrong, and returns the exit code. A failure
/// to write one output does not keep the others from being written.
pub(super) fn finish(global: &Global, mut ended: Ended, out: Option<Destination>) -> Exit {
    let mut failures = Vec::new();
    if let Report::Cleanup(cleanup) = &mut ended.report {
        cleanup.repeat = Repeat { cleanup: typed::of_cleanup(), apply: typed::of_plan() };
    }
    failures.extend(out.and_then(|out| write_plan(out, &ended.report).err()));
    failures.extend(output::write(&ended.report, global).err());
    for problem in &ended.problems {
        Failure::from(problem.clone()).print();
    }
    failures.iter().for_each(Failure::print);
    let exits: Vec<Exit> = failures.iter().map(Failure::exit).collect();
    ended.exit(&exits)
}

/// The size of the plan file in bytes.
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
    let view = View { width: None, detail: Detail::Whole, commits: None, checkout: None };
    let had_secret = out
        .write(|out| Format::Json.render(report, view, out))
        .map_err(|error| Failure::usage(format!("cannot write the plan to {name}: {error}")))?;
    if had_secret {
        let text = format!(
            "{name} contained a credential of this run, which was replaced by ***, so the plan can be read, but not applied"
        );
        let hint = "revoke that credential; everyone who can read the registry can see it";
        messages::say(Label::Warning, &text, Some(hint));
    }
    Ok(())
}
