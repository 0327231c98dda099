//! `tags explain`: why a tag or a release is kept or deleted, by the plan that `tags cleanup` would
//! make now.

use tags::command::EmptyList;
use tags::command::explain::{Request, explain};
use tags::report::Report;

use super::plan_input::in_use;
use crate::args::{Explain, Global};
use crate::context::connect;
use crate::exit::{Exit, Failure};
use crate::state::StateFiles;
use crate::{git, output};

pub(crate) async fn run(global: &Global, args: &Explain) -> Result<Exit, Failure> {
    let session = connect(global).await?;
    let in_use = in_use(global, &session, (&args.in_use, EmptyList::Refuse)).await?;
    let git = git::logs(&session.policy).await;
    let (target, sha) = (args.target.clone(), args.sha.clone());
    let request = Request { target, sha, in_use, git, state: &StateFiles, at: args.at };
    let report = Report::Explain(explain(&session, &request).await?);
    output::write(&report, global)?;
    Ok(report.exit())
}
