//! `tags report`: reads everything, and writes the page.

use tags::command::{self, report::Request};
use tags::report::{self, Format, Report};

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
    let mut session = connect(global)?;
    let plan = match &args.plan {
        Some(path) => Some((path.display().to_string(), read_input(path).await?)),
        None => None,
    };
    let out = match &args.out {
        Some(path) => Some(Destination::open(path).await?),
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
    if let Some(out) = out {
        let name = out.name();
        out.write(|out| report::html::page(&overview, out))
            .map_err(|error| Failure::usage(format!("cannot write the page to {name}: {error}")))?;
    }
    output::finish(&Report::Overview(Box::new(overview)), global)
}
