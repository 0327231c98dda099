//! The time that counts as now, by the clocks of the servers that answered, and what follows when
//! they and this machine's differ.

use chrono::{DateTime, Utc};
use tags::model::{ClockReading, now_by_servers};
use tags::registry::Connections;
use tags::report::escape;
use tags::retention::{ApprovedPlan, Decision, Plan, Refusal, RefusedPlan, refuse_also};

use super::{ambient, output};

/// What the servers' clocks showed so far, as of this moment.
pub(crate) fn reading(connections: &Connections) -> ClockReading {
    now_by_servers(ambient::now(), &connections.http().clock_samples())
}

/// The same, after the registries from which a plan deletes were asked for their time.
pub(crate) async fn reading_for(connections: &Connections, plan: &Plan) -> ClockReading {
    let changed = plan.entries.iter().filter(|entry| entry.decision != Decision::Keep);
    let mut names: Vec<_> = changed.map(|entry| &entry.repository.registry).collect();
    names.sort();
    names.dedup();
    connections.clocks_ask(names).await;
    reading(connections)
}

/// The earliest and the latest time, by the servers, of what was sent since a time of this
/// machine's clock.
pub(crate) fn span(
    connections: &Connections,
    since: DateTime<Utc>,
) -> (DateTime<Utc>, DateTime<Utc>) {
    let sightings = connections.http().clock_samples();
    let until = now_by_servers(ambient::now(), &sightings).latest;
    (now_by_servers(since, &sightings).earliest, until)
}

/// Says on stderr that clocks differ.
pub(crate) fn warn(connections: &Connections) {
    for doubt in reading(connections).warnings {
        let (what, hint) = (doubt.to_string(), doubt.hint());
        output::talk(&format!("warning: {}\n  hint: {hint}\n", escape::terminal(&what)));
    }
}

/// Nothing is deleted by its age while clocks differ.
pub(crate) fn guarded(
    approval: Result<ApprovedPlan, Box<RefusedPlan>>,
    reading: &ClockReading,
) -> Result<ApprovedPlan, Box<RefusedPlan>> {
    refuse_also(approval, reading.warnings.iter().cloned().map(Refusal::Clock))
}
