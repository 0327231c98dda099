//! A run of a workflow with its attempts and jobs, as a test or the demo describes it.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{Conclusion, RunState};

/// A run. Its jobs come one after the other, unless a start is given.
///
/// ```
/// use chrono::{DateTime, Utc};
/// use tags::model::Conclusion::{Failure, Success};
/// use tags::sandbox::github::{Pipeline, PipelineRun};
///
/// let at = DateTime::<Utc>::UNIX_EPOCH;
/// let pipeline = Pipeline::default();
/// let sha = "0123456789abcdef0123456789abcdef01234567";
/// // The migration succeeds, the deployment fails, and succeeds when it is run again an hour later.
/// let run = PipelineRun::push(sha, at)
///     .job("deploy-prod / Run Database Migrations", 300, Success)
///     .job("deploy-prod / Deploy Backend", 60, Failure)
///     .again(at + chrono::TimeDelta::hours(1))
///     .job("deploy-prod / Deploy Backend", 60, Success)
///     .log("Digest: sha256:…\n");
/// pipeline.add(run);
/// // Another one is under way.
/// let later = at + chrono::TimeDelta::hours(2);
/// let running = pipeline.add(PipelineRun::push(sha, later).running("deploy-prod / Deploy Backend"));
/// // It ends after ten minutes.
/// pipeline.change(running, |run| run.finish(600, Success));
/// ```
#[derive(Debug, Clone)]
pub struct PipelineRun {
    pub(super) workflow: String,
    pub(super) sha: String,
    pub(super) branch: Option<String>,
    pub(super) event: String,
    pub(super) title: String,
    /// Never empty: the first is made with the run.
    pub(super) attempts: Vec<Attempt>,
}

/// An attempt of a run.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    pub(super) started: DateTime<Utc>,
    /// How it ended, where that does not follow from its jobs.
    concluded: Option<RunState>,
    pub(super) jobs: Vec<PipelineJob>,
}

/// A job of an attempt.
#[derive(Debug, Clone)]
pub(super) struct PipelineJob {
    /// Set when the run is added.
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) state: RunState,
    pub(super) started: DateTime<Utc>,
    pub(super) completed: Option<DateTime<Utc>>,
    pub(super) log: Log,
}

/// The log of a job.
#[derive(Debug, Clone)]
pub(super) enum Log {
    Text(String),
    /// As many zero bytes.
    Zeros(u64),
    Expired,
}

impl PipelineRun {
    /// A run of `main-pipeline.yml` that a push of a commit to `main` began.
    #[must_use]
    pub fn push(sha: &str, at: DateTime<Utc>) -> Self {
        Self {
            workflow: "main-pipeline.yml".to_owned(),
            sha: sha.to_owned(),
            branch: Some("main".to_owned()),
            event: "push".to_owned(),
            title: "Deploy: main".to_owned(),
            attempts: vec![Attempt { started: at, concluded: None, jobs: Vec::new() }],
        }
    }

    /// Of the workflow with this file name.
    #[must_use]
    pub fn workflow(self, file: &str) -> Self {
        Self { workflow: file.to_owned(), ..self }
    }

    /// On this branch.
    #[must_use]
    pub fn branch(self, branch: &str) -> Self {
        Self { branch: Some(branch.to_owned()), ..self }
    }

    /// Begun by this event.
    #[must_use]
    pub fn event(self, event: &str) -> Self {
        Self { event: event.to_owned(), ..self }
    }

    /// With this title, the workflow's `run-name`.
    #[must_use]
    pub fn title(self, title: &str) -> Self {
        Self { title: title.to_owned(), ..self }
    }

    /// With another attempt, which begins at this time. Jobs that it does not run again are those of the
    /// attempts before.
    #[must_use]
    pub fn again(mut self, at: DateTime<Utc>) -> Self {
        self.attempts.push(Attempt { started: at, concluded: None, jobs: Vec::new() });
        self
    }

    /// With a job that begins when the one before ended, and takes this many seconds.
    #[must_use]
    pub fn job(self, name: &str, seconds: i64, conclusion: Conclusion) -> Self {
        let started = self.newest().end();
        self.with(name, (started, Some(seconds)), RunState::Completed(conclusion))
    }

    /// With a job that begins this many seconds after the attempt, beside others.
    #[must_use]
    pub fn job_at(self, name: &str, (start, seconds): (i64, i64), conclusion: Conclusion) -> Self {
        let started = self.newest().started + TimeDelta::seconds(start);
        self.with(name, (started, Some(seconds)), RunState::Completed(conclusion))
    }

    /// With a job that is under way.
    #[must_use]
    pub fn running(self, name: &str) -> Self {
        let started = self.newest().end();
        self.with(name, (started, None), RunState::InProgress)
    }

    /// With a job that has not begun.
    #[must_use]
    pub fn waiting(self, name: &str) -> Self {
        let started = self.newest().end();
        self.with(name, (started, None), RunState::Queued)
    }

    /// Ends all jobs of the newest attempt that are under way, this many seconds after their start.
    #[must_use]
    pub fn finish(mut self, seconds: i64, conclusion: Conclusion) -> Self {
        let jobs = self.attempts.last_mut().map(|attempt| attempt.jobs.as_mut_slice());
        for job in jobs.unwrap_or_default().iter_mut().filter(|job| job.completed.is_none()) {
            job.state = RunState::Completed(conclusion);
            job.completed = Some(job.started + TimeDelta::seconds(seconds));
        }
        self
    }

    /// With this state of the newest attempt, where it does not follow from the jobs: a run is queued,
    /// failed before a job began, or succeeded although a job failed.
    #[must_use]
    pub fn state(mut self, state: RunState) -> Self {
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.concluded = Some(state);
        }
        self
    }

    /// With this log of the last job.
    #[must_use]
    pub fn log(self, text: &str) -> Self {
        self.with_log(Log::Text(text.to_owned()))
    }

    /// With a log of the last job that is this long, in bytes.
    #[must_use]
    pub fn log_of_size(self, bytes: u64) -> Self {
        self.with_log(Log::Zeros(bytes))
    }

    /// With no log of the last job any more.
    #[must_use]
    pub fn log_expired(self) -> Self {
        self.with_log(Log::Expired)
    }

    fn with_log(mut self, log: Log) -> Self {
        if let Some(job) = self.attempts.last_mut().and_then(|attempt| attempt.jobs.last_mut()) {
            job.log = log;
        }
        self
    }

    fn with(
        mut self,
        name: &str,
        (started, seconds): (DateTime<Utc>, Option<i64>),
        state: RunState,
    ) -> Self {
        let completed = seconds.map(|seconds| started + TimeDelta::seconds(seconds));
        let log = Log::Text(format!("{} Job {name}\n", started.to_rfc3339()));
        let job = PipelineJob { id: 0, name: name.to_owned(), state, started, completed, log };
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.jobs.push(job);
        }
        self
    }

    /// The newest attempt.
    pub(super) fn newest(&self) -> &Attempt {
        &self.attempts[self.attempts.len() - 1]
    }
}

impl Attempt {
    /// When the last of its jobs ended, else when it began.
    pub(super) fn end(&self) -> DateTime<Utc> {
        let ends = self.jobs.iter().map(|job| job.completed.unwrap_or(job.started));
        ends.max().unwrap_or(self.started)
    }

    /// How far it is.
    pub(super) fn state(&self) -> RunState {
        let states = || self.jobs.iter().map(|job| job.state);
        let ended = |of: &[Conclusion]| {
            states().any(|state| state.conclusion().is_some_and(|end| of.contains(&end)))
        };
        if let Some(state) = self.concluded {
            state
        } else if states().any(|state| state.conclusion().is_none()) {
            RunState::InProgress
        } else if ended(&[Conclusion::Failure, Conclusion::TimedOut]) {
            RunState::Completed(Conclusion::Failure)
        } else if ended(&[Conclusion::Cancelled]) {
            RunState::Completed(Conclusion::Cancelled)
        } else {
            RunState::Completed(Conclusion::Success)
        }
    }
}
