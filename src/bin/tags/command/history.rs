//! What `list` and `rollback-target` share: the inventory and its timeline.

use chrono::{DateTime, Utc};
use tags::collect::{TimesWanted, inventory};
use tags::command::Session;
use tags::model::{Inventory, ReleaseOrder};
use tags::policy::Environment;
use tags::releases::{Timeline, TimelineInput, timeline};

use crate::git;

/// Reads an environment and puts its releases in order; gives the time that counts as now, too.
pub(super) async fn read(
    session: &Session,
    environment: &Environment,
) -> (Inventory, Timeline, DateTime<Utc>) {
    let times = match environment.order {
        ReleaseOrder::Git => TimesWanted::None,
        ReleaseOrder::Built => TimesWanted::Built,
        ReleaseOrder::Pushed => TimesWanted::PushedElseBuilt,
    };
    let (inventory, git) =
        tokio::join!(inventory(session.collector(), environment, times), git::log(environment));
    git.check(session, environment);
    // Only now have the servers told their time; by the latest of them what was just pushed is the
    // newest, and of no doubtful time.
    let now = session.clock_reading().latest;
    let input = TimelineInput { environment, inventory: &inventory, git: &git.history, now };
    let timeline = timeline(&input);
    (inventory, timeline, now)
}
