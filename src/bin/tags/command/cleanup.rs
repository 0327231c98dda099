//! `tags cleanup`: plan, check, and apply if that was asked for.

use tags::apply::Application;
use tags::apply::journal::{Recorded, close};
use tags::collect::Collector;
use tags::model::{PutBack, Unfinished};
use tags::report::{Cleanup as Report, CleanupCommand};
use tags::retention::{InUse, Plan, Refusal, approve};

use super::applying::{
    Applied, Applying, earlier, make_room, put_back_first, unreadable, unwritten,
};
use super::plan_end::{exit, write, write_plan};
use super::plan_input::{check_in_use, read_in_use};
use super::planning::{Planned, Planning};
use crate::args::{Cleanup, Global};
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::{clock, progress};

pub(crate) async fn run(global: &Global, args: &Cleanup) -> Result<Exit, Failure> {
    let context = if args.apply { Context::patient(global) } else { Context::new(global) }?;
    let in_use = in_use(&context, args).await?;
    if args.apply {
        make_room(args.journal.as_deref())?;
    }
    let journals = earlier(args.journal.as_deref())?;
    if args.apply {
        put_back_first(&context, &journals).await;
    }
    let left: Vec<Unfinished> = journals.iter().flat_map(Recorded::unfinished).collect();
    let put_back: Vec<PutBack> = journals.iter().flat_map(Recorded::put_back).collect();
    let progress = progress::new(global);
    let collector = Collector { connections: &context.connections, progress: progress.as_ref() };
    let planning = Planning {
        context: &context,
        collector,
        in_use: &in_use,
        unfinished: &left,
        put_back: &put_back,
        at: args.at,
    };
    let Planned { plan, clocks, in_use, .. } = planning.run().await;
    check_in_use(&in_use, args.allow_empty_in_use)?;
    let now = plan.created;
    let approval = approve(plan, &context.policy);
    let approval = if args.apply { clock::guarded(approval, &clocks) } else { approval };
    let applied = match &approval {
        Ok(plan) if args.apply => {
            let journal = args.journal.as_deref();
            let command = "cleanup --apply";
            let applying = Applying { context: &context, collector, plan, journal, command, now };
            Some(applying.run().await?)
        }
        _ => None,
    };
    drop(progress);
    context.log_traffic();
    let (plan, refusals) = match &approval {
        Ok(approved) => (approved.plan(), &[][..]),
        Err(refused) => (&refused.plan, refused.refusals.as_slice()),
    };
    let told = Told { context: &context, args, plan, refusals };
    match applied {
        Some(applied) => told.applied(global, applied, &journals),
        None => told.write(global, None, None),
    }
}

async fn in_use(context: &Context, args: &Cleanup) -> Result<InUse, Failure> {
    match &args.in_use {
        Some(path) => read_in_use(path, args.allow_empty_in_use, &context.policy).await,
        None => Ok(InUse::default()),
    }
}

/// What is told at the end.
struct Told<'a> {
    context: &'a Context,
    args: &'a Cleanup,
    plan: &'a Plan,
    refusals: &'a [Refusal],
}

impl Told<'_> {
    /// Writes the plan file and the report, and gives the exit code.
    fn write(
        &self,
        global: &Global,
        application: Option<&Application>,
        journal: Option<&str>,
    ) -> Result<Exit, Failure> {
        let out = self.args.out.as_ref().map(|path| path.display().to_string());
        let report = Report {
            command: CleanupCommand::Cleanup,
            policy: &self.context.policy,
            plan: self.plan,
            refusals: self.refusals,
            application,
            journal,
            plan_file: out.as_deref(),
            at_another_time: self.args.at.is_some(),
        };
        if let Some(path) = &self.args.out {
            write_plan(path, &report)?;
        }
        write(&report, global)?;
        Ok(exit(&report))
    }

    /// The end of a run that applied; earlier ones that broke off are finished with it.
    fn applied(
        &self,
        global: &Global,
        applied: Applied,
        journals: &[Recorded],
    ) -> Result<Exit, Failure> {
        let Applied { application, journal, broken } = applied;
        let journal = journal.map(|path| path.display().to_string());
        if broken.is_none() && is_settled(self.plan, &application) {
            let by = journal.as_deref().unwrap_or("cleanup --apply");
            for earlier in journals.iter().filter(|journal| !journal.finished) {
                close(&earlier.path, by).map_err(|error| unreadable(&error))?;
            }
        }
        let end = self.write(global, Some(&application), journal.as_deref())?;
        broken.map_or(Ok(end), |error| Err(unwritten(&error)))
    }
}

/// Whether nothing is left to do, of this run or of earlier ones.
fn is_settled(plan: &Plan, application: &Application) -> bool {
    let failed = |entry: &tags::apply::AppliedEntry| {
        matches!(entry.result, tags::apply::ApplyResult::Failed(_))
    };
    let to_the_end = !application.interrupted && !application.stalled;
    plan.is_whole() && to_the_end && !application.applied.iter().any(failed)
}
