//! What is pushed: the demo's history at a fixed now, and single images.

use chrono::TimeDelta;
use tags::sandbox::content::Build;
use tags::sandbox::history::History;

use crate::support::images;

pub(crate) const NOW: &str = "2026-07-01T12:00:00Z";

/// The history that everything is compared with.
pub(crate) fn story() -> History {
    History::ending_at(NOW.parse().unwrap())
}

/// Its last weeks, for where every request has its price.
pub(crate) fn short_story() -> History {
    let mut history = story();
    let newest = history.steps.last().unwrap().at;
    history.steps.retain(|step| newest - step.at < TimeDelta::days(24));
    history
}

/// A build of the newest prod release.
pub(crate) fn build(text: &str, architecture: &str) -> Build {
    let revision = story().current("prod").unwrap().to_string();
    Build { revision, ..images::build(text, architecture, NOW.parse().unwrap()) }
}
