//! `tags apply`: exactly a reviewed plan, if it is still what it was.

use tags::collect::Collector;
use tags::report::{Cleanup as Report, CleanupCommand};
use tags::retention::{RefusedPlan, approve};

use super::applying::{Applied, Applying, earlier, make_room, put_back_first, unwritten};
use super::plan_end::{exit, write};
use super::plan_input::{Standing, check_plan, read_plan};
use crate::args::{Apply, Global};
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::{clock, progress};

pub(crate) async fn run(global: &Global, args: &Apply) -> Result<Exit, Failure> {
    let context = Context::patient(global)?;
    let file = read_plan(&args.plan, &context.policy).await?;
    let clocks = clock::reading_for(&context.connections, &file.plan).await;
    let now = clocks.latest;
    let standing = Standing { policy: &context.policy_digest, now, max_age: args.max_plan_age };
    // By a wrong clock the plan's age says nothing.
    if clocks.doubts.is_empty() {
        check_plan(&file, &standing)?;
    }
    let name = args.plan.display().to_string();
    let approved = match clock::guarded(approve(file.plan, &context.policy), &clocks) {
        Ok(approved) => approved,
        Err(refused) => {
            let RefusedPlan { plan, refusals } = *refused;
            let report = Report { refusals: &refusals, ..report(&context, &plan, &name) };
            context.log_traffic();
            write(&report, global)?;
            return Ok(exit(&report));
        }
    };
    make_room(args.journal.as_deref())?;
    put_back_first(&context, &earlier(args.journal.as_deref())?).await;
    let progress = progress::new(global);
    let collector = Collector { connections: &context.connections, progress: progress.as_ref() };
    let applying = Applying {
        context: &context,
        collector,
        plan: &approved,
        journal: args.journal.as_deref(),
        command: "apply",
        now,
    };
    let Applied { application, journal, broken } = applying.run().await?;
    drop(progress);
    context.log_traffic();
    let journal = journal.map(|path| path.display().to_string());
    let report = Report {
        application: Some(&application),
        journal: journal.as_deref(),
        ..report(&context, approved.plan(), &name)
    };
    write(&report, global)?;
    match broken {
        Some(error) => Err(unwritten(&error)),
        None => Ok(exit(&report)),
    }
}

fn report<'a>(context: &'a Context, plan: &'a tags::retention::Plan, name: &'a str) -> Report<'a> {
    Report {
        command: CleanupCommand::Apply,
        policy: &context.policy,
        plan,
        refusals: &[],
        application: None,
        journal: None,
        plan_file: Some(name),
        at_another_time: false,
    }
}
