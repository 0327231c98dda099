//! When releases were pushed, deployed, and moved to: a bar for each period, as high as its number.

use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};

use super::super::{EnvironmentOverview, ListedDeployments, Overview};
use super::pair::{ROW, Width, middle, pair, percent};
use super::shown;
use crate::model::Release;

/// The lengths of periods, in days; the first that gives at most [`MOST`] periods is used.
const STEPS: [i64; 6] = [1, 7, 28, 91, 364, 3640];
const MOST: i64 = 16;

/// The events of one period.
#[derive(Default, Clone, Copy)]
struct Period {
    pushed: u64,
    deployed: u64,
    moved: u64,
}

/// The number of one kind of events.
type Count = fn(&mut Period) -> &mut u64;

impl Period {
    fn most(self) -> u64 {
        self.pushed.max(self.deployed).max(self.moved)
    }
}

/// Periods of the same length, the newest first.
struct Periods {
    /// The end of the newest.
    end: DateTime<Utc>,
    step: TimeDelta,
    list: Vec<Period>,
}

impl Periods {
    /// None without any event.
    fn of(overview: &Overview, of: &EnvironmentOverview) -> Option<Self> {
        let releases = of.listing.timeline.releases();
        let pushed = releases.iter().filter_map(Release::time).map(|moment| moment.time);
        let deployed = (0..releases.len()).filter_map(|index| {
            let deployment = of.listing.deployed(index)?.deployment()?;
            deployment.result.is_deployed().then_some(deployment.time)
        });
        let of_kind = |kind: Count| move |time: DateTime<Utc>| (time, kind);
        let events: Vec<(DateTime<Utc>, Count)> = pushed
            .map(of_kind(|period| &mut period.pushed))
            .chain(deployed.map(of_kind(|period| &mut period.deployed)))
            .chain(of.moves.iter().map(|of| of.time).map(of_kind(|period| &mut period.moved)))
            .collect();
        let first = events.iter().map(|(time, _)| *time).min()?;
        let newest = events.iter().map(|(time, _)| *time).max()?.max(overview.now);
        let end = (newest.date_naive() + TimeDelta::days(1)).and_hms_opt(0, 0, 0)?.and_utc();
        let days = (end - first).num_days() + 1;
        let step = STEPS.into_iter().find(|step| days.div_euclid(*step) < MOST).unwrap_or(36_500);
        let at = |time: DateTime<Utc>| {
            usize::try_from((end - time - TimeDelta::seconds(1)).num_days() / step).unwrap_or(0)
        };
        let mut list = vec![Period::default(); at(first) + 1];
        for (time, count) in events {
            *count(&mut list[at(time)]) += 1;
        }
        Some(Self { end, step: TimeDelta::days(step), list })
    }

    /// The first day of a period.
    fn begin(&self, index: usize) -> String {
        let back = i32::try_from(index + 1).unwrap_or(i32::MAX);
        (self.end - self.step * back).format("%Y-%m-%d").to_string()
    }

    fn unit(&self) -> String {
        match self.step.num_days() {
            1 => "day".to_owned(),
            7 => "week from".to_owned(),
            days => format!("{days} days from"),
        }
    }
}

pub(super) fn timeline(overview: &Overview, of: &EnvironmentOverview) -> Markup {
    let Some(periods) = Periods::of(overview, of) else {
        return html! { p.note { "No time of a release is known." } };
    };
    let lanes = Lane::of(of);
    html! {
        (pair(Width::Most, &picture(of, &periods, &lanes), &table(&periods, &lanes)))
        p.legend {
            @for lane in &lanes { span { i class={ "key " (lane.name) } {} " " (lane.meaning) } }
            @if of.moves.is_empty() { span { "this machine has no move of the latest tags on record" } }
        }
        @if let ListedDeployments::Unread(why) = &of.listing.deployments {
            p.hole { "What was deployed could not be read: " (shown(&why.message)) "." }
        }
    }
}

/// One kind of events.
struct Lane {
    name: &'static str,
    meaning: &'static str,
    count: fn(&Period) -> u64,
}

impl Lane {
    /// The kinds of which something is known.
    fn of(of: &EnvironmentOverview) -> Vec<Self> {
        let pushed = Self { name: "pushed", meaning: "pushed", count: |period| period.pushed };
        let deployed = Self {
            name: "deployed",
            meaning: "deployed, the last time of each release",
            count: |period| period.deployed,
        };
        let moved = Self {
            name: "moved",
            meaning: "latest tags moved, as this machine has on record",
            count: |period| period.moved,
        };
        let mut lanes = vec![pushed];
        if of.listing.deployments == ListedDeployments::Read {
            lanes.push(deployed);
        }
        if !of.moves.is_empty() {
            lanes.push(moved);
        }
        lanes
    }
}

fn picture(of: &EnvironmentOverview, periods: &Periods, lanes: &[Lane]) -> Markup {
    let most = periods.list.iter().map(|period| period.most()).max().unwrap_or(0);
    let label = format!("{} by period: pushes, deployments and moves", of.name());
    let height = if lanes.len() == 1 { 14 } else { ROW / 4 };
    super::pair::picture(
        periods.list.len(),
        &label,
        &html! {
            @for (index, period) in periods.list.iter().enumerate() {
                @let top = middle(index + 1) - lanes.len() * height / 2;
                @for (at, lane) in lanes.iter().enumerate() {
                    @let count = (lane.count)(period);
                    @if count > 0 {
                        rect class=(lane.name) x="0" y=(top + at * height) rx="2"
                            width=(percent(count, most)) height=(height - 1) {}
                    }
                }
            }
        },
    )
}

fn table(periods: &Periods, lanes: &[Lane]) -> Markup {
    html! {
        table {
            thead { tr {
                th { (periods.unit()) }
                @for lane in lanes { th.number { (lane.name) } }
            } }
            tbody {
                @for (index, period) in periods.list.iter().enumerate() {
                    tr {
                        td { (periods.begin(index)) }
                        @for lane in lanes { td.number { ((lane.count)(period)) } }
                    }
                }
            }
        }
    }
}
