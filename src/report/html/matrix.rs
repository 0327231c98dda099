//! Which release is in which place, newest first, and how far back the rollback floor reaches.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::super::{EnvironmentOverview, ListedDeployments, Overview, counted};
use super::pair::{ROW, Width, middle, pair};
use super::shown;
use crate::model::{Place, Release, ReleaseCopy};
use crate::releases::Deployed;

/// How many of the newest releases are shown; older ones only if something is said of them.
const NEWEST: usize = 20;
/// Where the squares begin.
const LEFT: usize = 104;
/// The width of a square with its gap.
const STEP: usize = 24;

/// A row of the matrix.
enum Row<'a> {
    Release(usize, &'a Release),
    /// The end of the rollback floor.
    Floor,
    /// Releases that are left out.
    Left(Vec<&'a Release>),
}

pub(super) fn matrix(overview: &Overview, of: &EnvironmentOverview) -> Markup {
    let releases = of.listing.timeline.releases();
    let Some(first) = releases.first() else { return none(of) };
    let places: Vec<&Place> = first.copies.keys().collect();
    let rows = rows(overview, of);
    html! {
        (pair(Width::Fixed, &squares(of, &places, &rows), &table(of, &rows)))
        (legend(&places, &rows))
    }
}

fn none(of: &EnvironmentOverview) -> Markup {
    html! {
        @if of.listing.unread.is_empty() {
            p.note { "There are no releases." }
        } @else {
            p.hole { "Nothing could be read." }
        }
    }
}

fn rows<'a>(overview: &Overview, of: &'a EnvironmentOverview) -> Vec<Row<'a>> {
    let releases = of.listing.timeline.releases();
    let floor: BTreeSet<_> = overview.floor(of).into_iter().collect();
    let last_of_floor = releases.iter().rposition(|release| floor.contains(&release.sha));
    let is_shown = |index: usize, release: &Release| {
        let is_named = of.listing.current == Some(index) || is_target(of, release);
        index < NEWEST || is_named || floor.contains(&release.sha)
    };
    let mut rows = Vec::new();
    for (index, release) in releases.iter().enumerate() {
        if is_shown(index, release) {
            rows.push(Row::Release(index, release));
        } else if let Some(Row::Left(left)) = rows.last_mut() {
            left.push(release);
        } else {
            rows.push(Row::Left(vec![release]));
        }
        if last_of_floor == Some(index) {
            rows.push(Row::Floor);
        }
    }
    rows
}

fn is_target(of: &EnvironmentOverview, release: &Release) -> bool {
    of.target.target.as_ref().is_some_and(|target| target.sha == release.sha)
}

/// What a release is, if it is more than one of many.
fn role(of: &EnvironmentOverview, index: usize, release: &Release) -> Option<&'static str> {
    if of.listing.current == Some(index) {
        Some("current")
    } else if is_target(of, release) {
        Some("rollback target")
    } else {
        None
    }
}

fn squares(of: &EnvironmentOverview, places: &[&Place], rows: &[Row<'_>]) -> Markup {
    let width = LEFT + places.len() * STEP;
    let height = (rows.len() + 1) * ROW;
    let label = format!("{} releases by place", of.name());
    html! {
        div.scroll {
            svg role="img" aria-label=(label) width=(width) height=(height) {
                @for column in 0..places.len() {
                    text.label x=(LEFT + column * STEP + 8) y=(middle(0) + 4) text-anchor="middle" { (column + 1) }
                }
                @for (at, row) in rows.iter().enumerate() {
                    @match row {
                        Row::Release(index, release) => (release_row(of, *index, release, middle(at + 1))),
                        Row::Floor => line.floor x1="0" x2=(width) y1=(middle(at + 1)) y2=(middle(at + 1)) {},
                        Row::Left(_) => text.label x="0" y=(middle(at + 1) + 4) { "…" },
                    }
                }
            }
        }
    }
}

fn release_row(of: &EnvironmentOverview, index: usize, release: &Release, y: usize) -> Markup {
    let class = match role(of, index, release) {
        Some("current") => "sha current",
        Some(_) => "sha target",
        None => "sha",
    };
    html! {
        text class=(class) x="0" y=(y + 4) { (release.sha.short()) }
        @for (column, copy) in release.copies.values().enumerate() {
            @let x = LEFT + column * STEP;
            @match copy {
                ReleaseCopy::Present { .. } => rect.there x=(x) y=(y - 8) width="16" height="16" rx="3" {},
                ReleaseCopy::Absent { .. } => {
                    rect.missing x=(x + 1) y=(y - 7) width="14" height="14" rx="3" {}
                    path.cross d={ "M" (x + 5) " " (y - 3) "l6 6m0-6l-6 6" } {}
                },
                ReleaseCopy::Unread { .. } => {
                    rect.unread x=(x + 1) y=(y - 7) width="14" height="14" rx="3" {}
                    text.label x=(x + 8) y=(y + 4) text-anchor="middle" { "?" }
                },
            }
        }
    }
}

fn table(of: &EnvironmentOverview, rows: &[Row<'_>]) -> Markup {
    let is_deployed_shown = of.listing.deployments != ListedDeployments::NotShown;
    let columns = if is_deployed_shown { 5 } else { 4 };
    html! {
        table {
            thead { tr {
                th { "release" } th { "" } th { "time" }
                @if is_deployed_shown { th { "deployed" } }
                th { "places" }
            } }
            tbody {
                @for row in rows {
                    @match row {
                        Row::Release(index, release) => tr {
                            td { code { (release.sha.short()) } }
                            td { @if let Some(role) = role(of, *index, release) { span.role { (role) } } }
                            td { (time(release)) }
                            @if is_deployed_shown { td { (deployed(of.listing.deployed(*index))) } }
                            td { (places(release)) }
                        },
                        Row::Floor => tr.floor { td colspan=(columns) { "the rollback floor ends here" } },
                        Row::Left(left) => tr { td.note colspan=(columns) { (left_out(left)) } },
                    }
                }
            }
        }
    }
}

fn time(release: &Release) -> String {
    match release.time() {
        Some(moment) => {
            format!("{} {}", moment.time.format("%Y-%m-%d %H:%M"), moment.source.as_str())
        }
        None => "unknown".to_owned(),
    }
}

fn deployed(deployed: Option<Deployed<'_>>) -> String {
    match deployed {
        Some(Deployed::Good(last)) => last.time.format("%Y-%m-%d %H:%M").to_string(),
        Some(Deployed::Failed(_)) => "failed".to_owned(),
        Some(Deployed::Never) => "no".to_owned(),
        Some(Deployed::Unknown(_) | Deployed::Unread) | None => "unknown".to_owned(),
    }
}

/// How many places have it, and which do not.
fn places(release: &Release) -> Markup {
    let all = release.copies.len();
    let there = release.copies.values().filter(|copy| copy.digest().is_some()).count();
    let names = |places: Vec<String>| places.join(", ");
    let missing = names(release.absent().map(Place::to_string).collect());
    let unread = names(release.unread().map(Place::to_string).collect());
    html! {
        (there) "/" (all)
        @if !missing.is_empty() { " " span.bad { "no " (shown(&missing)) } }
        @if !unread.is_empty() { " " span.caution { "unknown: " (shown(&unread)) } }
    }
}

fn left_out(left: &[&Release]) -> String {
    let incomplete = left.iter().filter(|release| release.completeness() == Some(false)).count();
    let count = counted(left.len(), "more release");
    if incomplete == 0 { count } else { format!("{count}, {incomplete} of them incomplete") }
}

/// What the numbers of the columns are.
fn legend(places: &[&Place], rows: &[Row<'_>]) -> Markup {
    let has_floor = rows.iter().any(|row| matches!(row, Row::Floor));
    html! {
        p.legend {
            @for (column, place) in places.iter().enumerate() {
                span { b { (column + 1) } " " (shown(&place.to_string())) }
            }
        }
        @if has_floor {
            p.legend { "The releases that a rollback would need, down to the dashed line, are never deleted." }
        }
    }
}
