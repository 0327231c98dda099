//! What `list` and `rollback-target` share: the inventory and its timeline.

use chrono::{DateTime, Utc};
use tags::collect::{Collector, TimesWanted, inventory};
use tags::model::{Inventory, ReleaseOrder};
use tags::policy::Environment;
use tags::releases::{Timeline, TimelineInput, timeline};
use tags::report::escape;

use crate::{clock, git, output};

/// Reads an environment and puts its releases in order; gives the time that counts as now, too.
pub(super) async fn read(
    collector: Collector<'_>,
    environment: &Environment,
) -> (Inventory, Timeline, DateTime<Utc>) {
    let times = match environment.order {
        ReleaseOrder::Git => TimesWanted::None,
        ReleaseOrder::Built => TimesWanted::Built,
        ReleaseOrder::Pushed => TimesWanted::PushedElseBuilt,
    };
    let (inventory, git) = tokio::join!(
        inventory(collector, environment, times),
        git::history(environment.branch.as_deref())
    );
    warn_of_git(environment, &git).await;
    // Only now have the servers told their time; by the latest of them what was just pushed is the
    // newest, and of no doubtful time.
    let now = clock::reading(collector.connections).latest;
    let input = TimelineInput { environment, inventory: &inventory, git: &git.history, now };
    let timeline = timeline(&input);
    (inventory, timeline, now)
}

/// Says so where the order comes from git, and there is too little of it.
pub(super) async fn warn_of_git(environment: &Environment, told: &git::Told) {
    let name = &environment.name;
    if let Some(refusal) = &told.refusal {
        // Where times tell the order, git would only break ties.
        let what = match environment.order {
            ReleaseOrder::Git => format!("warning: `order = \"git\"` for {name}, but git refuses"),
            ReleaseOrder::Pushed | ReleaseOrder::Built => {
                format!("note: git refuses, so that it settles no equal times for {name}")
            }
        };
        let (words, hint) = (refusal.words(), refusal.hint());
        let (words, hint) = (escape::terminal(words), escape::terminal(&hint));
        output::talk(&format!("{what}: {words}\n  hint: {hint}\n"));
        return;
    }
    let history = &told.history;
    if environment.order == ReleaseOrder::Git && (history.is_empty() || git::is_shallow().await) {
        let what =
            if history.is_empty() { "no git history" } else { "only a part of the git history" };
        output::talk(&format!(
            "warning: `order = \"git\"` for {name}, but there is {what} here; run this in a full checkout (fetch-depth: 0)\n",
        ));
    }
}
