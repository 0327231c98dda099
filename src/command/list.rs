//! `list`: the releases of an environment, and which one is current.

use super::deployed::{self, DeploymentReader, FirstPages, unread_text};
use super::history::{self, History};
use super::{CommandError, GitLog, Session};
use crate::model::{ReleaseOrder, Unread};
use crate::policy::Environment;
use crate::releases::{CurrentQuestion, current};
use crate::report::{ListedDeployments, Listing};

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
        first_pages(session, environment)
    );
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
    Ok(Listing::new(environment, (timeline, current), (unread, deployments)))
}

/// The first pages, where the policy says what deploys to the environment.
async fn first_pages(
    session: &Session,
    environment: &Environment,
) -> Option<Result<FirstPages, Unread>> {
    let is_shown = environment.order == ReleaseOrder::Deployed || environment.deploys.is_some();
    if is_shown { Some(deployed::first_pages(session, environment).await) } else { None }
}
