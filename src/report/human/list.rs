//! `tags list` for people: a row a release, a column a place.

use super::table::columns;
use super::{STRONG, styled, unread};
use crate::model::{Place, RegistryName, Release, ReleaseCopy};
use crate::report::{Listing, counted};

/// A terminal this wide or wider gets whole SHAs; a pipe always does.
const WIDE: usize = 110;

/// The releases as a table; `width` is the terminal's, none when there is no terminal.
#[must_use]
pub fn list(listing: &Listing, width: Option<usize>) -> String {
    let releases = listing.timeline.releases();
    let places: Vec<&Place> =
        releases.first().map(|release| release.copies.keys().collect()).unwrap_or_default();
    let titles: Vec<String> =
        places.iter().map(|place| format!("{}@{}", place.image, place.registry)).collect();
    let mut head = vec!["SHA", "TIME", "FROM"];
    head.extend(titles.iter().map(String::as_str));
    head.push("");
    let whole = width.is_none_or(|width| width >= WIDE);
    let rows =
        releases.iter().enumerate().map(|(index, release)| row(listing, index, release, whole));
    let mut text = String::new();
    if !releases.is_empty() {
        text.push_str(&columns(&head, rows.collect()));
        text.push('\n');
    }
    let name = styled(STRONG, listing.environment.as_str());
    if releases.is_empty() && !listing.unread.is_empty() {
        return format!("{name}: nothing could be read\n");
    }
    text.push_str(&format!("{name} has {}\n", summary(listing)));
    text
}

/// How many releases there are, and how many of them lack something. What could not be asked is no
/// lack.
fn summary(listing: &Listing) -> String {
    let releases = listing.timeline.releases();
    let count = counted(releases.len(), "release");
    let are = |state| releases.iter().filter(|release| release.completeness() == state).count();
    let (incomplete, unknown) = (are(Some(false)), are(None));
    let lacking = format!("{incomplete} of them not complete");
    if unknown == 0 {
        return format!("{count}, {lacking}");
    }
    let names: Vec<&str> = listing.unread.keys().map(RegistryName::as_str).collect();
    let (some, which) = if incomplete == 0 {
        (count, "they are")
    } else {
        (format!("{count}, {lacking}"), "the others are")
    };
    format!(
        "{some}; {} could not be read, so whether {which} complete is unknown",
        names.join(", ")
    )
}

/// What could not be read, for stderr.
#[must_use]
pub fn list_unread(listing: &Listing) -> String {
    listing.unread.iter().map(|(name, why)| unread(name.as_str(), why)).collect()
}

fn row(listing: &Listing, index: usize, release: &Release, whole: bool) -> Vec<String> {
    let sha = if whole { release.sha.as_str() } else { release.sha.short() };
    let (time, source) = match release.time() {
        Some(moment) => {
            (moment.time.format("%Y-%m-%d %H:%M").to_string(), moment.source.to_string())
        }
        None => ("unknown".to_owned(), "-".to_owned()),
    };
    let mut row = vec![sha.to_owned(), time, source];
    row.extend(release.copies.values().map(|copy| match copy {
        ReleaseCopy::Present { .. } => "yes".to_owned(),
        ReleaseCopy::Absent { .. } => "no".to_owned(),
        ReleaseCopy::Unread { .. } => "?".to_owned(),
    }));
    let is_target = listing.rollback_target.as_ref() == Some(&release.sha);
    row.push(match (listing.current == Some(index), is_target) {
        (true, _) => "current".to_owned(),
        (_, true) => "rollback target".to_owned(),
        _ => String::new(),
    });
    row
}
