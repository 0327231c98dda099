//! The metrics of each report.

use std::collections::{BTreeMap, BTreeSet};

use super::metric::Metric;
use super::samples::{Samples, whole};
use super::{Reported, seconds};
use crate::model::{Moment, Release, Repository};
use crate::pipeline::Stage;
use crate::report::{
    Cleanup, DoctorReport, GarbageOutcome, Listing, Overview, Report, RollbackState,
    RollbackTarget, RollbackVerdict, Runs,
};
use crate::retention::{Decision, EnvironmentSummary, Plan, PlanEntry};
use crate::verify::{FindingCode, Verification};

impl Reported {
    /// Adds what a report says.
    pub fn add(&mut self, report: &Report) {
        let samples = &mut self.samples;
        let environments = match report {
            Report::Verify(verification) => verify(samples, verification),
            Report::RollbackTarget(answer) => rollback_target(samples, answer),
            Report::List(listing) => list(samples, listing),
            Report::Cleanup(cleanup) => self::cleanup(samples, cleanup),
            Report::Move(moved) => vec![moved.environment.to_string()],
            Report::Repair(repair) => vec![repair.environment.to_string()],
            Report::Runs(runs) => self::runs(samples, runs),
            Report::Doctor(examination) => doctor(samples, examination),
            Report::Gc(run) => {
                let is_unread = matches!(run.end, GarbageOutcome::Unread(..));
                up(samples, run.registry.as_str(), !is_unread);
                Vec::new()
            }
            Report::Overview(overview) => self::overview(samples, overview),
            Report::Explain(_)
            | Report::Undo(_)
            | Report::Init(_)
            | Report::Check(_)
            | Report::Lint(_) => Vec::new(),
        };
        self.environments.extend(environments);
    }
}

type Environments = Vec<String>;

fn up(samples: &mut Samples, registry: &str, is_up: bool) {
    samples.count(Metric::REGISTRY_UP, &[registry], usize::from(is_up));
}

fn time(samples: &mut Samples, environment: &str, moment: Option<Moment>) {
    if let Some(moment) = moment {
        samples.set(Metric::CURRENT, &[environment], seconds(moment.time));
    }
}

fn verify(samples: &mut Samples, verification: &Verification) -> Environments {
    let environment = verification.environment.as_str();
    let mut by_status = BTreeMap::from([("ok", 0_usize)]);
    for check in &verification.checks {
        *by_status.entry(check.problem.map_or("ok", FindingCode::as_str)).or_default() += 1;
    }
    for (status, count) in by_status {
        samples.count(Metric::CHECKS, &[environment, status], count);
    }
    let of = |code| verification.findings.iter().filter(move |finding| finding.code == code);
    let unread = of(FindingCode::RegistryUnreadable).filter_map(|finding| finding.place.as_ref());
    let unread: BTreeSet<_> = unread.map(|place| &place.registry).collect();
    let checked = verification.checks.iter().map(|check| &check.place.registry);
    for registry in checked.chain(unread.iter().copied()) {
        up(samples, registry.as_str(), !unread.contains(registry));
    }
    // Without its place the finding is about the records.
    if of(FindingCode::RegistryUnreadable).all(|finding| finding.place.is_some()) {
        let moved = of(FindingCode::ShaTagMoved).count();
        samples.count(Metric::MOVED_TAGS, &[environment], moved);
    }
    vec![environment.to_owned()]
}

fn rollback_target(samples: &mut Samples, answer: &RollbackTarget) -> Environments {
    let environment = answer.environment.as_str();
    for registry in &answer.registries {
        up(samples, registry.as_str(), !answer.unread.contains_key(registry));
    }
    time(samples, environment, answer.current.as_ref().and_then(|current| current.time));
    match answer.verdict() {
        RollbackVerdict::Found => samples.count(Metric::ROLLBACK_TARGETS, &[environment], 1),
        RollbackVerdict::None if answer.current.is_some() => {
            samples.count(Metric::ROLLBACK_TARGETS, &[environment], 0);
        }
        // Nothing is known of targets where no current release is.
        RollbackVerdict::None | RollbackVerdict::Unknown(_) => {}
    }
    vec![environment.to_owned()]
}

fn list(samples: &mut Samples, listing: &Listing) -> Environments {
    let environment = listing.environment.as_str();
    let releases = listing.timeline.releases();
    let places = releases.iter().flat_map(|release| release.copies.keys());
    let registries: BTreeSet<_> = places.map(|place| &place.registry).collect();
    for registry in registries.into_iter().chain(listing.unread.keys()) {
        up(samples, registry.as_str(), !listing.unread.contains_key(registry));
    }
    if listing.unread.is_empty() {
        let complete = releases.iter().filter(|release| release.is_complete()).count();
        states(samples, environment, complete, releases.len());
    }
    let current = listing.current.and_then(|index| releases.get(index));
    time(samples, environment, current.and_then(Release::time));
    if let Some(count) = listing.known_targets() {
        samples.count(Metric::ROLLBACK_TARGETS, &[environment], count);
    }
    if let Some(count) = listing.moved_tags {
        samples.count(Metric::MOVED_TAGS, &[environment], count);
    }
    vec![environment.to_owned()]
}

fn states(samples: &mut Samples, environment: &str, complete: usize, all: usize) {
    samples.count(Metric::RELEASES, &[environment, "complete"], complete);
    samples.count(Metric::RELEASES, &[environment, "incomplete"], all.saturating_sub(complete));
}

fn cleanup(samples: &mut Samples, cleanup: &Cleanup) -> Environments {
    for EnvironmentSummary { environment, kept, deleted, complete, .. } in
        &cleanup.plan.environments
    {
        if let Some(complete) = complete {
            states(samples, environment.as_str(), *complete, kept + deleted);
        }
    }
    plan(samples, &cleanup.plan);
    Vec::new()
}

/// Of an image that could not be read completely in a registry, nothing is told there.
fn plan(samples: &mut Samples, plan: &Plan) {
    let mut unread: BTreeSet<&Repository> = BTreeSet::new();
    let mut registries: BTreeMap<&str, bool> = BTreeMap::new();
    for coverage in &plan.coverage {
        let is_read = coverage.unread.is_none();
        *registries.entry(coverage.repository.registry.as_str()).or_insert(true) &= is_read;
        if !is_read {
            unread.insert(&coverage.repository);
        }
    }
    for (registry, is_up) in registries {
        up(samples, registry, is_up);
    }
    let mut sums: BTreeMap<(&str, &str), Option<Sums>> = BTreeMap::new();
    for entry in &plan.entries {
        let image = entry.image.as_ref().map_or("", |image| image.as_str());
        let sum = sums
            .entry((entry.repository.registry.as_str(), image))
            .or_insert_with(|| Some(Sums::default()));
        if unread.contains(&entry.repository) {
            *sum = None;
        }
        if let Some(sum) = sum {
            sum.add(entry);
        }
    }
    for ((registry, image), sum) in sums {
        let Some(Sums { keep, untag, delete, bytes }) = sum else { continue };
        samples.set(Metric::MANIFEST_BYTES, &[registry, image], whole(bytes));
        for (decision, count) in [("keep", keep), ("untag", untag), ("delete", delete)] {
            samples.count(Metric::CLEANUP, &[registry, image, decision], count);
        }
    }
}

/// The manifests of an image in a registry.
#[derive(Default)]
struct Sums {
    keep: usize,
    untag: usize,
    delete: usize,
    bytes: u64,
}

impl Sums {
    fn add(&mut self, entry: &PlanEntry) {
        self.bytes = self.bytes.saturating_add(entry.bytes.unwrap_or(0));
        match entry.decision {
            Decision::Keep => self.keep += 1,
            Decision::Untag(_) => self.untag += 1,
            Decision::Delete => self.delete += 1,
        }
    }
}

fn runs(samples: &mut Samples, runs: &Runs) -> Environments {
    for of in &runs.environments {
        let environment = of.environment.as_str();
        let targets = match &of.rollback {
            RollbackState::Target(_) => Some(1),
            RollbackState::None(_) => Some(0),
            RollbackState::Unknown => None,
        };
        if let Some(targets) = targets {
            samples.count(Metric::ROLLBACK_TARGETS, &[environment], targets);
        }
        if !of.is_complete {
            continue;
        }
        if let Some(rate) = of.verdict.rates.failure_rate() {
            samples.set(Metric::FAILURE_RATIO, &[environment], rate);
        }
        let runs = &of.verdict.runs;
        took(samples, (Metric::MIGRATE_SECONDS, environment), runs.iter().map(|run| &run.migrate));
        took(samples, (Metric::DEPLOY_SECONDS, environment), runs.iter().map(|run| &run.deploy));
    }
    runs.environments.iter().map(|of| of.environment.to_string()).collect()
}

/// How long a stage took.
fn took<'a>(
    samples: &mut Samples,
    (metric, environment): (Metric, &str),
    stages: impl Iterator<Item = &'a Option<Stage>>,
) {
    let seconds = stages.filter_map(|stage| stage.as_ref()?.seconds);
    if let Some((median, max)) = median_and_max(seconds.collect()) {
        samples.set(metric, &[environment, "median"], median);
        samples.set(metric, &[environment, "max"], max);
    }
}

/// Of an even number of values the median lies between the two in the middle.
fn median_and_max(mut values: Vec<u64>) -> Option<(f64, f64)> {
    values.sort_unstable();
    let max = *values.last()?;
    let middle = values.len() / 2;
    let low = values[middle - usize::from(values.len().is_multiple_of(2))];
    Some((f64::midpoint(whole(low), whole(values[middle])), whole(max)))
}

fn overview(samples: &mut Samples, overview: &Overview) -> Environments {
    // A registry is up only if it was for every part.
    let mut add = |part: Samples| samples.extend_keeping_lower(Metric::REGISTRY_UP, part);
    let part = |fill: &dyn Fn(&mut Samples)| {
        let mut part = Samples::default();
        fill(&mut part);
        part
    };
    for of in &overview.environments {
        add(part(&|part| drop(list(part, &of.listing))));
        if let Some(verification) = &of.verification {
            let mut checked = part(&|part| drop(verify(part, verification)));
            // That of the listing is about all releases.
            checked.remove(Metric::MOVED_TAGS);
            add(checked);
        }
    }
    if let Ok(cleanup) = &overview.plan
        && overview.foreign_plan.is_none()
    {
        add(part(&|part| plan(part, &cleanup.plan)));
    }
    if let Some(Ok(judged)) = &overview.runs {
        let mut judged = part(&|part| drop(runs(part, judged)));
        // The listing counts all targets.
        judged.remove(Metric::ROLLBACK_TARGETS);
        add(judged);
    }
    overview.environments.iter().map(|of| of.name().to_string()).collect()
}

fn doctor(samples: &mut Samples, examination: &DoctorReport) -> Environments {
    for (name, registry) in &examination.registries {
        up(samples, name.as_str(), registry.checks.iter().all(|check| check.cause.is_none()));
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::median_and_max;

    #[test]
    fn the_median_of_two_lies_between_them() {
        assert_eq!(median_and_max(vec![9, 1]), Some((5.0, 9.0)));
        assert_eq!(median_and_max(vec![9, 1, 2]), Some((2.0, 9.0)));
        assert_eq!(median_and_max(Vec::new()), None);
    }
}
