//! `report`: reads everything that people look at: releases, storage, the plan, the pipeline.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::cleanup::{self, Purpose};
use super::list::records_and_first_pages;
use super::moves::{EarlierMove, EarlierMoves};
use super::{
    CommandError, GitLogs, Listener, Message, Planned, Progress, Session, Stage, State, history,
    list, rollback_target, runs, verify,
};
use crate::model::{Unread, UnreadCause};
use crate::policy::Environment;
use crate::report::{
    Cleanup, CleanupCommand, EnvironmentOverview, Exit, Overview, ReadWarning, RecordedMove,
    Report, Runs,
};
use crate::retention::{PlanOutcome, plan_file};

/// Asks for a report.
pub struct Request<'a> {
    /// The environments; all of the policy if there are none.
    pub environments: Vec<String>,
    /// A plan that was made before, with the name of its file; without it a new one is made.
    pub plan: Option<(String, &'a str)>,
    /// The time that the plan and the ages are for; by default the current time of the servers.
    pub at: Option<DateTime<Utc>>,
    /// What git says about the branch of each environment.
    pub git: GitLogs,
    /// Where this machine keeps its state.
    pub state: &'a dyn State,
    /// The name of the file that the caller writes the page to.
    pub page: Option<String>,
}

/// Reads everything. What is warned about meanwhile is a part of the report, and each warning is sent
/// to the listener once.
///
/// # Errors
/// [`CommandError`] when the policy has no such environment, when an order of the policy has nothing to
/// read it from, or when the plan file is no plan. What cannot be read is a part of the report.
pub async fn report(
    session: &mut Session,
    request: &Request<'_>,
) -> Result<Overview, CommandError> {
    let told = Arc::new(Told::before(Arc::clone(&session.listener)));
    session.listener = Arc::clone(&told) as Arc<dyn Listener>;
    let read = read(session, request).await;
    session.finish_requests();
    let mut overview = read?;
    overview.now = request.at.unwrap_or_else(|| session.clock_reading().latest);
    overview.warnings = told.warnings();
    Ok(overview)
}

async fn read(session: &Session, request: &Request<'_>) -> Result<Overview, CommandError> {
    // A mistake in the request is said before anything is sent.
    let reviewed = request.plan.as_ref().map(|plan| reviewed(session, plan)).transpose()?;
    let mut environments = Vec::new();
    for of in chosen(session, &request.environments)? {
        environments.push(environment(session, request, of).await?);
    }
    let is_foreign = |plan: &&Cleanup| plan.plan.policy != session.policy_digest;
    let foreign_plan = reviewed.as_ref().filter(is_foreign).and_then(|plan| plan.plan_file.clone());
    let plan = match reviewed {
        Some(plan) => Ok(Box::new(plan)),
        None => new_plan(session, request).await?,
    };
    let runs = pipeline(session, request).await?;
    let now = DateTime::UNIX_EPOCH;
    let page = request.page.clone();
    Ok(Overview { now, environments, plan, foreign_plan, runs, warnings: Vec::new(), page })
}

/// The environments that were asked for, each once, in the order in which people look at them.
fn chosen<'s>(
    session: &'s Session,
    names: &[String],
) -> Result<Vec<&'s Environment>, CommandError> {
    let mut wanted = BTreeSet::new();
    for name in names {
        wanted.insert(&session.environment(name)?.name);
    }
    let all = session.policy.environments_in_order().into_iter();
    Ok(all.filter(|of| names.is_empty() || wanted.contains(&of.name)).collect())
}

async fn environment(
    session: &Session,
    request: &Request<'_>,
    of: &Environment,
) -> Result<EnvironmentOverview, CommandError> {
    let environment = &*history::environment(session, of.name.as_str(), None)?;
    let git = request.git.get(&of.name).cloned().unwrap_or_default();
    let read = futures_util::join!(
        history::read(session, environment, &git),
        records_and_first_pages(session, environment)
    );
    let target = rollback_target::of_history(session, environment, read.clone()).await?;
    let listing = list::of_history(session, environment, read).await;
    let verification = match &target.current {
        Some(current) => {
            let request = verify::Request::new(of.name.as_str(), &current.sha.to_string());
            Some(verify::verify(session, &request).await?)
        }
        None => None,
    };
    let earlier = EarlierMoves::read(session, &of.name, (request.state, None));
    let moves = match earlier {
        Ok(earlier) => earlier.all().map(recorded).collect(),
        Err(error) => {
            session.warn(error.message, error.hint);
            Vec::new()
        }
    };
    Ok(EnvironmentOverview { listing, target, verification, moves })
}

fn recorded(earlier: &EarlierMove) -> RecordedMove {
    let goal = &earlier.record.goal;
    RecordedMove {
        command: goal.command,
        time: earlier.journal.header.created,
        to: goal.to.clone(),
    }
}

/// The plan of a file.
fn reviewed(session: &Session, (name, text): &(String, &str)) -> Result<Cleanup, CommandError> {
    let file = plan_file::read(text, &session.policy).map_err(|error| {
        CommandError::usage(format!("{name} is not a plan file: {error}")).hint(error.hint())
    })?;
    if file.outcome == PlanOutcome::Refused {
        let why = file.refusals.first().map(|why| format!(": {why}")).unwrap_or_default();
        session.warn(format!("the plan in {name} was refused when it was made{why}"), None);
    }
    let plan_file = Some(name.clone());
    let made = Cleanup::planned(CleanupCommand::Cleanup, &session.policy, file.plan);
    Ok(Cleanup { plan_file, ..made })
}

/// A plan as `cleanup` would make it now. Without the records it is unknown what has to be kept.
async fn new_plan(
    session: &Session,
    request: &Request<'_>,
) -> Result<Result<Box<Cleanup>, Unread>, CommandError> {
    let git = request.git.clone();
    let purpose = Purpose::DryRun { at: request.at };
    let asked = cleanup::Request { git, ..cleanup::Request::new(purpose, request.state) };
    match cleanup::plan(session, &asked).await {
        Ok(Planned::Ended(ended)) => match ended.report {
            Report::Cleanup(cleanup) => {
                for refusal in &cleanup.refusals {
                    let text = format!("the plan would be refused: {refusal}");
                    session.warn(text, Some(refusal.hint().to_owned()));
                }
                for warning in &cleanup.plan.warnings {
                    session.warn(warning.clone(), None);
                }
                Ok(Ok(Box::new(cleanup)))
            }
            _ => Ok(Err(no_plan("it is no plan".to_owned()))),
        },
        // Only a run that applies its plan gets an approved one.
        Ok(Planned::Approved(_)) => Ok(Err(no_plan("it was not asked for".to_owned()))),
        Err(error) => unread(error).map(Err),
    }
}

fn no_plan(message: String) -> Unread {
    Unread { cause: UnreadCause::Unreachable, message, hint: None }
}

/// An error of something that could not be read; other errors end the command.
fn unread(error: CommandError) -> Result<Unread, CommandError> {
    let cause = match error.exit {
        Exit::Credentials => UnreadCause::Credentials,
        Exit::Unreadable => UnreadCause::Unreachable,
        _ => return Err(error),
    };
    Ok(Unread { cause, message: error.message, hint: error.hint })
}

/// The runs of the environments of which the policy says what deploys to them.
async fn pipeline(
    session: &Session,
    request: &Request<'_>,
) -> Result<Option<Result<Runs, Unread>>, CommandError> {
    let chosen = chosen(session, &request.environments)?.into_iter();
    let judged: Vec<String> =
        chosen.filter(|of| of.deploys.is_some()).map(|of| of.name.to_string()).collect();
    if judged.is_empty() {
        return Ok(None);
    }
    if let Err(why) = session.readable_github() {
        return Ok(Some(Err(why)));
    }
    let asked =
        runs::Request { environments: judged, git: request.git.clone(), ..runs::Request::all() };
    match runs::runs(session, &asked).await {
        Ok(runs) => Ok(Some(Ok(runs))),
        Err(error) => unread(error).map(|why| Some(Err(why))),
    }
}

/// Passes messages on, each once, and remembers the warnings.
struct Told {
    before: Arc<dyn Listener>,
    messages: Mutex<Vec<Message>>,
}

impl Told {
    fn before(before: Arc<dyn Listener>) -> Self {
        Self { before, messages: Mutex::default() }
    }

    /// In a stable order, since registries answer in any.
    fn warnings(&self) -> Vec<ReadWarning> {
        let messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        let text = |message: &Message| match message {
            Message::Warning { text, hint } => {
                Some(ReadWarning { text: text.clone(), hint: hint.clone() })
            }
            Message::Note { .. } | Message::Status(_) => None,
        };
        let all: BTreeSet<ReadWarning> = messages.iter().filter_map(text).collect();
        all.into_iter().collect()
    }
}

impl Progress for Told {
    fn expect(&self, steps: usize, stage: Stage) {
        self.before.expect(steps, stage);
    }

    fn advance(&self, stage: Stage) {
        self.before.advance(stage);
    }

    fn expect_bytes(&self, bytes: u64) {
        self.before.expect_bytes(bytes);
    }

    fn advance_bytes(&self, bytes: u64) {
        self.before.advance_bytes(bytes);
    }
}

impl Listener for Told {
    fn message(&self, message: &Message) {
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        if !messages.contains(message) {
            messages.push(message.clone());
            self.before.message(message);
        }
    }

    fn finish_progress(&self) {
        self.before.finish_progress();
    }
}
