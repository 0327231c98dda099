//! What is deleted for one reason; a release is one line, with all its repositories.

use super::super::super::block::{Block, Head, Reader, Rows, Text};
use super::super::super::grouping::{ChangeGroup, ChangedRelease};
use super::super::super::{View, counted};
use super::listed;

/// How many releases of a group a terminal shows, unless all are wanted.
const RELEASES: usize = 15;

/// How many releases, and tags of a repository, Markdown shows; the plan file has the rest.
const ON_PAGE: usize = 200;

/// The manifests that change for one reason.
pub(super) fn changes(group: &ChangeGroup<'_>, reader: Reader) -> Block {
    let rule = group.rule.map(|rule| format!(" ({rule})")).unwrap_or_default();
    let title = Text::strong(group.code).plain(format!("{rule}: {}", group.sum()));
    let why = group.message.map(|why| Block::Paragraph(why.into()));
    let releases = match reader {
        Reader::Terminal(view) => at_terminal(group, view),
        Reader::Markdown => on_page(group),
    };
    Block::Fold(title, why.into_iter().chain(releases).collect())
}

fn at_terminal(group: &ChangeGroup<'_>, view: View) -> Vec<Block> {
    let sha = |release: &ChangedRelease<'_>| {
        if view.is_wide() { release.sha.as_str() } else { release.sha.short() }.to_owned()
    };
    let day = |release: &ChangedRelease<'_>| match release.time {
        Some(time) => time.format("%Y-%m-%d").to_string(),
        None => "unknown time".to_owned(),
    };
    let most = view.lines(RELEASES).min(group.releases.len());
    let table = Rows::of(&group.releases[..most])
        .column(Head::None, |release| release.environment)
        .column(Head::None, sha)
        .column(Head::None, day)
        .column(Head::None, ChangedRelease::places);
    let more = group.releases.len() - most;
    let more = (more > 0)
        .then(|| format!("and {}; -v lists them all", counted(more, "more release")).into());
    let tags = group.tags.iter().map(|(repository, tags)| {
        let head = format!("{repository}: ");
        let room = view.width.unwrap_or(120).saturating_sub(head.len() + 16);
        let room = (view.lines(1) == 1).then_some(room);
        format!("{head}{}", listed(tags, room)).into()
    });
    let lines = more.into_iter().chain(tags).chain(untagged(group));
    vec![table.block(), Block::List(lines.collect())]
}

fn on_page(group: &ChangeGroup<'_>) -> Vec<Block> {
    let releases = group.releases.iter().take(ON_PAGE).map(|release| {
        let day = release.time.map(|time| time.format(", %Y-%m-%d").to_string());
        let (day, places) = (day.unwrap_or_default(), release.places());
        format!("{} {}{day}: {places}", release.environment, release.sha).into()
    });
    let more = group.releases.len().saturating_sub(ON_PAGE);
    let more = (more > 0).then(|| format!("and {}", counted(more, "more release")).into());
    let tags = group.tags.iter().map(|(repository, tags)| {
        let names: Vec<&str> = tags.iter().take(ON_PAGE).map(|tag| tag.as_str()).collect();
        let more = tags.len() - names.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{repository}: {}{more}", names.join(", ")).into()
    });
    vec![Block::List(releases.chain(more).chain(tags).chain(untagged(group)).collect())]
}

fn untagged(group: &ChangeGroup<'_>) -> impl Iterator<Item = Text> {
    let counts = group.untagged.iter();
    counts.map(|(repository, count)| format!("{repository}: {count} untagged").into())
}
