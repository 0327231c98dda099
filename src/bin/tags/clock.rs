//! The time that counts as now, by the clocks of the servers that answered, and what follows when
//! they and this machine's differ.

use chrono::{DateTime, Utc};
use tags::command::Session;
use tags::model::{ClockReading, now_by_servers};
use tags::retention::{ApprovedPlan, Decision, Plan, Refusal, RefusedPlan, refuse_also};

/// The time that counts as now, after the registries from which a plan deletes were asked for
/// theirs.
pub(crate) async fn reading_for(session: &Session, plan: &Plan) -> ClockReading {
    let changed = plan.entries.iter().filter(|entry| entry.decision != Decision::Keep);
    let mut names: Vec<_> = changed.map(|entry| &entry.repository.registry).collect();
    names.sort();
    names.dedup();
    session.connections.clocks_ask(names).await;
    session.clock_reading()
}

/// The earliest and the latest time, by the servers, of what was sent since a time of this
/// machine's clock.
pub(crate) fn span(session: &Session, since: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let sightings = session.connections.http().clock_samples();
    let until = now_by_servers(session.clock.now(), &sightings).latest;
    (now_by_servers(since, &sightings).earliest, until)
}

/// Nothing is deleted by its age while clocks differ.
pub(crate) fn guarded(
    approval: Result<ApprovedPlan, Box<RefusedPlan>>,
    reading: &ClockReading,
) -> Result<ApprovedPlan, Box<RefusedPlan>> {
    refuse_also(approval, reading.warnings.iter().cloned().map(Refusal::Clock))
}
