//! `tags cleanup`: plans; with `--apply` asks for confirmation, and deletes.

use tags::command::cleanup::{Purpose, Request, plan};
use tags::command::{Approved, Planned};
use tags::report;

use super::plan_end::{apply, finish, plan_size};
use super::plan_input::{empty_list, in_use, shard};
use crate::args::{Cleanup, Global};
use crate::confirm::confirm;
use crate::context::{connect, connect_patiently};
use crate::destination::Destination;
use crate::exit::{Exit, Failure};
use crate::state::ShardFiles;
use crate::{git, output};

pub(crate) async fn run(global: &Global, args: &Cleanup) -> Result<Exit, Failure> {
    let shard = args.shard.as_deref().map(shard).transpose()?;
    // Before anything is asked.
    let mut out = match &args.out {
        Some(path) => Some(Destination::open(path).await?),
        None => None,
    };
    let mut session =
        if args.apply { connect_patiently(global).await? } else { connect(global).await? };
    let empty = empty_list(args.allow_empty_in_use);
    let in_use = in_use(global, &session, (&args.in_use, empty)).await?;
    // What runs was compared with the images of all shards.
    if let Some(shard) = shard {
        session.restrict(shard);
    }
    if args.apply {
        output::check(global.format)?;
    }
    let request = Request {
        purpose: if args.apply { Purpose::Apply } else { Purpose::DryRun { at: args.at } },
        batch: args.batch,
        in_use,
        git: git::logs(&session.policy).await,
        state: &ShardFiles(shard),
        journal: args.journal.clone(),
        plan_file: out.as_ref().map(Destination::name),
    };
    let ended = match plan(&session, &request).await? {
        Planned::Ended(ended) => ended,
        Planned::Approved(approved) => {
            prepare(args, &approved, out.as_mut()).await?;
            apply(global, &session, approved).await?
        }
    };
    Ok(finish(global, ended, out))
}

/// Before anything is deleted: checks that the plan file can be written, and asks for confirmation.
async fn prepare(
    args: &Cleanup,
    approved: &Approved,
    out: Option<&mut Destination>,
) -> Result<(), Failure> {
    if let Some(out) = out {
        // The results are written into the file, too.
        out.check_space(plan_size(approved)?.saturating_mul(2))?;
    }
    if !args.yes && approved.deletes() {
        confirm(&report::question(approved.plan()), "deleted").await?;
    }
    Ok(())
}
