//! The guards that need the pipeline's runs: whether the release is known to be good, and whether a run
//! may deploy to the environment at this moment.

use super::super::deployed::{newest_runs, of_release, unread_text};
use super::planning::MovePlanning;
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

impl MovePlanning<'_> {
    /// Asks the pipeline's runs. One that goes on with an earlier run of the same move goes where that run
    /// went.
    pub(in crate::command) async fn pipeline_guards(
        &self,
        goal: &MoveGoal,
        known_good: KnownGood,
    ) -> PipelineGuards {
        let policy = &self.session.policy;
        let source = goal.source.as_ref().and_then(|name| policy.environments.get(name));
        let source = source.unwrap_or(self.environment);
        let asks_known_good = source.order == ReleaseOrder::Deployed
            && known_good == KnownGood::Unasked
            && self.earlier.same_goal(goal).is_none();
        let asks_running = policy.github.is_some()
            && self.environment.deploys.is_some()
            && goal.while_running == WhileRunning::Refuse;
        let mut found = PipelineGuards::default();
        if asks_running {
            match newest_runs(self.session, self.environment).await {
                Ok(runs) => {
                    let running = unfinished_run(self.environment, &runs);
                    found.guards.extend(running.map(|run| deploy_running(goal, run)));
                }
                Err(why) => {
                    let name = &self.environment.name;
                    let what = format!("whether a run deploys to {name} now could not be read");
                    found.unread = Some((format!("{what}: {}", why.message), why));
                }
            }
        }
        if asks_known_good {
            match self.not_known_good(source, goal).await {
                Ok(guard) => found.guards.extend(guard),
                Err(why) => found.unread = Some((unread_text(&source.name, &why), why)),
            }
        }
        found
    }

    async fn not_known_good(
        &self,
        source: &Environment,
        goal: &MoveGoal,
    ) -> Result<Option<Guard>, Unread> {
        let mut known = of_release(self.session, source, &goal.to).await?;
        let is_unread = !known.is_complete();
        known.found.retain(|deployment| deployment.sha.agrees_with(&goal.to));
        let why = match deployed(&mut known.found, is_unread) {
            Deployed::Good(_) => return Ok(None),
            Deployed::Failed(last) | Deployed::Unknown(last) => last.detail.clone(),
            Deployed::Never | Deployed::Unread => "nothing says that it was deployed".to_owned(),
        };
        let message = format!("{} is not known to be good in {}: {why}", goal.to, source.name);
        let hint = format!(
            "`tags list {}` shows what was deployed; if it is good all the same, deploy it and record that with `tags verify --running … --record`",
            source.name
        );
        Ok(Some(Guard::new(GuardCode::NotKnownGood, message, hint)))
    }
}

fn deploy_running(goal: &MoveGoal, run: &Run) -> Guard {
    let message = format!(
        "run {} of {} has not ended, and may deploy to {}: {}",
        run.id, run.workflow, goal.environment, run.url
    );
    let hint = match goal.command {
        MoveCommand::Rollback | MoveCommand::Promote => {
            "wait until it has ended, or cancel it; to move the tags all the same, say --while-running"
        }
        MoveCommand::Repair => "wait until it has ended, or cancel it",
    };
    Guard::new(GuardCode::DeployRunning, message, hint)
}
