//! Makes the plan of a move from what was read, and asks the guards.

use std::path::PathBuf;

use super::super::{CommandError, Session, State};
use super::approved::{ApprovedMove, EndedMove, PlannedMove};
use super::earlier::EarlierMoves;
use super::names::current_name;
use super::pipeline::{KnownGood, PipelineGuards, PipelineQuestion};
use super::places::TagsSeen;
use super::reading::{ReadPlace, Reading, read};
use super::recorded::moved_guards;
use crate::change::{
    FailedPreparation, FillJob, FillPlan, Guard, GuardCode, MoveCause, MoveCommand, MoveGoal,
    MovePlan, MoveVerdict, MovedPlace, PlannedPlace, Stop, fill_plan,
};
use crate::model::{Sha, TagObservation, TagReference, UnreadCause};
use crate::policy::{Environment, Policy};
use crate::report::{Move, MoveProblem};
use crate::verify::{Finding, FindingCode};

/// Whether a move is made, or only planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MovePurpose {
    /// It is planned, and reported.
    DryRun,
    /// It is made.
    Apply,
}

/// What the two commands have in common.
pub(in crate::command) struct MovePlanning<'a> {
    pub(in crate::command) session: &'a Session,
    /// The environment whose latest tags move.
    pub(in crate::command) environment: &'a Environment,
    pub(in crate::command) purpose: MovePurpose,
    pub(in crate::command) state: &'a dyn State,
    /// The file that was named for the journal.
    pub(in crate::command) journal: Option<PathBuf>,
    /// The moves that are on record.
    pub(in crate::command) earlier: EarlierMoves,
}

/// The release that the latest tags point to.
pub(in crate::command) enum CurrentName {
    /// This one; none where they do not agree.
    Known(Option<Sha>),
    /// It is found while the places are read.
    Unasked,
}

/// What a command found out before the places are read.
pub(in crate::command) struct MoveFacts {
    pub(in crate::command) goal: MoveGoal,
    /// The release that the latest tags point to.
    pub(in crate::command) from: CurrentName,
    /// The tags of each place.
    pub(in crate::command) seen: Vec<TagsSeen>,
    /// Guards that only this command has.
    pub(in crate::command) guards: Vec<Guard>,
    /// What to know about the move.
    pub(in crate::command) notes: Vec<String>,
    /// Whether the release is known to be good.
    pub(in crate::command) known_good: KnownGood,
}

impl MovePlanning<'_> {
    /// Reads the places, plans the move and asks the guards.
    pub(in crate::command) async fn plan(self, facts: MoveFacts) -> PlannedMove {
        let MoveFacts { goal, from, seen, guards: mut refused, notes, known_good } = facts;
        let (from, reading) = self.read(&goal.to, (from, seen)).await;
        refused.extend(self.guards(&goal, &reading));
        refused.extend(moved_guards(self.session, &goal, &reading).await);
        let known_good = if reading.is_current() { KnownGood::Found } else { known_good };
        let pipeline = self.pipeline_guards(&goal, known_good).await;
        refused.extend(pipeline.guards);
        let mut report = Move {
            source: goal.source.clone(),
            from: from.clone(),
            to: Some(goal.to.clone()),
            places: reading.reported(),
            guards: refused,
            problems: problems(&goal, &reading),
            notes,
            command_line: Some(goal.command_line()),
            ..Move::of(goal.command, &self.environment.name)
        };
        report.problems.extend(pipeline.unread.iter().map(|(message, why)| MoveProblem {
            message: message.clone(),
            hint: why.hint.clone(),
        }));
        report.verdict = verdict(&report, &reading, pipeline.unread.map(|(_, why)| why.cause));
        let Some(places) = planned(&reading).filter(|_| reading.findings.is_empty()) else {
            return ended(self.session, report);
        };
        let mut plan = MovePlan { goal, from, places };
        self.earlier.resume(&mut plan);
        report.from.clone_from(&plan.from);
        report.places = plan.places.iter().map(MovedPlace::planned).collect();
        if report.verdict == MoveVerdict::Planned {
            self.plan_copies(&plan, &mut report).await;
        }
        if report.verdict != MoveVerdict::Planned || self.purpose == MovePurpose::DryRun {
            return ended(self.session, report);
        }
        let earlier = self.earlier.into_same(&plan.goal);
        let directory = self.state.directory();
        PlannedMove::Approved(Box::new(ApprovedMove {
            plan,
            report,
            earlier,
            directory,
            journal: self.journal,
        }))
    }

    /// Asks the pipeline's runs. A move that goes on with an earlier run goes where that run went.
    pub(in crate::command) async fn pipeline_guards(
        &self,
        goal: &MoveGoal,
        known_good: KnownGood,
    ) -> PipelineGuards {
        let is_same = self.earlier.same_goal(goal).is_some();
        let known_good = if is_same { KnownGood::Found } else { known_good };
        let (session, environment) = (self.session, self.environment);
        PipelineQuestion { session, environment, goal, known_good }.guards().await
    }

    /// Reads the places, and the name of the current release at the same time.
    async fn read(
        &self,
        to: &Sha,
        (from, seen): (CurrentName, Vec<TagsSeen>),
    ) -> (Option<Sha>, Reading) {
        let collector = self.session.collector();
        let known = seen.clone();
        let name = async {
            match from {
                CurrentName::Known(from) => from,
                CurrentName::Unasked => {
                    current_name(collector, &self.environment.scheme, (to, &known)).await
                }
            }
        };
        let (reading, name) = read(collector, (self.environment, to), (seen, name)).await;
        (name, reading)
    }

    /// Finds out what has to be copied, where the release goes to other repositories.
    async fn plan_copies(&self, plan: &MovePlan, report: &mut Move) {
        let (session, stop) = (self.session, Stop::default());
        let (collector, policy) = (session.collector(), &session.policy);
        match fill_plan(&FillJob { collector, policy, plan, stop: &stop }).await {
            Ok(FillPlan { notes, bytes }) => {
                report.notes.extend(notes);
                if let Some(guard) = max_copy(policy, bytes) {
                    report.guards.push(guard);
                    report.verdict = MoveVerdict::Refused;
                }
            }
            Err(failed) => {
                let FailedPreparation { places, verdict, .. } = *failed;
                (report.places, report.verdict) = (places, unread(verdict));
            }
        }
    }

    /// A report in which nothing could be planned. A move that was interrupted may be why.
    pub(in crate::command) fn unplanned(
        &self,
        command: MoveCommand,
        (verdict, problems): (MoveVerdict, Vec<MoveProblem>),
    ) -> Box<Move> {
        let guards: Vec<Guard> = self.earlier.unfinished_guard(None, &[]).into_iter().collect();
        let verdict = if guards.is_empty() { verdict } else { MoveVerdict::Refused };
        let report = Move::of(command, &self.environment.name);
        Box::new(Move { guards, verdict, problems, ..report })
    }

    /// The report of a move that was interrupted, and whose release is not found any more. Nobody asked for
    /// that release in this run.
    pub(in crate::command) fn release_gone(
        &self,
        goal: &MoveGoal,
        error: &CommandError,
    ) -> Box<Move> {
        let guards = self.earlier.release_gone_guard(goal, &error.message).into_iter().collect();
        Box::new(Move {
            source: goal.source.clone(),
            to: Some(goal.to.clone()),
            guards,
            verdict: MoveVerdict::Refused,
            ..Move::of(goal.command, &self.environment.name)
        })
    }

    /// The guards of every move that need no more than what was read of its places.
    fn guards(&self, goal: &MoveGoal, reading: &Reading) -> Vec<Guard> {
        let mut refused = Vec::new();
        refused.extend(self.bad_sha(goal));
        let taken = reading.places.iter().filter_map(|place| sha_tag_taken(&place.seen));
        refused.extend(taken);
        let now: Vec<_> = reading.latest().collect();
        refused.extend(self.earlier.unfinished_guard(Some(goal), &now));
        refused.extend(self.earlier.moved_since_guard(goal, &now));
        if self.purpose == MovePurpose::Apply {
            let clocks = self.session.clock_reading().warnings.into_iter();
            refused.extend(
                clocks.map(|warning| {
                    Guard::new(GuardCode::Clock, warning.to_string(), warning.hint())
                }),
            );
        }
        refused
    }

    /// The release is one that the policy calls bad.
    pub(in crate::command) fn bad_sha(&self, goal: &MoveGoal) -> Option<Guard> {
        let policy = &self.session.policy;
        let source = goal.source.as_ref().and_then(|name| policy.environments.get(name));
        let of = |environment: &Environment| {
            let bad = environment.bad_shas.iter().find(|bad| bad.agrees_with(&goal.to))?;
            let message = format!(
                "`bad-shas` of `[environment.{}]` names {bad}, which is this release",
                environment.name
            );
            let hint = "choose another release; if this one is good, take it out of `bad-shas`";
            Some(Guard::new(GuardCode::BadSha, message, hint))
        };
        of(self.environment).or_else(|| source.and_then(of))
    }
}

/// The SHA tag that a promotion would set points elsewhere already. It is never moved.
fn sha_tag_taken(seen: &TagsSeen) -> Option<Guard> {
    let (tag, now) = (seen.tags.sha_tag.as_ref()?, seen.sha_tag.as_ref()?.digest()?);
    let release = seen.source.digest().filter(|release| *release != now)?;
    Some(taken(tag, &now.short(), &release.short()))
}

/// The guard against a SHA tag on another digest.
pub(in crate::command) fn taken(tag: &TagReference, now: &str, release: &str) -> Guard {
    let message = format!("{tag} exists and points to {now}, not to {release}");
    let hint =
        "a SHA tag is never moved; find out which build pushed it, and promote another commit";
    Guard::new(GuardCode::ShaTagTaken, message, hint)
}

/// More would be copied than the policy allows.
fn max_copy(policy: &Policy, bytes: u64) -> Option<Guard> {
    let limit = policy.limits.max_copy.filter(|limit| bytes > *limit)?;
    let message = format!("{bytes} bytes would be copied, more than `max-copy` = {limit} bytes");
    let hint = "raise `max-copy` in `[limits]`, or let the pipeline push this build there";
    Some(Guard::new(GuardCode::MaxCopy, message, hint))
}

/// What a copy that could not be planned makes of the move: nothing was refused yet.
fn unread(verdict: MoveVerdict) -> MoveVerdict {
    match verdict {
        MoveVerdict::NotPermitted(MoveCause::Rights) => {
            MoveVerdict::Unknown(UnreadCause::Credentials)
        }
        MoveVerdict::NotPermitted(_) => MoveVerdict::Unknown(UnreadCause::Unreachable),
        other => other,
    }
}

/// What it comes to, by what was read.
fn verdict(report: &Move, reading: &Reading, pipeline: Option<UnreadCause>) -> MoveVerdict {
    if !report.guards.is_empty() {
        return MoveVerdict::Refused;
    }
    match reading.unread_cause().into_iter().chain(pipeline).min() {
        Some(cause) => MoveVerdict::Unknown(cause),
        None if !reading.findings.is_empty() => MoveVerdict::Missing,
        None => MoveVerdict::Planned,
    }
}

fn problems(goal: &MoveGoal, reading: &Reading) -> Vec<MoveProblem> {
    let unread = reading.unread().map(|(place, unread)| MoveProblem {
        message: format!("{place} could not be read: {}", unread.message),
        hint: unread.hint.clone(),
    });
    let findings = reading.findings.iter().map(|finding| MoveProblem {
        message: finding.message.clone(),
        hint: if is_repairable(finding) { None } else { finding.hint.clone() },
    });
    let mut problems: Vec<MoveProblem> = Vec::new();
    for problem in unread.chain(findings) {
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    let environment = goal.source.as_ref().unwrap_or(&goal.environment);
    let last = reading.findings.iter().rfind(|finding| is_repairable(finding));
    let last = last.and_then(|last| problems.iter_mut().rfind(|one| one.message == last.message));
    if let Some(last) = last {
        let repair = format!("`tags repair {environment} --sha {}`", goal.to);
        last.hint = Some(format!("{repair} shows what can be copied from another registry"));
    }
    problems
}

/// Whether a copy from another registry may mend it.
fn is_repairable(finding: &Finding) -> bool {
    matches!(finding.code, FindingCode::ShaTagMissing | FindingCode::ContentMissing)
}

/// The places of the plan; none where something of it could not be read.
fn planned(reading: &Reading) -> Option<Vec<PlannedPlace>> {
    if reading.unread_cause().is_some() {
        return None;
    }
    reading.places.iter().map(planned_place).collect()
}

fn planned_place(read: &ReadPlace) -> Option<PlannedPlace> {
    let (seen, tags) = (&read.seen, &read.seen.tags);
    let sha_tag = match seen.sha_tag {
        Some(TagObservation::Missing) => tags.sha_tag.clone(),
        _ => None,
    };
    let source = &tags.source.repository;
    Some(PlannedPlace {
        place: tags.place.clone(),
        latest: tags.latest.clone(),
        before: read.before.clone(),
        after: read.after.clone()?,
        now: seen.latest.digest().cloned(),
        sha_tag,
        copy_from: (*source != tags.latest.repository).then(|| source.clone()),
    })
}

/// The end of a run in which nothing is written.
pub(in crate::command) fn ended(session: &Session, report: Move) -> PlannedMove {
    session.finish_requests();
    PlannedMove::Ended(EndedMove::new(report))
}
