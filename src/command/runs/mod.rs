//! `runs`: judges the runs of the pipeline: migrations and deployments in time, images by SHA tag, rates
//! of failure; and whether each environment has a release to roll back to.

mod logs;
mod reading;
mod rollback;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use self::logs::read_logs;
use self::reading::{Reader, RunsRead, WorkflowPages, one_run};
use super::{CommandError, GitLogs, Session};
use crate::github::GitHub;
use crate::model::{RunId, Sha, Unread};
use crate::pipeline::{
    RunLogs, RunScope, RunsInput, RunsVerdict, Split, judge_runs, newest_deployed,
};
use crate::policy::{Deploys, Environment};
use crate::report::{EnvironmentRuns, Runs, UnreadRuns};

/// Asks for the runs of environments.
#[derive(Debug, Clone)]
pub struct Request {
    /// The environments; all that say which runs deploy to them, if there are none.
    pub environments: Vec<String>,
    /// Which runs are judged.
    pub which: WhichRuns,
    /// How many runs the logs are read of: those that deployed last.
    pub logs: usize,
    /// The git history of each environment's branch.
    pub git: GitLogs,
}

/// Which runs are judged.
#[derive(Debug, Clone)]
pub enum WhichRuns {
    /// The newest ones.
    Newest {
        /// How many; by default as many as the policy says.
        last: Option<u32>,
        /// Where the rates are split, if they are.
        split: Option<SplitAt>,
    },
    /// Only this one.
    One(u64),
}

/// A change before and since which rates are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SplitAt {
    /// The first run of this commit, given by its SHA or the beginning of it.
    Sha(String),
    /// A time.
    Time(DateTime<Utc>),
}

impl Request {
    /// Asks for the newest runs of all environments, and the logs of the newest one.
    #[must_use]
    pub fn all() -> Self {
        Self {
            environments: Vec::new(),
            which: WhichRuns::Newest { last: None, split: None },
            logs: 1,
            git: GitLogs::default(),
        }
    }
}

/// Judges runs.
///
/// # Errors
/// [`CommandError`] when the policy has no such environment, no `[github]`, or does not say which runs
/// deploy; when the run that was named deploys to none of the environments; or when no run has the commit
/// that was named.
pub async fn runs(session: &Session, request: &Request) -> Result<Runs, CommandError> {
    let answered = answer(session, request).await;
    session.finish_requests();
    answered
}

async fn answer(session: &Session, request: &Request) -> Result<Runs, CommandError> {
    let environments = environments(session, &request.environments)?;
    let question = Question { session, github: session.github()?, request };
    // The search for a rollback target may ask for the same pages.
    question.github.keep_pages();
    let mut read = match &request.which {
        WhichRuns::One(id) => question.one(&environments, RunId(*id)).await?,
        WhichRuns::Newest { last, .. } => question.newest(&environments, *last).await,
    };
    let mut runs = Runs::default();
    let mut splits = question.split_sha()?.map(|sha| (sha, false));
    for of in &environments {
        let Some(read) = read.remove(of.environment.name.as_str()) else { continue };
        let what = format!("the runs of {}", of.environment.name);
        runs.unread.extend(read.unread.clone().map(|why| not_read(what, why)));
        let logs = question.logs(of, &read, &mut runs.unread).await;
        let verdict = of.judge(&read, &logs, question.scope());
        let split = question.split(&verdict, &mut splits);
        let target = rollback::target(session, of.environment, &request.git).await;
        runs.unread.extend(target.unread);
        runs.environments.push(EnvironmentRuns {
            environment: of.environment.name.clone(),
            limits: of.environment.run_limits,
            is_complete: read.unread.is_none(),
            verdict,
            split,
            rollback: target.state,
        });
    }
    if let Some((sha, false)) = splits.filter(|_| runs.unread.is_empty()) {
        let hint = "`--last N` reads more runs";
        return Err(
            CommandError::usage(format!("--split: no run that was read is of {sha}")).hint(hint)
        );
    }
    Ok(runs)
}

/// An environment, and which runs deploy to it.
#[derive(Clone, Copy)]
struct Deployed<'a> {
    environment: &'a Environment,
    deploys: &'a Deploys,
}

impl Deployed<'_> {
    fn judge(
        self,
        read: &RunsRead,
        logs: &BTreeMap<RunId, RunLogs>,
        scope: RunScope,
    ) -> RunsVerdict {
        // Of runs that were read in part no rate is known.
        let scope = if read.unread.is_some() { RunScope::One } else { scope };
        let Self { environment, deploys } = self;
        judge_runs(&RunsInput { environment, deploys, attempts: &read.attempts, logs, scope })
    }
}

/// The environments that were asked for, each once, by name.
fn environments<'a>(
    session: &'a Session,
    names: &[String],
) -> Result<Vec<Deployed<'a>>, CommandError> {
    let mut chosen = BTreeMap::new();
    for name in names {
        let environment = session.environment(name)?;
        let deploys = environment.deploys.as_ref().ok_or_else(|| {
            let message =
                format!("{} does not say which runs deploy to {name}", session.policy_name);
            CommandError::usage(message).hint(format!("add `[environment.{name}.deploys]`"))
        })?;
        chosen.insert(&environment.name, Deployed { environment, deploys });
    }
    if names.is_empty() {
        chosen.extend(session.policy.environments.iter().filter_map(|(name, environment)| {
            let deploys = environment.deploys.as_ref()?;
            Some((name, Deployed { environment, deploys }))
        }));
    }
    if chosen.is_empty() {
        let message = format!("{} does not say which runs deploy", session.policy_name);
        return Err(CommandError::usage(message)
            .hint("add `[github]`, and a table `deploys` to each environment"));
    }
    Ok(chosen.into_values().collect())
}

/// What was asked, and of whom.
struct Question<'a> {
    session: &'a Session,
    github: &'a GitHub,
    request: &'a Request,
}

impl<'a> Question<'a> {
    fn reader(&self) -> Reader<'a> {
        Reader { github: self.github, progress: self.session.listener.as_ref() }
    }

    fn scope(&self) -> RunScope {
        match self.request.which {
            WhichRuns::Newest { .. } => RunScope::Newest,
            WhichRuns::One(_) => RunScope::One,
        }
    }

    /// The newest runs of each environment.
    async fn newest(
        &self,
        environments: &[Deployed<'_>],
        last: Option<u32>,
    ) -> BTreeMap<String, RunsRead> {
        let mut pages = WorkflowPages::new(self.reader());
        let mut all = BTreeMap::new();
        for of in environments {
            let name = of.environment.name.to_string();
            let last = last.unwrap_or(of.environment.run_limits.last);
            let read = pages.newest(of.environment, of.deploys, last as usize).await;
            for workflow in &read.cut {
                self.session.note(
                    format!("of {workflow} only the newest {} runs were read, and too few of them are of {name}", reading::MOST_RUNS),
                    None,
                );
            }
            all.insert(name, read);
        }
        all
    }

    /// The run that was named, for each environment that it may deploy to.
    async fn one(
        &self,
        environments: &[Deployed<'_>],
        id: RunId,
    ) -> Result<BTreeMap<String, RunsRead>, CommandError> {
        let read = one_run(self.reader(), id).await;
        let name = |of: &Deployed<'_>| of.environment.name.to_string();
        let Some(run) = read.run() else {
            if read.unread.is_none() {
                return Err(
                    CommandError::usage(format!("run {id} has not ended")).hint("wait for its end")
                );
            }
            return Ok(environments.iter().map(|of| (name(of), read.clone())).collect());
        };
        let fits =
            |of: &&Deployed<'_>| crate::pipeline::is_candidate(of.environment, of.deploys, run);
        let all: BTreeMap<String, RunsRead> =
            environments.iter().filter(fits).map(|of| (name(of), read.clone())).collect();
        if all.is_empty() {
            let names: Vec<String> = environments.iter().map(name).collect();
            let branch = run.branch.as_deref().unwrap_or("no branch");
            let message = format!(
                "run {id} does not deploy to {}: it is of `{}`, on `{branch}`, begun by `{}`",
                names.join(", "),
                run.workflow,
                run.event
            );
            return Err(CommandError::usage(message).hint(
                "compare `branch`, and `workflows` and `events` of `deploys`, in the policy",
            ));
        }
        Ok(all)
    }

    /// The logs of the runs that deployed last, and what their SHA tags point to.
    async fn logs(
        &self,
        of: &Deployed<'_>,
        read: &RunsRead,
        unread: &mut Vec<UnreadRuns>,
    ) -> BTreeMap<RunId, RunLogs> {
        let mut logs = BTreeMap::new();
        for id in newest_deployed(of.deploys, &read.attempts, self.request.logs) {
            let Some(attempt) = read.attempts.iter().find(|attempt| attempt.run.id == id) else {
                continue;
            };
            let (of_run, why) = read_logs(self.reader(), of.deploys, attempt).await;
            let is_read = why.is_none();
            unread.extend(why.map(|why| not_read(format!("the logs of run {id}"), why)));
            if !is_read {
                // What is missing in logs that were read in part says nothing.
                break;
            }
            let tags = rollback::sha_tags(self.session, of, &attempt.run).await;
            unread.extend(tags.unread);
            logs.insert(id, RunLogs { logs: of_run, tags: tags.digests });
        }
        logs
    }

    /// The commit of `--split`, if it is one.
    fn split_sha(&self) -> Result<Option<Sha>, CommandError> {
        match &self.request.which {
            WhichRuns::Newest { split: Some(SplitAt::Sha(text)), .. } => {
                let sha = Sha::parse(&text.to_ascii_lowercase()).map_err(|error| {
                    CommandError::usage(format!("--split: {error}, and not a time"))
                })?;
                Ok(Some(sha))
            }
            _ => Ok(None),
        }
    }

    /// The rates before and since the change. With a commit this remembers whether a run was found.
    fn split(&self, verdict: &RunsVerdict, sha: &mut Option<(Sha, bool)>) -> Option<Split> {
        let at = match (&self.request.which, sha) {
            (WhichRuns::Newest { split: Some(SplitAt::Time(time)), .. }, _) => Some(*time),
            (_, Some((sha, is_found))) => {
                let of_commit = verdict
                    .runs
                    .iter()
                    .filter(|run| run.sha.as_ref().is_some_and(|mine| mine.agrees_with(sha)));
                let first = of_commit.map(|run| run.created).min();
                *is_found |= first.is_some();
                first
            }
            _ => None,
        };
        at.map(|at| Split::of(&verdict.runs, at))
    }
}

/// Something that could not be read, for a report.
fn not_read(what: impl Into<String>, why: Unread) -> UnreadRuns {
    UnreadRuns { what: what.into(), why }
}
