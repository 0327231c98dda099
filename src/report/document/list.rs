//! `tags list`: one row per release, one column per image and registry.

use super::super::block::{Block, Head, Page, Reader, Rows, Text, Written};
use super::super::{ListedDeployments, Listing, counted};
use super::unread;
use crate::model::{Place, RegistryName, Release, ReleaseCopy};
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

fn table(listing: &Listing, reader: Reader) -> Block {
    let releases = listing.timeline.releases();
    let (is_wide, at, utc) = match reader {
        Reader::Terminal(view) => (view.is_wide(), "@", ""),
        Reader::Markdown => (true, " in ", " UTC"),
    };
    let sha = |release: &Release| {
        if is_wide { release.sha.as_str() } else { release.sha.short() }.to_owned()
    };
    let time = |release: &Release| match release.time() {
        Some(moment) => format!("{}{utc}", moment.time.format("%Y-%m-%d %H:%M")),
        None => "unknown".to_owned(),
    };
    let mut rows = Rows::of(releases)
        .word("SHA", sha)
        .word("time", time)
        .word("from", |release| release.time().map_or("-", |moment| moment.source.as_str()));
    let index = |release: &Release| releases.iter().position(|one| std::ptr::eq(one, release));
    if listing.deployments != ListedDeployments::NotShown {
        let known = |release| listing.deployed(index(release)?);
        rows = rows.word("deployed", move |release| deployed(known(release), utc));
    }
    let places: Vec<&Place> =
        releases.first().map(|release| release.copies.keys().collect()).unwrap_or_default();
    for place in places {
        let title = format!("{}{at}{}", place.image, place.registry);
        rows = rows.column(Head::Name(title), |release| match release.copies.get(place) {
            Some(ReleaseCopy::Present { .. }) => "yes",
            Some(ReleaseCopy::Absent { .. }) | None => "no",
            Some(ReleaseCopy::Unread { .. }) => "?",
        });
    }
    let current = listing.current.and_then(|index| releases.get(index));
    let what = |release: &Release| {
        let is_target = listing.rollback_target.as_ref() == Some(&release.sha);
        match (current.is_some_and(|current| std::ptr::eq(current, release)), is_target) {
            (true, _) => "current",
            (_, true) => "rollback target",
            _ => "",
        }
    };
    rows.column(Head::None, what).block()
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
