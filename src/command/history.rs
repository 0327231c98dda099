//! What `list` and `rollback-target` share: the releases of an environment, in order.

use chrono::{DateTime, Utc};

use super::{GitLog, Session};
use crate::collect::{TimesWanted, inventory};
use crate::model::{Inventory, ReleaseOrder};
use crate::policy::Environment;
use crate::releases::{Timeline, TimelineInput, timeline};

/// The releases of an environment.
pub(super) struct History {
    pub(super) inventory: Inventory,
    pub(super) timeline: Timeline,
    /// The time that counts as now.
    pub(super) now: DateTime<Utc>,
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
