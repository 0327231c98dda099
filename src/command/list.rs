//! `list`: the releases of an environment, and which one is current.

use super::history::{self, History};
use super::{CommandError, GitLog, Session};
use crate::releases::{CurrentQuestion, current};
use crate::report::Listing;

/// Asks for the releases of an environment.
#[derive(Debug, Clone)]
pub struct Request {
    /// The environment.
    pub environment: String,
    /// The git history of its branch.
    pub git: GitLog,
}

/// Lists the releases of an environment.
///
/// # Errors
/// [`CommandError`] when the policy has no such environment.
pub async fn list(session: &Session, request: &Request) -> Result<Listing, CommandError> {
    let environment = session.environment(&request.environment)?;
    let History { inventory, timeline, .. } =
        history::read(session, environment, &request.git).await;
    session.finish_requests();
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
    Ok(Listing::new(environment, timeline, current, unread))
}
