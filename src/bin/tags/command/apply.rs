//! `tags apply`: deletes what both a reviewed plan and a new plan delete.

use tags::command::Planned;
use tags::command::apply::{self, Purpose, Request, plan};

use super::plan_end::{apply, finish};
use super::plan_input::{empty_list, in_use};
use crate::args::{Apply, Global};
use crate::context::{connect_patiently, read_input};
use crate::exit::{Exit, Failure};
use crate::state::ShardFiles;
use crate::{git, output};

pub(crate) async fn run(global: &Global, args: &Apply) -> Result<Exit, Failure> {
    let mut session = connect_patiently(global).await?;
    let text = read_input(&args.plan).await?;
    let empty = empty_list(args.allow_empty_in_use);
    let in_use = in_use(global, &session, (&args.in_use, empty)).await?;
    if !args.dry_run {
        output::check(global.format)?;
    }
    let request = Request {
        plan_name: args.plan.display().to_string(),
        plan: &text,
        max_age: args.max_plan_age,
        purpose: if args.dry_run { Purpose::DryRun } else { Purpose::Apply },
        in_use,
        git: git::logs(&session.policy).await,
        state: &ShardFiles(apply::shard(&text)),
        journal: args.journal.clone(),
    };
    let ended = match plan(&mut session, &request).await? {
        Planned::Ended(ended) => ended,
        Planned::Approved(approved) => apply(global, &session, approved).await?,
    };
    Ok(finish(global, ended, None))
}
