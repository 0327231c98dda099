//! `tags cleanup`: plan, check, and apply if that was asked for.

use tags::change::Application;
use tags::change::journal::{Recorded, close};
use tags::command::Session;
use tags::model::{RestoredManifest, Unfinished};
use tags::report::{self, Cleanup as Report, CleanupCommand};
use tags::retention::{ApprovedPlan, InUse, Plan, RefusedPlan, approve, batch};

use super::applying::{
    Applied, Applying, earlier, make_room, put_back_first, unreadable, unwritten,
};
use super::plan_end::{Ending, plan_size};
use super::plan_input::{check_in_use, in_use_listed};
use super::planning::Planning;
use crate::args::{Cleanup, Global};
use crate::confirm::confirm;
use crate::context::{connect, connect_patiently};
use crate::destination::Destination;
use crate::exit::{Exit, Failure};
use crate::{clock, output};

pub(crate) async fn run(global: &Global, args: &Cleanup) -> Result<Exit, Failure> {
    let session = if args.apply { connect_patiently(global) } else { connect(global) }?;
    let in_use =
        in_use_listed(args.in_use.as_deref(), args.allow_empty_in_use, &session.policy).await?;
    let mut out = match &args.out {
        Some(path) => Some(Destination::open(path).await?),
        None => None,
    };
    if args.apply {
        output::check(global.format)?;
        make_room(args.journal.as_deref())?;
    }
    let journals = earlier(args.journal.as_deref(), &session.policy_digest)?;
    if args.apply {
        put_back_first(&session, &journals).await;
    }
    let run = Run { global, args, session: &session, journals: &journals };
    let approval = run.plan(&in_use).await?;
    let name = out.as_ref().map(Destination::name);
    let applied = match &approval {
        Ok(plan) if args.apply => {
            if let Some(out) = &mut out {
                // What was applied is written into it, too.
                out.rehearse(plan_size(plan.plan())?.saturating_mul(2))?;
            }
            if !args.yes && plan.deletions().next().is_some() {
                confirm(&report::question(plan.plan())).await?;
            }
            Some(run.apply(plan).await?)
        }
        _ => None,
    };
    session.finish_requests();
    let (plan, refusals) = match approval {
        Ok(approved) => (approved.into_plan(), Vec::new()),
        Err(refused) => (refused.plan, refused.refusals),
    };
    let report = Report {
        refusals,
        plan_file: name,
        at_another_time: args.at.is_some(),
        ..Report::planned(CleanupCommand::Cleanup, &session.policy, plan)
    };
    let Some(Applied { application, journal, broken }) = applied else {
        return Ending { global, report, out, troubles: Vec::new() }.tell();
    };
    let journal = journal.map(|path| path.display().to_string());
    let mut troubles: Vec<Failure> = broken.iter().map(unwritten).collect();
    if broken.is_none() && is_settled(&report.plan, &application) {
        let by = journal.as_deref().unwrap_or("cleanup --apply");
        troubles.extend(run.close(by));
    }
    let stopped = broken.is_some() && application.has_changed();
    let report = Report { application: Some(application), journal, ..report };
    let exit = Ending { global, report, out, troubles }.tell()?;
    Ok(if stopped { Exit::gravest([exit, Exit::Partly]) } else { exit })
}

/// What the guards say of a plan.
type Approval = Result<ApprovedPlan, Box<RefusedPlan>>;

/// What a run is about.
struct Run<'a> {
    global: &'a Global,
    args: &'a Cleanup,
    session: &'a Session,
    /// The journals of earlier runs.
    journals: &'a [Recorded],
}

impl Run<'_> {
    /// Reads, decides and checks.
    async fn plan(&self, in_use: &InUse) -> Result<Approval, Failure> {
        let left: Vec<Unfinished> = self.journals.iter().flat_map(Recorded::unfinished).collect();
        let put_back: Vec<RestoredManifest> =
            self.journals.iter().flat_map(Recorded::put_back).collect();
        let planning = Planning {
            session: self.session,
            collector: self.session.collector(),
            in_use,
            unfinished: &left,
            put_back: &put_back,
            at: self.args.at,
        };
        let planned = planning.run().await;
        self.session.listener.finish_progress();
        check_in_use(&planned.in_use, self.args.allow_empty_in_use)?;
        let clocks = planned.clocks.clone();
        let policy = &self.session.policy;
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
        let applying = Applying {
            session: self.session,
            collector: self.session.collector(),
            plan,
            journal: self.args.journal.as_deref(),
            command: "cleanup --apply",
            now: plan.plan().created,
            patience: self.global.patience,
        };
        let applied = applying.run().await;
        self.session.listener.finish_progress();
        applied
    }

    /// Ends the journals of runs that broke off: this one has done what was left.
    fn close(&self, by: &str) -> Vec<Failure> {
        let open = self.journals.iter().filter(|journal| !journal.finished);
        let closed = open.map(|earlier| close(&earlier.path, by));
        closed.filter_map(Result::err).map(|error| unreadable(&error)).collect()
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
