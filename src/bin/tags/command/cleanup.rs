//! `tags cleanup`: plan, check, and apply if that was asked for.

use tags::change::Application;
use tags::change::journal::{JournalRecords, mark_finished};
use tags::collect::Collector;
use tags::model::{RestoredManifest, Unfinished};
use tags::report::{self, Cleanup as Report, CleanupCommand};
use tags::retention::{ApprovedPlan, InUse, Plan, RefusedPlan, approve, batch};

use super::applying::{
    Applied, Applying, earlier, make_room, put_back_first, unreadable, unwritten,
};
use super::plan_end::{Ending, plan_text};
use super::plan_input::{check_in_use, in_use_listed};
use super::planning::Planning;
use crate::args::{Cleanup, Global};
use crate::confirm::confirm;
use crate::context::Context;
use crate::destination::Destination;
use crate::exit::{Exit, Failure};
use crate::{clock, output, progress};

pub(crate) async fn run(global: &Global, args: &Cleanup) -> Result<Exit, Failure> {
    let context = if args.apply { Context::patient(global) } else { Context::new(global) }?;
    let in_use =
        in_use_listed(args.in_use.as_deref(), args.allow_empty_in_use, &context.policy).await?;
    let mut out = match &args.out {
        Some(path) => Some(Destination::open(path).await?),
        None => None,
    };
    if args.apply {
        output::check(global.format)?;
        make_room(args.journal.as_deref())?;
    }
    let journals = earlier(args.journal.as_deref(), &context.policy_digest)?;
    if args.apply {
        put_back_first(&context, &journals).await;
    }
    let run = Run { global, args, context: &context, journals: &journals };
    let approval = run.plan(&in_use).await?;
    let name = out.as_ref().map(Destination::name);
    let applied = match &approval {
        Ok(plan) if args.apply => {
            if let Some(out) = &mut out {
                // What was applied is written into it, too.
                let dry = run.report(plan.plan(), name.as_deref());
                out.rehearse(&plan_text(&dry)?.repeat(2))?;
            }
            if !args.yes && plan.deletions().next().is_some() {
                confirm(&report::human::question(plan.plan())).await?;
            }
            Some(run.apply(plan).await?)
        }
        _ => None,
    };
    context.log_traffic();
    let (plan, refusals) = match &approval {
        Ok(approved) => (approved.plan(), &[][..]),
        Err(refused) => (&refused.plan, refused.refusals.as_slice()),
    };
    let mut report = Report { refusals, ..run.report(plan, name.as_deref()) };
    let Some(Applied { application, journal, broken }) = applied else {
        return Ending { global, report, out, troubles: Vec::new() }.tell();
    };
    let journal = journal.map(|path| path.display().to_string());
    let mut troubles: Vec<Failure> = broken.iter().map(unwritten).collect();
    if broken.is_none() && is_settled(plan, &application) {
        let by = journal.as_deref().unwrap_or("cleanup --apply");
        troubles.extend(run.close(by));
    }
    report.application = Some(&application);
    report.journal = journal.as_deref();
    let exit = Ending { global, report, out, troubles }.tell()?;
    let stopped = broken.is_some() && application.has_changed();
    Ok(if stopped { Exit::gravest([exit, Exit::Partly]) } else { exit })
}

/// What the guards say of a plan.
type Approval = Result<ApprovedPlan, Box<RefusedPlan>>;

/// What a run is about.
struct Run<'a> {
    global: &'a Global,
    args: &'a Cleanup,
    context: &'a Context,
    /// The journals of earlier runs.
    journals: &'a [JournalRecords],
}

impl<'a> Run<'a> {
    /// Reads, decides and checks.
    async fn plan(&self, in_use: &InUse) -> Result<Approval, Failure> {
        let left: Vec<Unfinished> =
            self.journals.iter().flat_map(JournalRecords::unfinished).collect();
        let put_back: Vec<RestoredManifest> =
            self.journals.iter().flat_map(JournalRecords::restored_manifests).collect();
        let progress = progress::new(self.global);
        let connections = &self.context.connections;
        let planning = Planning {
            context: self.context,
            collector: Collector { connections, progress: progress.as_ref() },
            in_use,
            unfinished: &left,
            put_back: &put_back,
            at: self.args.at,
        };
        let planned = planning.run().await;
        check_in_use(&planned.in_use, self.args.allow_empty_in_use)?;
        let clocks = planned.clocks.clone();
        let policy = &self.context.policy;
        let chosen = match self.args.batch {
            Some(size) => {
                let ties = planning.ties(&planned);
                batch(planned.plan, &ties, size.get(), policy)
            }
            None => Ok(planned.plan),
        };
        let approval = chosen.and_then(|plan| approve(plan, policy));
        Ok(if self.args.apply { clock::guarded(approval, &clocks) } else { approval })
    }

    async fn apply(&self, plan: &ApprovedPlan) -> Result<Applied, Failure> {
        let progress = progress::new(self.global);
        let connections = &self.context.connections;
        let applying = Applying {
            context: self.context,
            collector: Collector { connections, progress: progress.as_ref() },
            plan,
            journal: self.args.journal.as_deref(),
            command: "cleanup --apply",
            now: plan.plan().created,
        };
        applying.run().await
    }

    /// Ends the journals of runs that broke off: this one has done what was left.
    fn close(&self, by: &str) -> Vec<Failure> {
        let open = self.journals.iter().filter(|journal| !journal.finished);
        let closed = open.map(|earlier| mark_finished(&earlier.path, by));
        closed.filter_map(Result::err).map(|error| unreadable(&error)).collect()
    }

    fn report<'r>(&self, plan: &'r Plan, plan_file: Option<&'r str>) -> Report<'r>
    where
        'a: 'r,
    {
        Report {
            command: CleanupCommand::Cleanup,
            policy: &self.context.policy,
            plan,
            refusals: &[],
            application: None,
            journal: None,
            plan_file,
            at_another_time: self.args.at.is_some(),
        }
    }
}

/// Whether nothing is left to do, of this run or of earlier ones.
fn is_settled(plan: &Plan, application: &Application) -> bool {
    let failed = |entry: &tags::change::AppliedEntry| {
        matches!(entry.result, tags::change::ApplyResult::Failed(_))
    };
    let to_the_end = !application.interrupted && !application.stalled;
    plan.is_whole() && to_the_end && !application.applied.iter().any(failed)
}
