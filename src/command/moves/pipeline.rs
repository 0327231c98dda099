//! The guards that need the pipeline's runs: whether the release is known to be good, and whether a run
//! may deploy to the environment at this moment.

use super::super::Session;
use super::super::deployed::{of_release, recent_runs, unread_text};
use crate::change::{Guard, GuardCode, MoveCommand, MoveGoal, WhileRunning};
use crate::model::{ReleaseOrder, Run, Unread};
use crate::pipeline::unfinished_run;
use crate::policy::Environment;
use crate::releases::{Deployed, deployed};

/// Whether a release is known to be good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::command) enum KnownGood {
    /// It was found to be, or the move leaves the current release what it is.
    Found,
    /// It has to be asked, where the order is `deployed`.
    Unasked,
}

/// What the pipeline's runs say against a move.
#[derive(Default)]
pub(in crate::command) struct PipelineGuards {
    pub(in crate::command) guards: Vec<Guard>,
    /// What could not be read, in words, and why.
    pub(in crate::command) unread: Option<(String, Unread)>,
}

/// What is asked of the pipeline's runs.
pub(super) struct PipelineQuestion<'a> {
    pub(super) session: &'a Session,
    /// The environment whose latest tags move.
    pub(super) environment: &'a Environment,
    pub(super) goal: &'a MoveGoal,
    /// Whether it has to be asked whether the release is known to be good.
    pub(super) known_good: KnownGood,
}

impl PipelineQuestion<'_> {
    /// Asks the pipeline's runs.
    pub(super) async fn guards(&self) -> PipelineGuards {
        let Self { session, environment, goal, .. } = self;
        let policy = &session.policy;
        let source = goal.source.as_ref().and_then(|name| policy.environments.get(name));
        let source = source.unwrap_or(environment);
        let asks_known_good =
            source.order == ReleaseOrder::Deployed && self.known_good == KnownGood::Unasked;
        let asks_running = policy.github.is_some()
            && environment.deploys.is_some()
            && goal.while_running == WhileRunning::Refuse;
        let mut found = PipelineGuards::default();
        if asks_running {
            match recent_runs(session, environment).await {
                Ok(runs) => {
                    let running = unfinished_run(environment, &runs);
                    found.guards.extend(running.map(|run| deploy_running(goal, run)));
                }
                Err(why) => {
                    let what = format!("whether a run may deploy to {} now", environment.name);
                    found.unread =
                        Some((format!("{what} could not be read: {}", why.message), why));
                }
            }
        }
        if asks_known_good {
            match not_known_good(session, source, goal).await {
                Ok(guard) => found.guards.extend(guard),
                Err(why) => found.unread = Some((unread_text(&source.name, &why), why)),
            }
        }
        found
    }
}

async fn not_known_good(
    session: &Session,
    source: &Environment,
    goal: &MoveGoal,
) -> Result<Option<Guard>, Unread> {
    let mut known = of_release(session, source, &goal.to).await?;
    let is_unread = !known.is_complete();
    known.found.retain(|deployment| deployment.sha.agrees_with(&goal.to));
    let why = match deployed(&mut known.found, is_unread) {
        Deployed::Good(_) => return Ok(None),
        Deployed::Failed(last) | Deployed::Unknown(last) => last.detail.clone(),
        Deployed::Never | Deployed::Unread => {
            "there is no evidence that it was deployed".to_owned()
        }
    };
    let name = &source.name;
    let message = format!("{} is not known to be good in {name}: {why}", goal.to);
    let hint = format!("`tags list {name}` shows what was deployed, and how that ended");
    Ok(Some(Guard::new(GuardCode::NotKnownGood, message, hint)))
}

fn deploy_running(goal: &MoveGoal, run: &Run) -> Guard {
    let message = format!(
        "run {} of {} has not ended, and may deploy to {}: {}",
        run.id, run.workflow, goal.environment, run.url
    );
    let hint = match goal.command {
        MoveCommand::Rollback | MoveCommand::Promote => {
            "wait until it has ended, or cancel it; to move the tags anyway, pass --while-running"
        }
        MoveCommand::Repair => "wait until it has ended, or cancel it",
    };
    Guard::new(GuardCode::DeployRunning, message, hint)
}
