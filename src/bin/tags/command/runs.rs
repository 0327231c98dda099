//! `tags runs`

use tags::command::{
    self,
    runs::{Request, WhichRuns},
};
use tags::report::Report;

use crate::args::{Global, Runs};
use crate::context::connect;
use crate::exit::{Exit, Failure};
use crate::{git, output};

pub(crate) async fn run(global: &Global, args: &Runs) -> Result<Exit, Failure> {
    let session = connect(global)?;
    let newest = WhichRuns::Newest { last: args.last, split: args.split.clone() };
    let request = Request {
        environments: args.env.clone(),
        which: args.run.map_or(newest, WhichRuns::One),
        logs: usize::from(args.logs),
        git: git::logs(&session.policy).await,
    };
    output::finish(&Report::Runs(command::runs(&session, &request).await?), global)
}
