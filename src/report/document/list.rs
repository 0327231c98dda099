//! `tags list`: one row per release, with what it lacks by name.

use super::super::block::{Block, Head, Page, Reader, Rows, Text, Tone, Written};
use super::super::words::places;
use super::super::{ListedDeployments, Listing, counted};
use super::unread;
use crate::model::{Place, RegistryName, Release, ReleaseCopy, TimeSource};
use crate::releases::Deployed;

/// The releases as a table.
pub(super) fn list(listing: &Listing, page: &mut Page<'_>) -> Written {
    let releases = listing.timeline.releases();
    page.for_markdown(|| Block::Heading((&listing.environment).into()))?;
    page.put(table(listing, page.reader))?;
    page.for_terminal(|_| {
        let name = Text::strong(&listing.environment);
        Block::Paragraph(if releases.is_empty() && !listing.unread.is_empty() {
            name.plain(": nothing could be read")
        } else {
            name.plain(format!(" has {}", summary(listing)))
        })
    })?;
    // For a terminal this is on stderr.
    for (name, why) in &listing.unread {
        page.for_markdown(|| unread(Reader::Markdown, name.as_str(), why))?;
    }
    if let ListedDeployments::Unread(why) = &listing.deployments {
        page.for_markdown(|| unread(Reader::Markdown, "what was deployed", why))?;
    }
    Ok(())
}

/// A release with its index in the listing.
type Row<'a> = (usize, &'a Release);

fn table(listing: &Listing, reader: Reader) -> Block {
    let releases: Vec<Row<'_>> = listing.timeline.releases().iter().enumerate().collect();
    let utc = match reader {
        Reader::Terminal(_) => "",
        Reader::Markdown => " UTC",
    };
    let time = |(_, release): &Row<'_>| match release.time() {
        Some(moment) => format!("{}{utc}", moment.time.format("%Y-%m-%d %H:%M")),
        None => "unknown".to_owned(),
    };
    let source = one_source(listing.timeline.releases());
    let shows_deployments = listing.deployments != ListedDeployments::NotShown;
    Rows::of(&releases)
        .word("SHA", |(_, release)| Text::sha(&release.sha))
        .word(source.map_or("time", head_of), time)
        .column_if(source.is_none(), Head::Word("from"), |(_, release)| {
            release.time().map_or("-", |moment| moment.source.as_str())
        })
        .column_if(shows_deployments, Head::Word("deployed"), |(index, _)| {
            deployed(listing.deployed(*index), utc)
        })
        .word("places", |(_, release)| present(release))
        .column(Head::None, |(index, release)| {
            let is_current = listing.current == Some(*index);
            let is_target = listing.rollback_target.as_ref() == Some(&release.sha);
            what(release, is_current, is_target)
        })
        .block()
}

/// The source of all times, if it is one.
fn one_source(releases: &[Release]) -> Option<TimeSource> {
    let first = releases.first()?.time()?.source;
    let is_same = |release: &Release| release.time().is_some_and(|moment| moment.source == first);
    releases.iter().all(is_same).then_some(first)
}

/// The head of a column of times that have one source.
fn head_of(source: TimeSource) -> &'static str {
    match source {
        TimeSource::Git => "committed",
        TimeSource::Pushed | TimeSource::Built => source.as_str(),
    }
}

/// In how many places it is: `3/4`, or `3/4?` where it may be in more.
fn present(release: &Release) -> Text {
    let is_present = |copy: &&ReleaseCopy| matches!(copy, ReleaseCopy::Present { .. });
    let present = release.copies.values().filter(is_present).count();
    let tone = if present == release.copies.len() { Tone::Plain } else { Tone::Caution };
    let doubt = if release.completeness().is_none() { "?" } else { "" };
    Text::new(tone, format!("{present}/{}{doubt}", release.copies.len()))
}

/// Whether it is current or the rollback target, and the places that lack it or could not be read.
fn what(release: &Release, is_current: bool, is_target: bool) -> Text {
    let named = |is: fn(&ReleaseCopy) -> bool| {
        let copies = release.copies.iter().filter(|(_, copy)| is(copy));
        places(copies.map(|(Place { image, registry }, _)| (image.as_str(), registry)))
    };
    let missing = named(|copy| matches!(copy, ReleaseCopy::Absent { .. }));
    let unread = named(|copy| matches!(copy, ReleaseCopy::Unread { .. }));
    let role = match (is_current, is_target) {
        (true, _) => Some(Text::new(Tone::Current, "current")),
        (_, true) => Some(Text::new(Tone::Good, "rollback target")),
        _ => None,
    };
    let lacks = |label: &str, names: String| {
        (!names.is_empty()).then(|| Text::new(Tone::Caution, label).plain(": ").plain(names))
    };
    let all = [role, lacks("missing", missing), lacks("unread", unread)];
    Text::joined(all.into_iter().flatten(), "; ")
}

/// When a release was deployed, or how that ended.
fn deployed(deployed: Option<Deployed<'_>>, utc: &str) -> String {
    match deployed {
        Some(Deployed::Good(last)) => format!("{}{utc}", last.time.format("%Y-%m-%d %H:%M")),
        Some(Deployed::Failed(_)) => "failed".to_owned(),
        Some(Deployed::Never) => "no".to_owned(),
        Some(Deployed::Unknown(_) | Deployed::Unread) | None => "?".to_owned(),
    }
}

/// How many releases there are, and how many are incomplete. A release with a copy that could not be
/// read is unknown, not incomplete.
fn summary(listing: &Listing) -> String {
    let releases = listing.timeline.releases();
    let count = counted(releases.len(), "release");
    let are = |state| releases.iter().filter(|release| release.completeness() == state).count();
    let (incomplete, unknown) = (are(Some(false)), are(None));
    let lacking = format!("{incomplete} of them incomplete");
    if unknown == 0 {
        return format!("{count}, {lacking}");
    }
    let names: Vec<&str> = listing.unread.keys().map(RegistryName::as_str).collect();
    let (some, which) = if incomplete == 0 {
        (count, "they")
    } else {
        (format!("{count}, {lacking}"), "the others")
    };
    format!(
        "{some}; {} could not be read, so it is unknown whether {which} are complete",
        names.join(", ")
    )
}
