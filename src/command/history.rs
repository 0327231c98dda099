//! What `list` and `rollback-target` share: the releases of an environment, in order.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::deployed;
use super::{CommandError, GitLog, Session};
use crate::collect::{TimesWanted, inventory};
use crate::model::{Inventory, ReleaseOrder};
use crate::policy::Environment;
use crate::releases::{Timeline, TimelineInput, timeline};

/// The releases of an environment.
#[derive(Clone)]
pub(super) struct History {
    pub(super) inventory: Inventory,
    pub(super) timeline: Timeline,
    /// The time that counts as now.
    pub(super) now: DateTime<Utc>,
}

/// An environment of the policy, with another order where one is asked for.
///
/// # Errors
/// [`CommandError`] when the policy has no such environment, or has nothing to read that order from.
pub(super) fn environment<'s>(
    session: &'s Session,
    name: &str,
    order: Option<ReleaseOrder>,
) -> Result<Cow<'s, Environment>, CommandError> {
    let mut environment = Cow::Borrowed(session.environment(name)?);
    if let Some(order) = order.filter(|order| *order != environment.order) {
        environment.to_mut().order = order;
    }
    deployed::check(session, &environment)?;
    Ok(environment)
}

/// Reads an environment and puts its releases in order.
pub(super) async fn read(session: &Session, environment: &Environment, git: &GitLog) -> History {
    let times = match environment.order {
        ReleaseOrder::Git => TimesWanted::None,
        ReleaseOrder::Built => TimesWanted::Built,
        ReleaseOrder::Pushed | ReleaseOrder::Deployed => TimesWanted::PushedElseBuilt,
    };
    let inventory = inventory(session.collector(), environment, times).await;
    git.check(session, environment);
    // Known only after the servers have answered. The latest of their times, so that a release that
    // was just pushed does not lie in the future.
    let now = session.clock_reading().latest;
    let input = TimelineInput { environment, inventory: &inventory, git: &git.history, now };
    let timeline = timeline(&input);
    History { inventory, timeline, now }
}
