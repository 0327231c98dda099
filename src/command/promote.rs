//! `promote`: gives a release of one environment to another, by the very same digests, in all images
//! and registries or in none.

mod direction;

use std::path::PathBuf;

use super::deployed::{DeploymentReader, first_pages, unread_text};
use super::history::{self, History};
use super::journals::rename_earlier;
use super::moves::{
    CurrentName, EarlierMoves, KnownGood, MoveFacts, MovePlanning, MoveTags, TagsSeen, ended,
    places, tags_seen, taken,
};
use super::{CommandError, GitLog, GitLogs, MovePurpose, PlannedMove, Session, State};
use crate::change::{Guard, GuardCode, MoveCommand, MoveGoal, MoveVerdict};
use crate::model::{
    Digest, Place, RegistryName, Release, Sha, TagKind, TagObservation, TagReference, TagState,
    Unread, UnreadCause,
};
use crate::policy::Environment;
use crate::releases::{CurrentError, CurrentQuestion, CurrentSource, current};
use crate::report::{Move, MoveProblem};

use direction::{Direction, direction};

pub use crate::change::{Backwards, WhileRunning};

/// Asks to promote a release.
pub struct Request<'a> {
    /// The environment that has the release.
    pub source: String,
    /// The environment that is to get it.
    pub environment: String,
    /// The release: a commit SHA or the beginning of one; by default the current one.
    pub sha: Option<String>,
    /// Whether a release that is older than the current one is promoted too.
    pub backwards: Backwards,
    /// Whether to promote while a run of the pipeline may deploy to the environment that gets it.
    pub while_running: WhileRunning,
    /// Whether the tags are moved, or it is only reported where they would move.
    pub purpose: MovePurpose,
    /// The history of the branch of each environment.
    pub git: GitLogs,
    /// Where this machine keeps its state.
    pub state: &'a dyn State,
    /// The file to record the move in; by default a new one in the state directory.
    pub journal: Option<PathBuf>,
}

/// Plans a promotion: reads both environments, and asks the guards. Nothing is written.
///
/// # Errors
/// [`CommandError`] when the policy does not have the environments or does not allow the promotion,
/// the SHA names no release, or a journal cannot be read.
pub async fn plan(session: &Session, request: &Request<'_>) -> Result<PlannedMove, CommandError> {
    let source = session.environment(&request.source)?;
    let environment = session.environment(&request.environment)?;
    check_allowed(source, environment)?;
    let asked = request.sha.as_deref().map(parse).transpose()?;
    let named = request.journal.as_deref();
    if request.purpose == MovePurpose::Apply {
        rename_earlier(session, named)?;
    }
    let earlier = EarlierMoves::read(session, &environment.name, (request.state, named))?;
    let planning = MovePlanning {
        session,
        environment,
        purpose: request.purpose,
        state: request.state,
        journal: request.journal.clone(),
        earlier,
    };
    let taken_up = match &asked {
        Some(_) => None,
        None => planning
            .earlier
            .goal_to_take_up(MoveCommand::Promote, Some(&source.name), None)
            .cloned(),
    };
    let asked = asked.or_else(|| taken_up.as_ref().map(|goal| goal.to.clone()));
    let job = Promotion { planning: &planning, request, source, environment };
    let facts = match (job.facts(asked.as_ref()).await, &taken_up) {
        (Err(error), Some(goal)) => Err(planning.release_gone(goal, &error)),
        (facts, _) => facts?,
    };
    let facts = match facts {
        Ok(facts) => facts,
        Err(report) => return Ok(ended(session, *report)),
    };
    Ok(planning.plan(facts).await)
}

fn parse(text: &str) -> Result<Sha, CommandError> {
    Sha::parse(&text.to_ascii_lowercase())
        .map_err(|error| CommandError::usage(format!("--sha: {error}")))
}

/// Only what the policy says may be promoted, and only images that are built for the source.
fn check_allowed(source: &Environment, environment: &Environment) -> Result<(), CommandError> {
    let (from, to) = (&source.name, &environment.name);
    if from == to {
        let message = format!("{to} cannot be promoted to itself");
        let hint = format!("`tags rollback {to} --to SHA` moves {to} to another of its releases");
        return Err(CommandError::usage(message).hint(hint));
    }
    if !environment.promote_from.contains(from) {
        let message = format!("`[environment.{to}]` does not allow promotions from {from}");
        let hint = format!(
            "add `promote-from = [\"{from}\"]` there, unless images are built for each environment"
        );
        return Err(CommandError::usage(message).hint(hint));
    }
    match environment.images.keys().find(|image| !source.images.contains_key(*image)) {
        None => Ok(()),
        Some(image) => {
            let message = format!("{to} needs {image}, which {from} does not have");
            let hint = "give both environments the same `images` in the policy";
            Err(CommandError::usage(message).hint(hint))
        }
    }
}

/// What is promoted from where to where.
struct Promotion<'a> {
    planning: &'a MovePlanning<'a>,
    request: &'a Request<'a>,
    source: &'a Environment,
    environment: &'a Environment,
}

/// The facts, or the report of why there are none.
type Facts = Result<MoveFacts, Box<Move>>;

impl Promotion<'_> {
    async fn facts(&self, asked: Option<&Sha>) -> Result<Facts, CommandError> {
        let (source, target) =
            futures_util::join!(self.history(self.source), self.history(self.environment));
        let problems: Vec<(MoveVerdict, MoveProblem)> = unread(&source, &target)
            .map(|(name, unread)| {
                let message = format!("{name} could not be read: {}", unread.message);
                let problem = MoveProblem { message, hint: unread.hint.clone() };
                (MoveVerdict::Unknown(unread.cause), problem)
            })
            .collect();
        if let Some(verdict) =
            problems.iter().map(|(verdict, _)| *verdict).min_by_key(|it| rank(*it))
        {
            return Ok(Err(self.unplanned(verdict, problems.into_iter().map(|(_, it)| it))));
        }
        let question = asked.map_or(CurrentQuestion::LatestTags, CurrentQuestion::From);
        let mut source = source;
        let found = current(self.source, &source.inventory, &source.timeline, question);
        if matches!(found, Err(CurrentError::DeploymentsUnread(_))) {
            // Without latest tags, what was deployed last is the current release.
            if let Err(problem) = self.read_deployments(&mut source).await {
                return Ok(Err(self.unplanned(problem.0, [problem.1])));
            }
        }
        match current(self.source, &source.inventory, &source.timeline, question) {
            Ok(found) => Ok(Ok(self.of_release(found.index, &source, &target).await)),
            Err(error @ (CurrentError::Ambiguous { .. } | CurrentError::NoSuchRelease { .. })) => {
                let hint = format!("`tags list {}` shows every release", self.source.name);
                Err(CommandError::usage(error.to_string()).hint(hint))
            }
            Err(error) => {
                let hint = Some("name the release with --sha SHA".to_owned());
                let problem = MoveProblem { message: error.to_string(), hint };
                Ok(Err(self.unplanned(MoveVerdict::Missing, [problem])))
            }
        }
    }

    async fn read_deployments(
        &self,
        source: &mut History,
    ) -> Result<(), (MoveVerdict, MoveProblem)> {
        let (session, environment) = (self.planning.session, self.source);
        let read = async {
            let first = first_pages(session, environment).await?;
            DeploymentReader::new(session, environment, (&source.timeline, first)).all().await
        };
        let deployments = read.await.map_err(|why| {
            let message = unread_text(&environment.name, &why);
            (MoveVerdict::Unknown(why.cause), MoveProblem { message, hint: why.hint })
        })?;
        source.timeline.set_deployments(&deployments);
        Ok(())
    }

    async fn history(&self, environment: &Environment) -> History {
        let none = GitLog::default();
        let git = self.request.git.get(&environment.name).unwrap_or(&none);
        history::read(self.planning.session, environment, git).await
    }

    fn unplanned(
        &self,
        verdict: MoveVerdict,
        problems: impl IntoIterator<Item = MoveProblem>,
    ) -> Box<Move> {
        let mut all: Vec<MoveProblem> = Vec::new();
        for problem in problems {
            if !all.contains(&problem) {
                all.push(problem);
            }
        }
        let report = self.planning.unplanned(MoveCommand::Promote, (verdict, all));
        Box::new(Move { source: Some(self.source.name.clone()), ..*report })
    }

    async fn of_release(&self, index: usize, source: &History, target: &History) -> MoveFacts {
        let release = &source.timeline.releases()[index];
        let now = current(
            self.environment,
            &target.inventory,
            &target.timeline,
            CurrentQuestion::LatestTags,
        );
        let goal = self.goal(release);
        let (mut guards, mut notes) = (self.other_digests(release, target), Vec::new());
        let from = match now {
            Ok(now) if now.source == CurrentSource::LatestTag => {
                let (guard, note) = self.direction((source, index), (target, now.index), &goal);
                guards.extend(guard);
                notes.extend(note);
                Some(now.sha(&target.timeline).clone())
            }
            Ok(_) => None,
            Err(_) if self.is_empty(target) => {
                notes.push(format!("{} has no release yet", self.environment.name));
                None
            }
            Err(error) => {
                notes.push(format!(
                    "it is unknown whether this is newer than what {} has: {error}",
                    self.environment.name
                ));
                None
            }
        };
        let seen = tags_seen(self.planning.session.collector(), self.tags(release)).await;
        notes.extend(self.new_sha_tags(release, &seen));
        let (from, known_good) = (CurrentName::Known(from), KnownGood::Unasked);
        MoveFacts { goal, from, seen, guards, notes, known_good }
    }

    /// Whether the environment has no release, nor a latest tag. What could not be read has ended the
    /// run by now, but for repositories that do not exist.
    fn is_empty(&self, target: &History) -> bool {
        let latest = &self.environment.scheme.latest;
        let mut repositories = target.inventory.repositories.values();
        target.timeline.releases().is_empty()
            && !repositories.any(|repository| repository.tags.contains_key(latest))
    }

    /// What the promotion is for. One that goes on with an earlier run may go where that run went.
    fn goal(&self, release: &Release) -> MoveGoal {
        self.planning.earlier.with_allowances(MoveGoal {
            command: MoveCommand::Promote,
            environment: self.environment.name.clone(),
            source: Some(self.source.name.clone()),
            to: release.sha.clone(),
            steps: None,
            backwards: self.request.backwards,
            while_running: self.request.while_running,
        })
    }

    /// Whether the release is older than the current one of the environment.
    fn direction(
        &self,
        (source, index): (&History, usize),
        (target, now): (&History, usize),
        goal: &MoveGoal,
    ) -> (Option<Guard>, Option<String>) {
        let from = &target.timeline.releases()[now].sha;
        let to = &source.timeline.releases()[index].sha;
        let (name, other) = (&self.environment.name, &self.source.name);
        match direction((self.source, source, index), (self.environment, target, now)) {
            // An earlier run of the same was allowed to go there, and is only finished.
            Direction::Backwards
                if goal.backwards == Backwards::Refuse
                    && self.planning.earlier.same_goal(goal).is_none() =>
            {
                let message = format!("{to} of {other} is older than {from}, which {name} has");
                let hint = "if that is intended, pass --backwards";
                (Some(Guard::new(GuardCode::Backwards, message, hint)), None)
            }
            Direction::Backwards => {
                (None, Some(format!("{to} of {other} is older than {from}, which {name} has")))
            }
            Direction::Forwards => (None, None),
            Direction::Unknown => {
                let note =
                    format!("it is unknown whether {to} is newer than {from}, which {name} has");
                (None, Some(note))
            }
        }
    }

    /// Tags of the same commit in the environment, with more or fewer digits, that point elsewhere:
    /// with the new tag one commit would be two releases.
    fn other_digests(&self, release: &Release, target: &History) -> Vec<Guard> {
        let mut guards = Vec::new();
        let scheme = &self.environment.scheme;
        let own = scheme.sha.render(&release.sha);
        for (place, repository) in &target.inventory.repositories {
            let Some(digest) = source_copy(release, place).and_then(|copy| copy.1) else {
                continue;
            };
            for (tag, state) in repository.tags.iter().filter(|(tag, _)| **tag != own) {
                let is_same = matches!(scheme.classify(tag), TagKind::Sha(sha) if sha.agrees_with(&release.sha));
                if let TagState::Read(record) = state
                    && is_same
                    && record.digest != *digest
                {
                    let repository = repository.repository.clone();
                    let tag = TagReference { repository, tag: tag.clone() };
                    guards.push(taken(&tag, &record.digest.short(), &digest.short()));
                }
            }
        }
        guards
    }

    /// The SHA tags that the promotion creates, in words.
    fn new_sha_tags(&self, release: &Release, seen: &[TagsSeen]) -> Option<String> {
        let count = |is: fn(&TagObservation) -> bool| {
            seen.iter().filter_map(|place| place.sha_tag.as_ref()).filter(|tag| is(tag)).count()
        };
        let new = count(|tag| *tag == TagObservation::Missing);
        let there = count(|tag| tag.digest().is_some());
        let tag = self.environment.scheme.sha.render(&release.sha);
        let repositories = if new == 1 { "repository" } else { "repositories" };
        let has = if there == 1 { "has" } else { "have" };
        (new > 0).then(|| format!("sets {tag} in {new} {repositories} ({there} {has} it)"))
    }

    /// The tags of each place: the release's own, the latest tag, and the new SHA tag.
    fn tags(&self, release: &Release) -> Vec<MoveTags> {
        let scheme = &self.environment.scheme;
        let tags = places(self.environment).filter_map(|(place, repository)| {
            let tag = |tag| TagReference { repository: repository.clone(), tag };
            let (source, _) = source_copy(release, &place)?;
            let sha_tag = Some(tag(scheme.sha.render(&release.sha)));
            Some(MoveTags {
                place,
                source: source.clone(),
                latest: tag(scheme.latest.clone()),
                sha_tag,
            })
        });
        tags.collect()
    }
}

/// What could not be read of the two environments. A repository of the target that does not exist yet
/// is made by the first push to it: its tags are asked for one by one before that.
fn unread<'a>(
    source: &'a History,
    target: &'a History,
) -> impl Iterator<Item = (&'a RegistryName, &'a Unread)> {
    let of = |history: &'a History| {
        let repositories = history.inventory.repositories.iter();
        repositories.filter_map(|(place, repository)| {
            Some((&place.registry, repository.coverage.unread()?))
        })
    };
    let may_be_made =
        |(_, unread): &(&RegistryName, &Unread)| unread.cause == UnreadCause::NotFound;
    of(source).chain(of(target).filter(move |entry| !may_be_made(entry)))
}

/// The graver of two reasons for which something is unknown comes first.
fn rank(verdict: MoveVerdict) -> u8 {
    match verdict {
        MoveVerdict::Unknown(UnreadCause::Credentials) => 0,
        _ => 1,
    }
}

/// Where the release of an image is for a place: in the same registry, else in another one.
fn source_copy<'a>(
    release: &'a Release,
    place: &Place,
) -> Option<(&'a TagReference, Option<&'a Digest>)> {
    let other = || release.copies.iter().find(|(known, _)| known.image == place.image);
    let same = release.copies.get_key_value(place);
    let (_, copy) = same.or_else(other)?;
    Some((copy.reference(), copy.digest()))
}
