//! `list`: the releases of an environment, and which one is current.

use super::deployed::{self, DeploymentReader, DeploymentsRead, unread_text};
use super::history::{self, History};
use super::records::read_or_warn;
use super::{CommandError, GitLog, Session};
use crate::model::ReleaseOrder;
use crate::pipeline::Records;
use crate::policy::Environment;
use crate::releases::{CurrentQuestion, Timeline, current};
use crate::report::{ListedDeployments, Listing, MovedTags};

/// Asks for the releases of an environment.
#[derive(Debug, Clone)]
pub struct Request {
    /// The environment.
    pub environment: String,
    /// The git history of its branch.
    pub git: GitLog,
    /// What "previous" means, if not what the policy says.
    pub order: Option<ReleaseOrder>,
}

/// Lists the releases of an environment.
///
/// # Errors
/// [`CommandError`] when the policy has no such environment, or nothing to read the order from.
pub async fn list(session: &Session, request: &Request) -> Result<Listing, CommandError> {
    let environment = &*history::environment(session, &request.environment, request.order)?;
    let (history, deployments) = futures_util::join!(
        history::read(session, environment, &request.git),
        records_and_first_pages(session, environment)
    );
    Ok(of_history(session, environment, (history, deployments)).await)
}

/// The same of what was read.
pub(super) async fn of_history(
    session: &Session,
    environment: &Environment,
    (history, (records, deployments)): (History, DeploymentsRead),
) -> Listing {
    let History { inventory, mut timeline, .. } = history;
    let deployments = match deployments {
        Some(Ok(first)) => {
            let reader = DeploymentReader::new(session, environment, (&timeline, first));
            Some(reader.all().await)
        }
        Some(Err(unread)) => Some(Err(unread)),
        None => None,
    };
    session.finish_requests();
    let deployments = match deployments {
        None => ListedDeployments::NotShown,
        Some(Ok(deployments)) => {
            timeline.set_deployments(&deployments);
            ListedDeployments::Read
        }
        Some(Err(unread)) => {
            session.warn(unread_text(&environment.name, &unread), unread.hint.clone());
            ListedDeployments::Unread(unread)
        }
    };
    let unread = inventory.unread().into_iter().map(|(name, why)| (name, why.clone())).collect();
    let current = match current(environment, &inventory, &timeline, CurrentQuestion::LatestTags) {
        Ok(current) => {
            for note in &current.notes {
                session.note(note, None);
            }
            Some(current.index)
        }
        Err(error) => {
            session.note(format!("no current release: {error}"), None);
            None
        }
    };
    let moved = moved(session, &records, &timeline);
    Listing::new(environment, (timeline, current, &moved), (unread, deployments))
}

/// The SHA tags that moved since they were recorded. They are warned about.
fn moved(session: &Session, records: &Records, timeline: &Timeline) -> MovedTags {
    let count = (!records.all().is_empty()).then_some(0);
    let mut found = MovedTags { count, ..MovedTags::default() };
    for release in timeline.releases() {
        let copies = release.copies.iter();
        let tags = copies.filter_map(|(at, copy)| Some((at, copy.reference(), copy.digest()?)));
        let moved = records.moved(&release.sha, tags);
        found.count = found.count.map(|count| count + moved.len());
        if let Some(tag) = moved.first() {
            let hint = "`tags verify` says whether what was recorded still exists";
            session.warn(format!("sha-tag-moved: {tag}"), Some(hint.to_owned()));
            found.releases.insert(release.sha.clone());
        }
    }
    found
}

/// The records, and the first pages where the policy says what deploys to the environment.
pub(super) async fn records_and_first_pages(
    session: &Session,
    environment: &Environment,
) -> DeploymentsRead {
    let is_shown = environment.order == ReleaseOrder::Deployed || environment.deploys.is_some();
    if !is_shown {
        return (read_or_warn(session, &environment.name).await, None);
    }
    let first = deployed::first_pages(session, environment).await;
    let records = first.as_ref().map(|first| first.records().clone()).unwrap_or_default();
    (records, Some(first))
}
