//! `tags apply`: what a reviewed plan and a fresh decision both delete.

use tags::change::journal::JournalRecords;
use tags::change::report_withheld;
use tags::collect::Collector;
use tags::model::{ClockReading, RestoredManifest, Unfinished};
use tags::report::{Cleanup as Report, CleanupCommand};
use tags::retention::{Agreement, ApprovedPlan, Plan, RefusedPlan, WithheldEntry, agree, approve};

use super::applying::{Applied, Applying, earlier, make_room, put_back_first, unwritten};
use super::plan_end::Ending;
use super::plan_input::{Standing, check_in_use, check_plan, in_use_listed, read_plan};
use super::planning::Planning;
use crate::args::{Apply, Global};
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::{clock, output, progress};

pub(crate) async fn run(global: &Global, args: &Apply) -> Result<Exit, Failure> {
    let context = Context::patient(global)?;
    let file = read_plan(&args.plan, &context.policy).await?;
    let clocks = clock::reading_for(&context.connections, &file.plan).await;
    let standing =
        Standing { policy: &context.policy_digest, now: clocks.latest, max_age: args.max_plan_age };
    // By a wrong clock the plan's age says nothing.
    if clocks.warnings.is_empty() {
        check_plan(&file, &standing)?;
    }
    let run = Run { global, args, context: &context };
    if !args.dry_run {
        output::check(global.format)?;
        make_room(args.journal.as_deref())?;
    }
    let name = args.plan.display().to_string();
    // What goes over a limit by its own word was no plan of ours, and nothing of it is done.
    let reviewed = match clock::guarded(approve(file.plan, &context.policy), &clocks) {
        Ok(reviewed) => reviewed,
        Err(refused) => return run.refuse(*refused, &name),
    };
    let (Agreement { plan, left }, clocks) = run.agree(reviewed.plan()).await?;
    let approved = match clock::guarded(approve(plan, &context.policy), &clocks) {
        Ok(approved) => approved,
        Err(refused) => return run.refuse(*refused, &name),
    };
    let mut report = run.report(approved.plan(), &name);
    if args.dry_run {
        return Ending { global, report, out: None, troubles: Vec::new() }.tell();
    }
    let Applied { application, journal, broken } = run.apply(&approved, &left).await?;
    context.log_traffic();
    let journal = journal.map(|path| path.display().to_string());
    report.application = Some(&application);
    report.journal = journal.as_deref();
    let troubles = broken.iter().map(unwritten).collect();
    let exit = Ending { global, report, out: None, troubles }.tell()?;
    let stopped = broken.is_some() && application.has_changed();
    Ok(if stopped { Exit::gravest([exit, Exit::Partly]) } else { exit })
}

/// What a run is about.
struct Run<'a> {
    global: &'a Global,
    args: &'a Apply,
    context: &'a Context,
}

impl<'a> Run<'a> {
    /// Reads and decides anew, and holds the reviewed plan against that.
    async fn agree(&self, reviewed: &Plan) -> Result<(Agreement, ClockReading), Failure> {
        let Self { global, args, context } = self;
        let in_use =
            in_use_listed(args.in_use.as_deref(), args.allow_empty_in_use, &context.policy).await?;
        let journals = earlier(args.journal.as_deref(), &context.policy_digest)?;
        if !args.dry_run {
            put_back_first(context, &journals).await;
        }
        let left: Vec<Unfinished> = journals.iter().flat_map(JournalRecords::unfinished).collect();
        let put_back: Vec<RestoredManifest> =
            journals.iter().flat_map(JournalRecords::restored_manifests).collect();
        let progress = progress::new(global);
        let connections = &context.connections;
        let planning = Planning {
            context,
            collector: Collector { connections, progress: progress.as_ref() },
            in_use: &in_use,
            unfinished: &left,
            put_back: &put_back,
            at: None,
        };
        let planned = planning.run().await;
        check_in_use(&planned.in_use, args.allow_empty_in_use)?;
        let ties = planning.ties(&planned);
        Ok((agree(reviewed, &planned.plan, &ties), planned.clocks))
    }

    /// Applies what is agreed upon; what only the reviewed plan wanted is told as left alone.
    async fn apply(&self, plan: &ApprovedPlan, left: &[WithheldEntry]) -> Result<Applied, Failure> {
        let progress = progress::new(self.global);
        let connections = &self.context.connections;
        let collector = Collector { connections, progress: progress.as_ref() };
        let told = report_withheld(collector, left).await;
        let applying = Applying {
            context: self.context,
            collector,
            plan,
            journal: self.args.journal.as_deref(),
            command: "apply",
            now: plan.plan().created,
        };
        let mut applied = applying.run().await?;
        applied.application.applied.extend(told);
        applied.application.applied.sort_by(|a, b| a.repository.cmp(&b.repository));
        Ok(applied)
    }

    fn refuse(&self, refused: RefusedPlan, name: &str) -> Result<Exit, Failure> {
        let RefusedPlan { plan, refusals } = refused;
        let report = Report { refusals: &refusals, ..self.report(&plan, name) };
        self.context.log_traffic();
        Ending { global: self.global, report, out: None, troubles: Vec::new() }.tell()
    }

    fn report<'r>(&self, plan: &'r Plan, name: &'r str) -> Report<'r>
    where
        'a: 'r,
    {
        Report {
            command: CleanupCommand::Apply,
            policy: &self.context.policy,
            plan,
            refusals: &[],
            application: None,
            journal: None,
            plan_file: Some(name),
            at_another_time: false,
        }
    }
}
