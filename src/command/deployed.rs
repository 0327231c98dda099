//! Reads what was deployed to an environment: runs, their jobs, and records, as far as a question needs
//! them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use futures_util::future::{join_all, try_join_all};

use super::records::{self, ReadRecords, Store, read_or_warn, tell_ignored};
use super::{CommandError, Session};
use crate::github::{DeploymentId, GitHub, RunPage};
use crate::http::RequestError;
use crate::model::{
    Contents, Deployments, EnvironmentName, Release, ReleaseCopy, ReleaseOrder, Run, Sha, TagKind,
    Unread,
};
use crate::pipeline::{
    AttemptRead, DeploymentSearch, LIFE_OF_A_RUN, ListedRelease, RecordedDeployment, Records,
    SearchStep, WorkflowPage,
};
use crate::policy::Environment;
use crate::releases::Timeline;
use crate::report::Exit;

/// What is read first: the newest runs of each workflow, and the records. It depends on nothing that is in
/// the registries.
#[derive(Clone)]
pub(super) struct FirstPages {
    pages: Vec<(WorkflowPage, RunPage)>,
    records: Records,
}

/// The records of an environment, and what is read first of its deployments, if they are asked for.
pub(super) type DeploymentsRead = (Records, Option<Result<FirstPages, Unread>>);

impl FirstPages {
    /// The records of the environment's releases.
    pub(super) fn records(&self) -> &Records {
        &self.records
    }
}

/// Reads the newest runs and the records.
pub(super) async fn first_pages(
    session: &Session,
    environment: &Environment,
) -> Result<FirstPages, Unread> {
    let runs = first_run_pages(session, environment);
    let records = records::read(session, &environment.name);
    let (pages, records) = futures_util::join!(runs, records);
    let records = match records {
        ReadRecords::Unkept => Records::default(),
        ReadRecords::Unread(unread) => return Err(unread),
        ReadRecords::Read(records) => {
            tell_ignored(session, &environment.name, &records);
            records
        }
    };
    Ok(FirstPages { pages: pages?, records })
}

/// How many pages of a workflow are read for runs that may be under way.
const MOST_PAGES: u32 = 20;

/// The runs of each workflow that deploys to an environment, as far back as one may be under way.
pub(super) async fn recent_runs(
    session: &Session,
    environment: &Environment,
) -> Result<Vec<Run>, Unread> {
    let since = session.clock.now() - LIFE_OF_A_RUN;
    let mut pages = first_run_pages(session, environment).await?;
    let mut runs = Vec::new();
    loop {
        let mut next = Vec::new();
        for (at, page) in pages {
            let is_recent = page.runs.last().is_some_and(|oldest| oldest.created >= since);
            if page.has_next && is_recent {
                if at.page < MOST_PAGES {
                    next.push(WorkflowPage { page: at.page + 1, ..at });
                } else {
                    tell_cut(session, &at);
                }
            }
            runs.extend(page.runs);
        }
        if next.is_empty() {
            return Ok(runs);
        }
        pages = read_pages(session.readable_github()?, next).await?;
    }
}

/// Says that older runs were not looked at.
fn tell_cut(session: &Session, last: &WorkflowPage) {
    let (workflow, count) = (&last.workflow, 100 * last.page);
    let text =
        format!("of {workflow} the newest {count} runs were looked at for one that is under way");
    session.note(text, Some("an older one may have been run again".to_owned()));
}

async fn first_run_pages(
    session: &Session,
    environment: &Environment,
) -> Result<Vec<(WorkflowPage, RunPage)>, Unread> {
    let first = DeploymentSearch::first_pages(environment);
    if first.is_empty() {
        Ok(Vec::new())
    } else {
        read_pages(session.readable_github()?, first).await
    }
}

/// Checks that there is something to ask, where the order is `deployed`.
///
/// # Errors
/// [`CommandError`] when the policy names no source of deployments, or the repository is not known.
pub(super) fn check(session: &Session, environment: &Environment) -> Result<(), CommandError> {
    if environment.order != ReleaseOrder::Deployed {
        return Ok(());
    }
    let asks_github = environment.deploys.is_some() || Store::of(session).is_on_github();
    if session.policy.github.is_none() {
        let file = &session.policy_name;
        let error = CommandError::usage(format!("the order `deployed` needs `[github]` in {file}"));
        return Err(error.hint("`--order pushed` answers by push times"));
    }
    if asks_github && session.github.is_none() {
        return Err(session.no_repository());
    }
    Ok(())
}

/// The records, and the first pages where the order is `deployed`.
pub(super) async fn records_and_first_pages(
    session: &Session,
    environment: &Environment,
) -> DeploymentsRead {
    if environment.order != ReleaseOrder::Deployed {
        return (read_or_warn(session, &environment.name).await, None);
    }
    let first = first_pages(session, environment).await;
    let records = first.as_ref().map(|first| first.records().clone()).unwrap_or_default();
    (records, Some(first))
}

async fn read_pages(
    github: &GitHub,
    pages: Vec<WorkflowPage>,
) -> Result<Vec<(WorkflowPage, RunPage)>, Unread> {
    let read = pages.into_iter().map(|page| async move {
        let runs = github.runs(&page.workflow, page.page).await;
        runs.map(|runs| (page, runs)).map_err(|error: RequestError| error.to_unread())
    });
    try_join_all(read).await
}

/// Reads on from the first pages, until a question is answered.
pub(super) struct DeploymentReader<'a> {
    github: Option<&'a GitHub>,
    search: DeploymentSearch<'a>,
}

impl<'a> DeploymentReader<'a> {
    /// For the releases of a timeline.
    pub(super) fn new(
        session: &'a Session,
        environment: &'a Environment,
        (timeline, first): (&Timeline, FirstPages),
    ) -> Self {
        let releases = timeline.releases().iter().map(listed).collect();
        Self::of(session, (environment, releases), first)
    }

    fn of(
        session: &'a Session,
        (environment, releases): (&'a Environment, Vec<ListedRelease>),
        first: FirstPages,
    ) -> Self {
        let mut search = DeploymentSearch::new(environment, releases);
        search.add_records(first.records.all().iter().filter_map(RecordedDeployment::of));
        for (page, runs) in first.pages {
            search.add_page(&page, runs.runs, runs.has_next);
        }
        Self { github: session.github.as_ref(), search }
    }

    /// What is known so far.
    pub(super) fn deployments(&self) -> Deployments {
        self.search.deployments()
    }

    /// How far back runs were listed, if an older one may have been run again at or after this time.
    pub(super) fn may_be_unlisted_since(&self, time: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.search.listed_back_to().filter(|oldest| *oldest + LIFE_OF_A_RUN >= time)
    }

    /// Reads one step on: first what names one of these commits, then what happened last. False if there
    /// is nothing left to read.
    pub(super) async fn more(&mut self, first: &[Sha]) -> Result<bool, Unread> {
        let next = self.search.next(first);
        let Some(github) = self.github.filter(|_| next != SearchStep::Nothing) else {
            return Ok(false);
        };
        match next {
            SearchStep::Nothing => return Ok(false),
            SearchStep::Pages(pages) => {
                for (page, runs) in read_pages(github, pages).await? {
                    self.search.add_page(&page, runs.runs, runs.has_next);
                }
            }
            SearchStep::Examine { runs, records } => {
                let attempts = join_all(runs.iter().map(|run| attempts(github, run)));
                let records = records.into_iter().map(|number| async move {
                    (number, github.succeeded(DeploymentId(number)).await)
                });
                let (attempts, confirmed) = futures_util::join!(attempts, join_all(records));
                for (run, read) in runs.iter().zip(attempts) {
                    self.search.add_attempts(run.id, read.map_err(|error| error.to_unread())?);
                }
                for (number, succeeded) in confirmed {
                    self.search.confirm(number, succeeded.map_err(|error| error.to_unread())?);
                }
            }
        }
        Ok(true)
    }

    /// Reads all that there is for these releases: until each was found, or no run can tell of it.
    pub(super) async fn all(mut self) -> Result<Deployments, Unread> {
        loop {
            if !self.more(&[]).await? {
                return Ok(self.deployments());
            }
        }
    }
}

/// What is known of the deployments of one release.
pub(super) async fn of_release(
    session: &Session,
    environment: &Environment,
    sha: &Sha,
) -> Result<Deployments, Unread> {
    let first = first_pages(session, environment).await?;
    let release = ListedRelease { sha: sha.clone(), since: None };
    DeploymentReader::of(session, (environment, vec![release]), first).all().await
}

/// All attempts of a run with their jobs.
async fn attempts(github: &GitHub, newest: &Run) -> Result<Vec<AttemptRead>, RequestError> {
    let earlier = (1..newest.attempt).map(|attempt| github.attempt(newest.id, attempt));
    let mut runs = try_join_all(earlier).await?;
    runs.push(newest.clone());
    let jobs = try_join_all(runs.iter().map(|run| github.jobs(run))).await?;
    Ok(runs.into_iter().zip(jobs).map(|(run, jobs)| AttemptRead { run, jobs }).collect())
}

fn listed(release: &Release) -> ListedRelease {
    let present = release.copies.values().filter(|copy| copy.digest().is_some());
    let times = present.map(|copy| ReleaseCopy::time(copy).map(|moment| moment.time));
    ListedRelease { sha: release.sha.clone(), since: oldest(times) }
}

/// The oldest of some times; none if one of them is not known.
fn oldest(times: impl Iterator<Item = Option<DateTime<Utc>>>) -> Option<DateTime<Utc>> {
    times.collect::<Option<Vec<_>>>()?.into_iter().min()
}

/// What was deployed to each environment whose order is `deployed`, for a plan.
///
/// # Errors
/// [`CommandError`] when it could not be read: what a rollback would need is unknown then, and nothing may
/// be deleted.
pub(super) async fn of_contents(
    session: &Session,
    contents: &Contents,
) -> Result<BTreeMap<EnvironmentName, Deployments>, CommandError> {
    let mut all = BTreeMap::new();
    let environments = session.policy.environments.values();
    for environment in environments.filter(|one| one.order == ReleaseOrder::Deployed) {
        check(session, environment)?;
        let read = async {
            let first = first_pages(session, environment).await?;
            let releases = releases(environment, contents);
            DeploymentReader::of(session, (environment, releases), first).all().await
        };
        let deployments = read.await.map_err(|unread| unread_error(environment, unread))?;
        all.insert(environment.name.clone(), deployments);
    }
    Ok(all)
}

fn unread_error(environment: &Environment, unread: Unread) -> CommandError {
    let message = unread_text(&environment.name, &unread);
    let error = CommandError::new(Exit::unread(unread.cause), message);
    match unread.hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// That the deployments could not be read, in words.
pub(super) fn unread_text(environment: &EnvironmentName, unread: &Unread) -> String {
    format!("what was deployed to {environment} could not be read: {}", unread.message)
}

/// The commits that have a SHA tag of the environment.
fn releases(environment: &Environment, contents: &Contents) -> Vec<ListedRelease> {
    let mut found: BTreeMap<Sha, Vec<Option<DateTime<Utc>>>> = BTreeMap::new();
    for repository in &contents.repositories {
        if !environment.uses(&repository.repository) {
            continue;
        }
        for manifest in &repository.manifests {
            for tag in &manifest.tags {
                if let TagKind::Sha(sha) = environment.scheme.classify(&tag.name) {
                    let times = [tag.pushed, manifest.pushed, manifest.built];
                    found.entry(sha).or_default().push(times.into_iter().flatten().min());
                }
            }
        }
    }
    let listed =
        |(sha, times): (Sha, Vec<_>)| ListedRelease { sha, since: oldest(times.into_iter()) };
    found.into_iter().map(listed).collect()
}
