//! The result of applying a plan: what was done, what was not and why, and whether the most important
//! tags are still complete.

use std::collections::HashMap;

use super::super::super::block::{Block, Head, Note, Rows, Text, Tone};
use super::super::super::grouping::{self, AppliedGroup};
use super::super::super::{Cleanup, View, counted};
use super::listed;
use crate::change::{Application, ApplyResult, Survivor};
use crate::model::{Digest, Repository, TagName};

/// How many manifests with the same result are shown, unless all are wanted.
const SHOWN: usize = 10;

/// The tags of each manifest of the plan.
type Tags<'a> = HashMap<(&'a Repository, &'a Digest), &'a [TagName]>;

/// The result for a terminal: counts, and the names of what was not done.
pub(super) fn at_terminal(cleanup: &Cleanup, application: &Application, view: View) -> Block {
    let mut blocks = vec![counts(cleanup)];
    let tags = tags(cleanup);
    for group in grouping::left(application) {
        blocks.push(left(&group));
        blocks.push(Block::List(names(&group, &tags, view)));
    }
    let survivors = application.survivors.iter();
    blocks.extend(survivors.filter_map(|survivor| {
        let name = format!("{}:{}", survivor.repository, survivor.tag);
        problem(survivor, format!("{name} ({})", survivor.environment))
    }));
    blocks.extend(complete(application).map(|line| Block::Paragraph(Text::new(Tone::Good, line))));
    blocks.extend(interrupted(cleanup, application));
    let changed = |result| matches!(result, ApplyResult::Deleted | ApplyResult::Untagged);
    if let Some(journal) = cleanup.journal.as_deref().filter(|_| cleanup.count(changed) > 0) {
        // The path itself was reported before the first deletion.
        let undo = format!("`tags undo {journal}` restores what was deleted");
        blocks.push(Block::Paragraph(
            format!("{undo}, as long as the registry still has the layers").into(),
        ));
    }
    Block::Tight(blocks)
}

/// The result for Markdown: what was not done, and the tags that were checked afterwards.
pub(super) fn on_page(cleanup: &Cleanup, application: &Application) -> Block {
    let mut blocks: Vec<Block> = grouping::left(application).iter().map(left).collect();
    let survivors = application.survivors.iter();
    blocks.extend(survivors.filter_map(|survivor| {
        let name = format!("{}:{}", survivor.repository, survivor.tag);
        problem(survivor, name)
    }));
    blocks.extend(complete(application).map(|line| Block::List(vec![line.into()])));
    blocks.extend(interrupted(cleanup, application));
    let journal = cleanup.journal.as_ref();
    blocks.extend(journal.map(|path| Block::List(vec![format!("journal: {path}").into()])));
    Block::Tight(blocks)
}

/// One row for each result that occurred.
fn counts(cleanup: &Cleanup) -> Block {
    type Is = fn(ApplyResult) -> bool;
    let results: [(&str, Is); 6] = [
        ("deleted", |result| result == ApplyResult::Deleted),
        ("untagged", |result| result == ApplyResult::Untagged),
        ("already gone", |result| result == ApplyResult::AlreadyGone),
        ("skipped", |result| result == ApplyResult::Skipped),
        ("retained", |result| result == ApplyResult::Retained),
        ("failed", |result| matches!(result, ApplyResult::Failed(_))),
    ];
    let all = results.map(|(name, is)| (name, cleanup.count(is)));
    let rows: Vec<_> = all.into_iter().filter(|(_, count)| *count > 0).collect();
    if rows.is_empty() {
        return Block::Paragraph("  nothing".into());
    }
    let table = Rows::of(&rows).column(Head::None, |(name, _)| name);
    table.column(Head::None, |(_, count)| count).indented()
}

fn tags(cleanup: &Cleanup) -> Tags<'_> {
    let entries = cleanup.plan.entries.iter().filter(|entry| !entry.tags.is_empty());
    entries.map(|entry| ((&entry.repository, &entry.digest), entry.tags.as_slice())).collect()
}

fn left(group: &AppliedGroup<'_>) -> Block {
    let is_failed = matches!(group.result, ApplyResult::Failed(_));
    let tone = if is_failed { Tone::Bad } else { Tone::Caution };
    let note = Note::new(tone, group.result.as_str(), group.message);
    Block::Note(Note { count: Some(group.entries.len()), ..note })
}

fn names(group: &AppliedGroup<'_>, tags: &Tags<'_>, view: View) -> Vec<Text> {
    let most = view.lines(SHOWN);
    let named = group.entries.iter().take(most).map(|(repository, digest)| {
        let names = tags.get(&(*repository, *digest)).copied().unwrap_or_default();
        let line = format!("  {repository}@{}  {}", digest.short(), listed(names, Some(60)));
        line.trim_end().into()
    });
    let more = group.entries.len().saturating_sub(most);
    let more = (more > 0).then(|| format!("  and {more} more; -v lists them all").into());
    named.chain(more).collect()
}

fn is_complete(survivor: &Survivor) -> bool {
    survivor.damage.is_none() && survivor.unread.is_none()
}

/// What is wrong with a tag that was checked afterwards, if anything is.
fn problem(survivor: &Survivor, name: String) -> Option<Block> {
    let note = match (&survivor.damage, &survivor.unread) {
        (Some(damage), _) => Note::new(Tone::Bad, "damaged", damage),
        (None, Some(why)) => Note::new(Tone::Caution, "not checked", why),
        (None, None) => return None,
    };
    Some(Block::Note(Note { about: Some(name), ..note }))
}

/// How many of the tags that were checked afterwards are complete.
fn complete(application: &Application) -> Option<String> {
    let survivors = &application.survivors;
    let complete = survivors.iter().filter(|survivor| is_complete(survivor)).count();
    let all = counted(survivors.len(), "latest, current and rollback tag");
    (complete > 0).then(|| format!("checked afterwards: {complete} of {all} complete"))
}

fn interrupted(cleanup: &Cleanup, application: &Application) -> Option<Block> {
    let rest = counted(cleanup.not_reached(), "manifest");
    let note = Note::new(Tone::Caution, "interrupted", format!("{rest} not reached"));
    let hint = "`tags cleanup --apply` continues this run";
    application.interrupted.then(|| note.hint(hint).block())
}
