//! When releases were pushed, deployed, and moved to: a bar for each period, as high as its number.

use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};

use super::super::{EnvironmentOverview, ListedDeployments, Overview};
use super::pair::{ROW, middle, pair, percent};
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
        let last = events.iter().map(|(time, _)| *time).max()?.max(overview.now);
        let end = (last.date_naive() + TimeDelta::days(1)).and_hms_opt(0, 0, 0)?.and_utc();
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
    let shows_deployed = of.listing.deployments == ListedDeployments::Read;
    html! {
        (pair(&picture(of, &periods, shows_deployed), &table(&periods, shows_deployed)))
        p.legend {
            span { i.key.pushed {} " pushed" }
            @if shows_deployed { span { i.key.deployed {} " deployed" } }
            span { i.key.moved {} " latest tags moved, as this machine has on record" }
        }
        @if let ListedDeployments::Unread(why) = &of.listing.deployments {
            p.hole { "What was deployed could not be read: " (shown(&why.message)) "." }
        }
    }
}

fn picture(of: &EnvironmentOverview, periods: &Periods, shows_deployed: bool) -> Markup {
    let most = periods.list.iter().map(|period| period.most()).max().unwrap_or(1).max(1);
    let label = format!("{} by period: pushes, deployments and moves", of.name());
    let lanes = |period: &Period| {
        let deployed = shows_deployed.then_some(("deployed", period.deployed));
        let all = [Some(("pushed", period.pushed)), deployed, Some(("moved", period.moved))];
        all.into_iter().flatten().collect::<Vec<_>>()
    };
    let height = ROW / 4;
    html! {
        (super::pair::picture(periods.list.len(), &label, &html! {
            @for (index, period) in periods.list.iter().enumerate() {
                @let lanes = lanes(period);
                @let top = middle(index + 1) - lanes.len() * height / 2;
                @for (lane, (class, count)) in lanes.iter().enumerate() {
                    @if *count > 0 {
                        rect class=(class) x="0" y=(top + lane * height) width=(percent(*count, most)) height=(height - 1) rx="1.5" {}
                    }
                }
            }
        }))
    }
}

fn table(periods: &Periods, shows_deployed: bool) -> Markup {
    let number = |count: u64| if count == 0 { String::new() } else { count.to_string() };
    html! {
        table {
            thead { tr {
                th { (periods.unit()) } th.number { "pushed" }
                @if shows_deployed { th.number { "deployed" } }
                th.number { "moved" }
            } }
            tbody {
                @for (index, period) in periods.list.iter().enumerate() {
                    tr {
                        td { (periods.begin(index)) }
                        td.number { (number(period.pushed)) }
                        @if shows_deployed { td.number { (number(period.deployed)) } }
                        td.number { (number(period.moved)) }
                    }
                }
            }
        }
    }
}
