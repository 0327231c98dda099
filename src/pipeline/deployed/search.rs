//! The search for what was deployed: which page of runs, or whose jobs, are needed next.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::attempt::{AttemptRead, deployments};
use super::record::{self, RecordedDeployment, RecordingRun};
use crate::model::{
    Conclusion, Deployment, DeploymentResult, Deployments, Run, RunId, RunState, Sha, UnreadRun,
};
use crate::pipeline::{is_candidate, named_sha};
use crate::policy::{Deploys, Environment};

/// How many runs are examined at once.
const WAVE: usize = 4;

/// A run can be started again for 30 days after it was created, and lasts at most 35 days.
/// <https://docs.github.com/actions/reference/limits>
pub const LIFE_OF_A_RUN: TimeDelta = TimeDelta::days(65);

/// A page of a workflow's runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkflowPage {
    /// The file of the workflow.
    pub workflow: String,
    /// The page, counted from 1.
    pub page: u32,
}

/// What has to be read next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SearchStep {
    /// Of these runs the jobs of all attempts; of these deployments whether they succeeded.
    Examine {
        /// The newest attempt of each run.
        runs: Vec<Run>,
        /// The number of each deployment.
        records: Vec<u64>,
    },
    /// These pages of older runs.
    Pages(Vec<WorkflowPage>),
    /// Nothing: everything that matters was read.
    Nothing,
}

/// A release that is in the registries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRelease {
    /// The longest SHA of its tags.
    pub sha: Sha,
    /// When its oldest copy was pushed or built, if that is known of all copies. A run that cannot have
    /// lasted until then deployed something else.
    pub since: Option<DateTime<Utc>>,
}

/// The runs of one workflow that were listed.
#[derive(Debug, Default)]
struct Listed {
    /// The next page, if there is one.
    next: Option<u32>,
    /// When the oldest run that was listed was created.
    oldest: Option<DateTime<Utc>>,
}

/// What is known of an environment's deployments, and what can be read next.
pub struct DeploymentSearch<'a> {
    environment: &'a Environment,
    releases: Vec<ListedRelease>,
    records: Vec<RecordedDeployment>,
    listed: BTreeMap<String, Listed>,
    runs: BTreeMap<RunId, Run>,
    attempts: BTreeMap<RunId, Vec<AttemptRead>>,
}

impl<'a> DeploymentSearch<'a> {
    /// A search for deployments of these releases.
    #[must_use]
    pub fn new(environment: &'a Environment, releases: Vec<ListedRelease>) -> Self {
        let workflows = environment.deploys.iter().flat_map(|deploys| &deploys.workflows);
        let listed = workflows.map(|name| (name.clone(), Listed { next: Some(1), oldest: None }));
        Self {
            environment,
            releases,
            records: Vec::new(),
            listed: listed.collect(),
            runs: BTreeMap::new(),
            attempts: BTreeMap::new(),
        }
    }

    /// Adds what records say.
    pub fn add_records(&mut self, records: impl IntoIterator<Item = RecordedDeployment>) {
        self.records.extend(records);
    }

    /// Adds a page of runs. Pages shift while they are read, so that a run may come twice.
    pub fn add_page(&mut self, page: &WorkflowPage, runs: Vec<Run>, has_next: bool) {
        let listed = self.listed.entry(page.workflow.clone()).or_default();
        listed.next = has_next.then_some(page.page + 1);
        let oldest = runs.iter().map(|run| run.created).min();
        listed.oldest = listed.oldest.into_iter().chain(oldest).min();
        for run in runs {
            let is_newer =
                |known: &Run| (known.attempt, known.updated) < (run.attempt, run.updated);
            if self.runs.get(&run.id).is_none_or(is_newer) {
                self.runs.insert(run.id, run);
            }
        }
    }

    /// Adds all attempts of a run with their jobs.
    pub fn add_attempts(&mut self, run: RunId, attempts: Vec<AttemptRead>) {
        self.attempts.insert(run, attempts);
    }

    /// Says whether any status of a deployment that is a record was `success`. One that never succeeded
    /// is no record of anything that ran.
    pub fn confirm(&mut self, deployment: u64, succeeded: bool) {
        self.records.retain(|record| succeeded || record.unconfirmed != Some(deployment));
        for record in &mut self.records {
            record.unconfirmed.take_if(|number| *number == deployment);
        }
    }

    /// What to read next: first what names one of `first`, then the runs that changed last and the newest
    /// records, then older runs.
    #[must_use]
    pub fn next(&self, first: &[Sha]) -> SearchStep {
        let is_first = |claim: &Claim<'_>| first.iter().any(|sha| sha.agrees_with(&claim.sha));
        let mut claims: Vec<Claim<'_>> = self.unread().collect();
        claims.sort_by_key(|claim| (Reverse(is_first(claim)), Reverse(claim.latest)));
        claims.truncate(WAVE);
        if !claims.is_empty() {
            let runs = claims.iter().filter_map(|claim| match claim.of {
                Claimant::Run(run) => Some(run.clone()),
                Claimant::Record(_) => None,
            });
            let records = claims.iter().filter_map(|claim| match claim.of {
                Claimant::Run(_) => None,
                Claimant::Record(number) => Some(number),
            });
            return SearchStep::Examine { runs: runs.collect(), records: records.collect() };
        }
        // The workflow that was listed least far back comes first, so that all are read equally far.
        let oldest = |page: &WorkflowPage| self.listed.get(&page.workflow).and_then(|of| of.oldest);
        let mut pages = self.older_pages(&self.found());
        let least_far = pages.iter().map(|page| (oldest(page).is_none(), oldest(page))).max();
        pages.retain(|page| Some((oldest(page).is_none(), oldest(page))) == least_far);
        if pages.is_empty() { SearchStep::Nothing } else { SearchStep::Pages(pages) }
    }

    /// How far back every workflow was listed; none if there are no older runs.
    #[must_use]
    pub fn listed_back_to(&self) -> Option<DateTime<Utc>> {
        let cut = self.listed.values().filter(|listed| listed.next.is_some());
        cut.filter_map(|listed| listed.oldest).max()
    }

    /// The pages to begin with.
    #[must_use]
    pub fn first_pages(environment: &'a Environment) -> Vec<WorkflowPage> {
        Self::new(environment, Vec::new()).older_pages(&[])
    }

    /// What is known so far.
    #[must_use]
    pub fn deployments(&self) -> Deployments {
        let found = self.found();
        let unread = self.unread().map(|claim| UnreadRun { sha: claim.sha, updated: claim.latest });
        let (unread, has_older) = (unread.collect(), !self.older_pages(&found).is_empty());
        Deployments { found, unread, has_older }
    }

    fn found(&self) -> Vec<Deployment> {
        let by_runs = self.by_runs();
        let mut found: Vec<Deployment> = Vec::new();
        for record in &self.records {
            // A run that deployed it says more than its record: the two are one deployment.
            let is_same = |run: &Deployment| {
                run.result.is_deployed()
                    && run.run.is_some()
                    && run.run == record.run
                    && run.sha.agrees_with(&record.sha)
            };
            if record.unconfirmed.is_some() || by_runs.iter().any(is_same) {
                continue;
            }
            let recording = record.run.and_then(|run| self.recording(run, &by_runs));
            found.push(record::deployment(record, recording.as_ref()));
        }
        found.extend(by_runs.into_iter().map(|mut deployment| {
            if let Some(record) = self.contradiction(&deployment) {
                deployment.result = DeploymentResult::Disputed;
                deployment.detail =
                    format!("{}, and its record says {}", deployment.detail, record.sha);
            }
            deployment
        }));
        found
    }

    fn by_runs(&self) -> Vec<Deployment> {
        let Some(deploys) = &self.environment.deploys else { return Vec::new() };
        let of_run = |(id, attempts): (&RunId, &Vec<AttemptRead>)| {
            let sha = self.runs.get(id).and_then(|run| self.sha(run))?;
            Some(deployments(deploys, (&sha, attempts)))
        };
        self.attempts.iter().filter_map(of_run).flatten().collect()
    }

    /// A record of the same run that names another commit.
    fn contradiction(&self, deployment: &Deployment) -> Option<&RecordedDeployment> {
        let mut records = self.records.iter().filter(|record| record.run == deployment.run);
        records.find(|record| !record.sha.agrees_with(&deployment.sha))
    }

    /// What is known of the run that wrote a record, if it was listed.
    fn recording<'s>(&'s self, run: RunId, by_runs: &'s [Deployment]) -> Option<RecordingRun<'s>> {
        let run = self.runs.get(&run)?;
        let mut of_run = by_runs.iter().filter(|deployment| deployment.run == Some(run.id));
        let newest = of_run.next();
        let failed = newest.filter(|newest| newest.result == DeploymentResult::JobFailed);
        Some(RecordingRun {
            run,
            sha: self.sha(run),
            failed_job: failed.map(|failed| failed.detail.as_str()),
            success: self.deploys().map(|deploys| deploys.success).unwrap_or_default(),
        })
    }

    fn deploys(&self) -> Option<&'a Deploys> {
        self.environment.deploys.as_ref()
    }

    /// The commit that a run deploys, if it is a run that deploys.
    fn sha(&self, run: &Run) -> Option<Sha> {
        let deploys = self.deploys()?;
        is_candidate(self.environment, deploys, run).then(|| named_sha(deploys, run)).flatten()
    }

    /// What may have deployed a release that is in the registries, and was not examined.
    fn unread(&self) -> impl Iterator<Item = Claim<'_>> {
        let runs = self.runs.values().filter(|run| self.is_unread(run)).filter_map(|run| {
            Some(Claim { of: Claimant::Run(run), sha: self.sha(run)?, latest: run.updated })
        });
        // A run that is examined may say all that its record does.
        let is_waiting = |record: &RecordedDeployment| {
            let run = record.run.and_then(|run| self.runs.get(&run));
            let sha = run.filter(|run| self.is_unread(run)).and_then(|run| self.sha(run));
            sha.is_some_and(|sha| self.is_listed(&sha))
        };
        let records = self.records.iter().filter(move |record| !is_waiting(record));
        let records = records.filter_map(|record| {
            let of = Claimant::Record(record.unconfirmed?);
            Some(Claim { of, sha: record.sha.clone(), latest: record.time })
        });
        runs.chain(records).filter(|claim| self.is_listed(&claim.sha))
    }

    fn is_listed(&self, sha: &Sha) -> bool {
        self.releases.iter().any(|release| release.sha.agrees_with(sha))
    }

    fn is_unread(&self, run: &Run) -> bool {
        !self.attempts.contains_key(&run.id) && may_have_deployed(run)
    }

    /// The next page of each workflow, as far as its runs may tell of a release of which nothing was found.
    /// The first pages are always read.
    fn older_pages(&self, found: &[Deployment]) -> Vec<WorkflowPage> {
        let is_found = |release: &&ListedRelease| {
            found.iter().any(|deployment| deployment.sha.agrees_with(&release.sha))
        };
        let sought: Vec<&ListedRelease> =
            self.releases.iter().filter(|release| !is_found(release)).collect();
        let may_tell = |oldest: DateTime<Utc>| {
            let since = |release: &&ListedRelease| release.since;
            sought
                .iter()
                .any(|release| since(release).is_none_or(|at| at - LIFE_OF_A_RUN <= oldest))
        };
        let page = |(workflow, listed): (&String, &Listed)| {
            let page = listed.next.filter(|_| listed.oldest.is_none_or(may_tell))?;
            Some(WorkflowPage { workflow: workflow.clone(), page })
        };
        self.listed.iter().filter_map(page).collect()
    }
}

/// What may say that a release was deployed.
struct Claim<'a> {
    of: Claimant<'a>,
    sha: Sha,
    /// It was not deployed later by this.
    latest: DateTime<Utc>,
}

enum Claimant<'a> {
    Run(&'a Run),
    /// A record that is a deployment, by its number.
    Record(u64),
}

/// Whether any job of it may have run.
fn may_have_deployed(run: &Run) -> bool {
    let nothing_ran = matches!(
        run.state,
        RunState::Completed(
            Conclusion::Skipped | Conclusion::StartupFailure | Conclusion::ActionRequired
        )
    );
    run.attempt > 1 || !nothing_ran
}
