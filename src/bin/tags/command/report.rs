//! `tags report`: reads everything, and writes the page.

use tags::command::{self, report::Request};
use tags::report::{self, Format, Overview, Report};

use super::plan_input::shard;
use crate::args::{self, Global};
use crate::context::{connect, read_input};
use crate::destination::Destination;
use crate::exit::{Exit, Failure};
use crate::state::StateFiles;
use crate::{git, output};

pub(crate) async fn run(global: &Global, args: &args::Report) -> Result<Exit, Failure> {
    if args.out.is_none() && global.format != Format::Json {
        return Err(Failure::usage("no file for the page was named")
            .hint("pass --out FILE.html, or --format json for the values alone"));
    }
    let shard = args.shard.as_deref().map(shard).transpose()?;
    // Before anything is asked.
    let out = match &args.out {
        Some(path) => Some(Destination::open(path).await?),
        None => None,
    };
    let mut session = connect(global).await?;
    if let Some(shard) = shard {
        session.restrict(shard);
    }
    let plan = match &args.plan {
        Some(path) => Some((path.display().to_string(), read_input(path).await?)),
        None => None,
    };
    let request = Request {
        environments: args.env.clone(),
        plan: plan.as_ref().map(|(name, text)| (name.clone(), text.as_str())),
        at: args.at,
        git: git::logs(&session.policy).await,
        state: &StateFiles,
        page: out.as_ref().map(Destination::name),
    };
    let overview = command::report(&mut session, &request).await?;
    let is_page_on_stdout = out.as_ref().is_some_and(Destination::is_stdout);
    let written = out.map_or(Ok(()), |out| write(&overview, out));
    let report = Report::Overview(Box::new(overview));
    if is_page_on_stdout {
        global.collected.add(&report);
        return written.map(|()| report.exit());
    }
    // A page that cannot be written does not keep the values from being told.
    let exit = output::finish(&report, global)?;
    written.map(|()| exit)
}

fn write(overview: &Overview, out: Destination) -> Result<(), Failure> {
    let name = out.name();
    let written = out.share().and_then(|out| out.write(|out| report::html::page(overview, out)));
    written
        .map(|_| ())
        .map_err(|error| Failure::usage(format!("cannot write the page to {name}: {error}")))
}
