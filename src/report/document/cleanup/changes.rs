//! What is deleted or untagged, by environment; a release is one line, with all its places.

use super::super::super::block::{Block, Head, Reader, Rows, Text, Tone};
use super::super::super::grouping::{ChangeGroup, ChangedRelease};
use super::super::super::{View, counted};
use super::listed;
use crate::retention::{ReasonCode, RuleLabels};

/// How many releases of a group a terminal shows, unless all are wanted.
const RELEASES: usize = 5;

/// How many releases, and tags of a repository, Markdown shows; the plan file has the rest.
const ON_PAGE: usize = 200;

/// The manifests of an environment that change for one reason.
pub(super) fn changes(group: &ChangeGroup<'_>, rules: &RuleLabels, reader: Reader) -> Block {
    let name = match group.environment {
        Some(environment) => environment.as_str(),
        None if group.tags.is_empty() => "untagged",
        None => "other tags",
    };
    let tone = if group.is_untag { Tone::Caution } else { Tone::Bad };
    let title = Text::new(tone, name).plain(format!(": {}", group.sum()));
    let mut below = vec![Block::Paragraph(reason(group, rules))];
    below.extend(match reader {
        Reader::Terminal(view) => at_terminal(group, view),
        Reader::Markdown => on_page(group),
    });
    Block::Fold(title, below)
}

/// The code, with the rule that no longer keeps them, or else the message if all have the same.
fn reason(group: &ChangeGroup<'_>, rules: &RuleLabels) -> Text {
    let code = Text::new(Tone::Code, group.code);
    match (group.rule, group.message) {
        (Some(rule), _) => code.plain(format!(": no longer kept by {}", rules.label(rule))),
        (None, Some(why)) => code.plain(format!(": {why}")),
        (None, None) => match group.code {
            ReasonCode::Delete(delete) => code.plain(format!(": {}", delete.meaning())),
            ReasonCode::Keep(keep) => code.plain(format!(": {}", keep.meaning())),
        },
    }
}

fn at_terminal(group: &ChangeGroup<'_>, view: View) -> Vec<Block> {
    let day = |release: &ChangedRelease<'_>| match release.time {
        Some(time) => time.format("%Y-%m-%d").to_string(),
        None => "unknown time".to_owned(),
    };
    let most = view.lines(RELEASES).min(group.releases.len());
    let table = Rows::of(&group.releases[..most])
        .column(Head::None, |release| Text::sha(&release.sha))
        .column(Head::None, day)
        .column(Head::None, ChangedRelease::places);
    let more = group.releases.len() - most;
    let more = (more > 0)
        .then(|| format!("and {}; -v lists them all", counted(more, "older release")).into());
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
        Text::sha(&release.sha).plain(format!("{day}: {places}"))
    });
    let more = group.releases.len().saturating_sub(ON_PAGE);
    let more = (more > 0).then(|| format!("and {}", counted(more, "older release")).into());
    let tags = group.tags.iter().map(|(repository, tags)| {
        let names = tags.iter().take(ON_PAGE).map(|tag| Text::new(Tone::Code, tag));
        let more = tags.len().saturating_sub(ON_PAGE);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        Text::joined([Text::from(format!("{repository}: ")), Text::joined(names, ", ")], "")
            .plain(more)
    });
    vec![Block::List(releases.chain(more).chain(tags).chain(untagged(group)).collect())]
}

fn untagged(group: &ChangeGroup<'_>) -> impl Iterator<Item = Text> {
    let counts = group.untagged.iter();
    counts.map(|(repository, count)| format!("{repository}: {count} untagged").into())
}
