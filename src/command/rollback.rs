//! `rollback`: moves the latest tags of an environment to an earlier release, in all images and
//! registries or in none.

use std::path::PathBuf;

use super::journals::rename_earlier;
use super::moves::{
    CurrentName, EarlierMoves, KnownGood, MoveFacts, MovePlanning, MoveTags, NamedRelease,
    TagsSeen, ended, named, own_tags, places, tags_seen,
};
use super::rollback_target::{self, CurrentBy};
use super::{CommandError, GitLog, MovePurpose, PlannedMove, Session, State};
use crate::change::{Backwards, Guard, MoveCommand, MoveGoal, MoveVerdict, WhileRunning};
use crate::collect::Depth;
use crate::model::{Sha, TagReference, Unread};
use crate::policy::Environment;
use crate::report::{Exit, Move, MoveProblem, RollbackTarget, RollbackVerdict, Target};

/// How many skipped releases are told.
const SHOWN: usize = 10;

/// Asks to roll back.
pub struct Request<'a> {
    /// The environment.
    pub environment: String,
    /// The release.
    pub target: RollbackTo,
    /// Whether the tags are moved, or it is only reported where they would move.
    pub purpose: MovePurpose,
    /// The history of the environment's branch.
    pub git: GitLog,
    /// Where this machine keeps its state.
    pub state: &'a dyn State,
    /// The file to record the move in; by default a new one in the state directory.
    pub journal: Option<PathBuf>,
    /// Whether to roll back while a run of the pipeline may deploy to the environment.
    pub while_running: WhileRunning,
}

/// The release to roll back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RollbackTo {
    /// The last good release before the current one, as `rollback-target` finds it; or the goal of a
    /// rollback that was interrupted.
    LastGood,
    /// So many good releases back.
    Steps(usize),
    /// The release with this SHA, or the beginning of one.
    Sha(String),
}

impl RollbackTo {
    fn steps(&self) -> Option<usize> {
        match self {
            Self::Steps(steps) => Some(*steps),
            Self::LastGood | Self::Sha(_) => None,
        }
    }
}

impl<'a> Request<'a> {
    /// Asks where a rollback to the last good release would move the latest tags.
    #[must_use]
    pub fn new(environment: &str, state: &'a dyn State) -> Self {
        Self {
            environment: environment.to_owned(),
            target: RollbackTo::LastGood,
            purpose: MovePurpose::DryRun,
            git: GitLog::default(),
            state,
            journal: None,
            while_running: WhileRunning::Refuse,
        }
    }
}

/// Plans a rollback: reads every place, and asks the guards. Nothing is written.
///
/// # Errors
/// [`CommandError`] when the policy does not have the environment, the SHA names no release, or a
/// journal cannot be read.
pub async fn plan(session: &Session, request: &Request<'_>) -> Result<PlannedMove, CommandError> {
    let planning = planning(session, request)?;
    let facts = match facts(&planning, request).await? {
        Ok(facts) => facts,
        Err(report) => return Ok(ended(session, *report)),
    };
    Ok(planning.plan(facts).await)
}

/// Plans the move of `repair --latest`, to the release that was repaired. Nothing is written.
///
/// # Errors
/// As [`plan`].
pub(super) async fn plan_repair(
    session: &Session,
    request: &Request<'_>,
    sha: &Sha,
) -> Result<PlannedMove, CommandError> {
    let planning = planning(session, request)?;
    let how = How { command: MoveCommand::Repair, ..how(request) };
    match by_sha(&planning, sha, how).await? {
        Ok(facts) => Ok(planning.plan(facts).await),
        Err(report) => Ok(ended(session, *report)),
    }
}

/// What every move to a release of its own environment begins with: the moves that are on record.
pub(super) fn planning<'a>(
    session: &'a Session,
    request: &Request<'a>,
) -> Result<MovePlanning<'a>, CommandError> {
    let environment = session.environment(&request.environment)?;
    let named = request.journal.as_deref();
    if request.purpose == MovePurpose::Apply {
        rename_earlier(session, named)?;
    }
    let earlier = EarlierMoves::read(session, &environment.name, (request.state, named))?;
    Ok(MovePlanning {
        session,
        environment,
        purpose: request.purpose,
        state: request.state,
        journal: request.journal.clone(),
        earlier,
    })
}

fn how(request: &Request<'_>) -> How {
    let (command, while_running) = (MoveCommand::Rollback, request.while_running);
    How { command, steps: request.target.steps(), while_running }
}

/// The facts, or the report of why there are none.
type Facts = Result<MoveFacts, Box<Move>>;

async fn facts(planning: &MovePlanning<'_>, request: &Request<'_>) -> Result<Facts, CommandError> {
    let steps = request.target.steps();
    if let RollbackTo::Sha(text) = &request.target {
        let sha = Sha::parse(&text.to_ascii_lowercase())
            .map_err(|error| CommandError::usage(format!("--to: {error}")))?;
        return by_sha(planning, &sha, how(request)).await;
    }
    match planning.earlier.goal_to_take_up(MoveCommand::Rollback, None, steps) {
        Some(goal) => {
            let sha = goal.to.clone();
            match by_sha(planning, &sha, how(request)).await {
                Err(error) if error.exit == Exit::Usage => {
                    Ok(Err(planning.release_gone(goal, &error)))
                }
                found => found,
            }
        }
        None => by_search(planning, request).await,
    }
}

/// What the move is for. One that goes on with an earlier run may do what that run might.
fn goal(planning: &MovePlanning<'_>, to: &Sha, how: How) -> MoveGoal {
    let goal = MoveGoal {
        command: how.command,
        environment: planning.environment.name.clone(),
        source: None,
        to: to.clone(),
        steps: how.steps,
        backwards: Backwards::Refuse,
        while_running: how.while_running,
    };
    planning.earlier.with_allowances(goal)
}

/// How a release was asked for.
#[derive(Clone, Copy)]
struct How {
    command: MoveCommand,
    steps: Option<usize>,
    while_running: WhileRunning,
}

/// To a release that is known by its SHA.
async fn by_sha(planning: &MovePlanning<'_>, sha: &Sha, how: How) -> Result<Facts, CommandError> {
    let MovePlanning { session, environment, .. } = planning;
    let (to, seen) = match named(session, environment, sha).await? {
        NamedRelease::Found(to, seen) => (to, seen),
        NamedRelease::Unread(unread) => {
            return Ok(Err(unknown(planning, (how.command, sha), unread)));
        }
    };
    let (goal, from) = (goal(planning, &to, how), CurrentName::Unasked);
    let known_good = KnownGood::Unasked;
    Ok(Ok(MoveFacts { goal, from, seen, guards: Vec::new(), notes: Vec::new(), known_good }))
}

fn unknown(
    planning: &MovePlanning<'_>,
    (command, sha): (MoveCommand, &Sha),
    unread: Vec<Unread>,
) -> Box<Move> {
    let cause = unread.iter().map(|unread| unread.cause).min();
    let problem = |unread: Unread| MoveProblem { message: unread.message, hint: unread.hint };
    let verdict = cause.map_or(MoveVerdict::Missing, MoveVerdict::Unknown);
    let problems = unread.into_iter().map(problem).collect();
    let report = planning.unplanned(command, (verdict, problems));
    Box::new(Move { to: Some(sha.clone()), ..*report })
}

/// To the release that `rollback-target` finds.
async fn by_search(
    planning: &MovePlanning<'_>,
    request: &Request<'_>,
) -> Result<Facts, CommandError> {
    let MovePlanning { session, environment, .. } = planning;
    let steps = request.target.steps();
    let question = rollback_target::Request {
        environment: request.environment.clone(),
        current: CurrentBy::LatestTags,
        steps: steps.unwrap_or(1),
        depth: Depth::Content,
        git: request.git.clone(),
        order: None,
    };
    let rollback = rollback_target::find(session, &question).await?;
    tell_skipped(session, &rollback);
    let from = CurrentName::Known(rollback.current.as_ref().map(|current| current.sha.clone()));
    let notes = rollback.current.iter().flat_map(|current| current.current.notes.clone()).collect();
    let Some(target) = &rollback.target else {
        let mut report = without_target(planning, &rollback);
        if steps.is_none() && report.verdict == MoveVerdict::Missing {
            refuse_repeated(planning, &rollback, &mut report).await;
        }
        return Ok(Err(report));
    };
    let seen = tags_seen(session.collector(), tags_of(environment, target)).await;
    let mut guards = Vec::new();
    if steps.is_none() {
        guards.extend(repeated(planning, &seen));
    }
    let goal = goal(planning, &target.sha, how(request));
    Ok(Ok(MoveFacts { goal, from, seen, guards, notes, known_good: KnownGood::Found }))
}

/// Says which newer releases were skipped, and why.
fn tell_skipped(session: &Session, rollback: &RollbackTarget) {
    for skipped in rollback.skipped.iter().take(SHOWN) {
        let (sha, code, message) = (&skipped.sha, skipped.code, &skipped.message);
        session.note(format!("skipped {sha} ({code}): {message}"), None);
    }
    if let Some(more) = rollback.skipped.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        let name = &rollback.environment;
        let hint = format!("`tags rollback-target {name} --format json` lists them all");
        session.note(format!("{more} more were skipped"), Some(hint));
    }
}

/// The tags of a target, each by the name that it has in its place.
fn tags_of(environment: &Environment, target: &Target) -> Vec<MoveTags> {
    let scheme = &environment.scheme;
    let tags = places(environment).map(|(place, repository)| {
        let tag = |tag| TagReference { repository: repository.clone(), tag };
        let known = target.images.iter().find(|image| image.place == place);
        let source = known
            .map_or_else(|| tag(scheme.sha.render(&target.sha)), |image| image.reference.clone());
        MoveTags { place, source, latest: tag(scheme.latest.clone()), sha_tag: None }
    });
    tags.collect()
}

/// Whether this would roll back once more what was rolled back a moment ago.
fn repeated(planning: &MovePlanning<'_>, seen: &[TagsSeen]) -> Option<Guard> {
    let now: Vec<_> =
        seen.iter().map(|place| (&place.tags.latest, place.latest.digest())).collect();
    planning.earlier.repeated_guard(&now)
}

/// The same, where nothing is older than what was rolled back to.
async fn refuse_repeated(
    planning: &MovePlanning<'_>,
    rollback: &RollbackTarget,
    report: &mut Move,
) {
    let Some(current) = &rollback.current else {
        return;
    };
    let tags = own_tags(planning.environment, &current.sha);
    let seen = tags_seen(planning.session.collector(), tags).await;
    if let Some(guard) = repeated(planning, &seen) {
        report.guards.push(guard);
        report.verdict = MoveVerdict::Refused;
    }
}

fn without_target(planning: &MovePlanning<'_>, rollback: &RollbackTarget) -> Box<Move> {
    let mut problems: Vec<MoveProblem> = rollback
        .unread
        .iter()
        .map(|(name, unread)| MoveProblem {
            message: format!("{name} could not be read: {}", unread.message),
            hint: unread.hint.clone(),
        })
        .collect();
    let none = format!("{} has no release to roll back to", rollback.environment);
    let name = &rollback.environment;
    problems.push(MoveProblem {
        message: rollback.message.clone().unwrap_or(none),
        hint: Some(format!("`tags list {name}` shows every release; name one with --to SHA")),
    });
    let verdict = match rollback.verdict() {
        RollbackVerdict::Unknown(cause) => MoveVerdict::Unknown(cause),
        _ => MoveVerdict::Missing,
    };
    let from = rollback.current.as_ref().map(|current| current.sha.clone());
    let report = planning.unplanned(MoveCommand::Rollback, (verdict, problems));
    Box::new(Move { from, ..*report })
}
