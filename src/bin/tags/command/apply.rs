//! `tags apply`: what a reviewed plan and a fresh decision both delete.

use tags::change::journal::Recorded;
use tags::change::report_withheld;
use tags::command::Session;
use tags::model::{ClockReading, RestoredManifest, Unfinished};
use tags::report::{Cleanup as Report, CleanupCommand};
use tags::retention::{Agreement, ApprovedPlan, Plan, RefusedPlan, WithheldEntry, agree, approve};

use super::applying::{Applied, Applying, earlier, make_room, put_back_first, unwritten};
use super::plan_end::Ending;
use super::plan_input::{Standing, check_in_use, check_plan, in_use_listed, read_plan};
use super::planning::Planning;
use crate::args::{Apply, Global};
use crate::context::connect_patiently;
use crate::exit::{Exit, Failure};
use crate::{clock, output};

pub(crate) async fn run(global: &Global, args: &Apply) -> Result<Exit, Failure> {
    let session = connect_patiently(global)?;
    let file = read_plan(&args.plan, &session.policy).await?;
    let clocks = clock::reading_for(&session, &file.plan).await;
    let standing =
        Standing { policy: &session.policy_digest, now: clocks.latest, max_age: args.max_plan_age };
    // By a wrong clock the plan's age says nothing.
    if clocks.warnings.is_empty() {
        check_plan(&file, &standing)?;
    }
    let run = Run { global, args, session: &session };
    if !args.dry_run {
        output::check(global.format)?;
        make_room(args.journal.as_deref())?;
    }
    let name = args.plan.display().to_string();
    // What goes over a limit by its own word was no plan of ours, and nothing of it is done.
    let reviewed = match clock::guarded(approve(file.plan, &session.policy), &clocks) {
        Ok(reviewed) => reviewed,
        Err(refused) => return run.refuse(*refused, name),
    };
    let (Agreement { plan, left }, clocks) = run.agree(reviewed.plan()).await?;
    let approved = match clock::guarded(approve(plan, &session.policy), &clocks) {
        Ok(approved) => approved,
        Err(refused) => return run.refuse(*refused, name),
    };
    if args.dry_run {
        let report = run.report(approved.into_plan(), name);
        return Ending { global, report, out: None, troubles: Vec::new() }.tell();
    }
    let Applied { application, journal, broken } = run.apply(&approved, &left).await?;
    session.finish_requests();
    let journal = journal.map(|path| path.display().to_string());
    let stopped = broken.is_some() && application.has_changed();
    let troubles = broken.iter().map(unwritten).collect();
    let application = Some(application);
    let report = Report { application, journal, ..run.report(approved.into_plan(), name) };
    let exit = Ending { global, report, out: None, troubles }.tell()?;
    Ok(if stopped { Exit::gravest([exit, Exit::Partly]) } else { exit })
}

/// What a run is about.
struct Run<'a> {
    global: &'a Global,
    args: &'a Apply,
    session: &'a Session,
}

impl Run<'_> {
    /// Reads and decides anew, and holds the reviewed plan against that.
    async fn agree(&self, reviewed: &Plan) -> Result<(Agreement, ClockReading), Failure> {
        let Self { args, session, .. } = self;
        let in_use =
            in_use_listed(args.in_use.as_deref(), args.allow_empty_in_use, &session.policy).await?;
        let journals = earlier(args.journal.as_deref(), &session.policy_digest)?;
        if !args.dry_run {
            put_back_first(session, &journals).await;
        }
        let left: Vec<Unfinished> = journals.iter().flat_map(Recorded::unfinished).collect();
        let put_back: Vec<RestoredManifest> =
            journals.iter().flat_map(Recorded::put_back).collect();
        let planning = Planning {
            session,
            collector: session.collector(),
            in_use: &in_use,
            unfinished: &left,
            put_back: &put_back,
            at: None,
        };
        let planned = planning.run().await;
        session.listener.finish_progress();
        check_in_use(&planned.in_use, args.allow_empty_in_use)?;
        let ties = planning.ties(&planned);
        Ok((agree(reviewed, &planned.plan, &ties), planned.clocks))
    }

    /// Applies what is agreed upon; what only the reviewed plan wanted is told as left alone.
    async fn apply(&self, plan: &ApprovedPlan, left: &[WithheldEntry]) -> Result<Applied, Failure> {
        let collector = self.session.collector();
        let told = report_withheld(collector, left).await;
        let applying = Applying {
            session: self.session,
            collector,
            plan,
            journal: self.args.journal.as_deref(),
            command: "apply",
            now: plan.plan().created,
            patience: self.global.patience,
        };
        let mut applied = applying.run().await?;
        self.session.listener.finish_progress();
        applied.application.applied.extend(told);
        applied.application.applied.sort_by(|a, b| a.repository.cmp(&b.repository));
        Ok(applied)
    }

    fn refuse(&self, refused: RefusedPlan, name: String) -> Result<Exit, Failure> {
        let RefusedPlan { plan, refusals } = refused;
        let report = Report { refusals, ..self.report(plan, name) };
        self.session.finish_requests();
        Ending { global: self.global, report, out: None, troubles: Vec::new() }.tell()
    }

    fn report(&self, plan: Plan, name: String) -> Report {
        let plan_file = Some(name);
        Report { plan_file, ..Report::planned(CleanupCommand::Apply, &self.session.policy, plan) }
    }
}
