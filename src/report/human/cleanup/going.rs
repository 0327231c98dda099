//! What goes, grouped by reason, releases as one line over all their repositories.

use super::super::table::rows;
use super::{STRONG, View, listed, shown, styled};
use crate::report::escape::terminal;
use crate::report::grouping::{self, GoingGroup, GoingRelease};
use crate::report::{Cleanup, counted};

/// As many releases of a group are shown unless all are wanted.
const RELEASES: usize = 15;

/// Everything that goes.
pub(super) fn going(cleanup: &Cleanup, view: View) -> String {
    let groups = grouping::going(&cleanup.plan, &cleanup.releases);
    if groups.is_empty() {
        return String::new();
    }
    let mut text = format!("{}\n\n", styled(STRONG, "What goes"));
    for group in &groups {
        text.push_str(&head(group));
        text.push_str(&releases(&group.releases, view));
        text.push_str(&tags(group, view));
        text.push('\n');
    }
    text
}

fn head(group: &GoingGroup<'_>) -> String {
    let rule = group.rule.map(|rule| format!(" ({})", shown(rule))).unwrap_or_default();
    let what = group.sum();
    let why = group.message.map(|why| format!("  {}\n", terminal(why))).unwrap_or_default();
    format!("{}{rule}: {what}\n{why}", styled(STRONG, group.code.as_str()))
}

fn releases(releases: &[GoingRelease<'_>], view: View) -> String {
    let row = |release: &GoingRelease<'_>| {
        let sha = if view.is_wide() { release.sha.as_str() } else { release.sha.short() };
        let day = release.time.map(|time| time.format("%Y-%m-%d").to_string());
        vec![
            format!("  {}", release.environment),
            sha.to_owned(),
            day.unwrap_or_else(|| "at no known time".to_owned()),
            release.places(),
        ]
    };
    let most = view.lines(RELEASES);
    let mut text = rows(releases.iter().take(most).map(row).collect());
    if releases.len() > most {
        let more = counted(releases.len() - most, "more release");
        text.push_str(&format!("  and {more}; -v names them all\n"));
    }
    text
}

/// Tags of no release, and what has no tag, a line a repository.
fn tags(group: &GoingGroup<'_>, view: View) -> String {
    let mut text = String::new();
    for (repository, tags) in &group.tags {
        let names: Vec<String> = tags.iter().map(shown).collect();
        let head = format!("  {}: ", shown(repository));
        let room = view.width.unwrap_or(120).saturating_sub(head.len() + 14);
        let room = (view.lines(1) == 1).then_some(room);
        text.push_str(&format!("{head}{}\n", listed(&names, room)));
    }
    for (repository, count) in &group.untagged {
        text.push_str(&format!("  {}: {count} without a tag\n", shown(repository)));
    }
    text
}
