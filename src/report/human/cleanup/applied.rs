//! What became of a plan, for people: what was done, what was left and why, what survived.

use std::collections::HashMap;

use super::super::table::rows;
use super::{BAD, CAUTION, GOOD, STRONG, View, hint_line, listed, shown, styled};
use crate::change::{Application, ApplyResult, Survivor};
use crate::model::{Digest, Repository, TagName};
use crate::report::escape::terminal;
use crate::report::grouping::{self, AppliedGroup};
use crate::report::{Cleanup, counted};

/// As many manifests that ended alike are shown unless all are wanted.
const SHOWN: usize = 10;

/// What was done.
pub(super) fn applied(cleanup: &Cleanup<'_>, application: &Application, view: View) -> String {
    let mut text = format!("{}\n\n", styled(STRONG, "What was done"));
    text.push_str(&rows(counts(cleanup)));
    let tags = tags(cleanup);
    for group in grouping::left(application) {
        text.push_str(&left(&group, &tags, view));
    }
    text.push_str(&survivors(&application.survivors));
    if application.interrupted {
        let rest = counted(cleanup.not_reached(), "manifest");
        let what = format!("{}: {rest} not reached\n", styled(CAUTION, "interrupted"));
        text.push_str(&(what + &hint_line("`tags cleanup --apply` finishes what was begun")));
    }
    let changed = |result| matches!(result, ApplyResult::Deleted | ApplyResult::Untagged);
    if let Some(journal) = cleanup.journal.filter(|_| cleanup.count(changed) > 0) {
        // The path itself was said before the first deletion.
        let undo = format!("`tags undo {}` puts back what was deleted", terminal(journal));
        text.push_str(&format!("{undo}, while its layers are there\n"));
    }
    text + "\n"
}

/// A row a result that occurred.
fn counts(cleanup: &Cleanup<'_>) -> Vec<Vec<String>> {
    type Is = fn(ApplyResult) -> bool;
    let results: [(&str, Is); 6] = [
        ("deleted", |result| result == ApplyResult::Deleted),
        ("untagged", |result| result == ApplyResult::Untagged),
        ("already gone", |result| result == ApplyResult::AlreadyGone),
        ("skipped", |result| result == ApplyResult::Skipped),
        ("retained", |result| result == ApplyResult::Retained),
        ("failed", |result| matches!(result, ApplyResult::Failed(_))),
    ];
    let counted = results.into_iter().map(|(name, is)| (name, cleanup.count(is)));
    let row = |(name, count): (&str, usize)| vec![format!("  {name}"), count.to_string()];
    let some: Vec<_> = counted.filter(|(_, count)| *count > 0).map(row).collect();
    if some.is_empty() { vec![vec!["  nothing".to_owned()]] } else { some }
}

/// The tags of each manifest of the plan that was to change.
fn tags<'a>(cleanup: &Cleanup<'a>) -> HashMap<(&'a Repository, &'a Digest), &'a [TagName]> {
    let entries = cleanup.plan.entries.iter().filter(|entry| !entry.tags.is_empty());
    entries.map(|entry| ((&entry.repository, &entry.digest), entry.tags.as_slice())).collect()
}

fn left(
    group: &AppliedGroup<'_>,
    tags: &HashMap<(&Repository, &Digest), &[TagName]>,
    view: View,
) -> String {
    let style = if matches!(group.result, ApplyResult::Failed(_)) { BAD } else { CAUTION };
    let (count, word) = (group.entries.len(), group.result.as_str());
    let mut text = format!("{} {count}: {}\n", styled(style, word), terminal(group.message));
    let most = view.lines(SHOWN);
    for (repository, digest) in group.entries.iter().take(most) {
        let names = tags.get(&(*repository, *digest)).copied().unwrap_or_default();
        let names: Vec<String> = names.iter().map(shown).collect();
        let line =
            format!("  {}@{}  {}", shown(repository), digest.short(), listed(&names, Some(60)));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    if count > most {
        text.push_str(&format!("  and {} more; -v names them all\n", count - most));
    }
    text
}

/// Whether what had to survive did.
fn survivors(survivors: &[Survivor]) -> String {
    let mut text = String::new();
    let mut whole = 0;
    for survivor in survivors {
        let name = format!("{}:{}", survivor.repository, survivor.tag);
        let (label, what) = match (&survivor.damage, &survivor.unread) {
            (Some(damage), _) => {
                (styled(BAD, "damaged"), format!("{name} ({}): {damage}", survivor.environment))
            }
            (None, Some(why)) => {
                (styled(CAUTION, "not checked"), format!("{name} had to survive: {why}"))
            }
            (None, None) => {
                whole += 1;
                continue;
            }
        };
        text.push_str(&format!("{label}: {}\n", terminal(&what)));
    }
    if whole > 0 {
        let all = if whole == survivors.len() { "the " } else { "" };
        let (tags, are) = (counted(whole, "tag"), if whole == 1 { "is" } else { "are" });
        let line = format!("{all}{tags} that had to survive {are} whole");
        text.push_str(&format!("{}\n", styled(GOOD, &line)));
    }
    text
}
