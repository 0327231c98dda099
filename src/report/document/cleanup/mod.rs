//! `tags cleanup` and `tags apply`: what is kept, what is deleted and why, and the result. On a terminal
//! the summary comes last, in Markdown first.

mod applied;
mod changes;
mod overview;
mod question;

use super::super::block::{Block, Note, Page, Reader, Text, Tone, Written};
use super::super::grouping;
use super::super::words::bytes;
use super::super::{Cleanup, counted, shell_word};
use super::{hints_once, warning};
use crate::retention::{EntryTotals, Plan};
use std::fmt::Display;

pub use question::question;

/// The whole report.
pub(super) fn cleanup(cleanup: &Cleanup, page: &mut Page<'_>) -> Written {
    let plan = &cleanup.plan;
    if !page.is_terminal() {
        head(cleanup, page)?;
    }
    overview::environments(plan, page)?;
    overview::repositories(plan, page)?;
    let groups = grouping::changes(cleanup);
    if !groups.is_empty() {
        page.for_terminal(|_| Block::Heading("To delete".into()))?;
    }
    for group in &groups {
        page.put(changes::changes(group, &cleanup.rules, page.reader))?;
    }
    overview::kept(cleanup, page)?;
    page.for_terminal(|view| {
        let doubts = doubts(plan, Reader::Terminal(view));
        Block::Tight(doubts.into_iter().chain(refusals(cleanup)).collect())
    })?;
    if let (Some(application), Reader::Terminal(view)) = (&cleanup.application, page.reader) {
        page.put(Block::Heading("Result".into()))?;
        page.put(applied::at_terminal(cleanup, application, view))?;
    }
    page.for_terminal(|_| Block::List(last_lines(cleanup)))
}

/// The summary, and what needs attention.
fn head(cleanup: &Cleanup, page: &mut Page<'_>) -> Written {
    let (command, outcome) = (cleanup.command.as_str(), cleanup.outcome().as_str());
    page.put(Block::Heading(format!("tags {command}: {outcome}").into()))?;
    let rest = if cleanup.application.is_some() { "" } else { "; nothing was changed" };
    page.put(Block::Paragraph(format!("{}{rest}", figures(cleanup)).into()))?;
    let doubts = doubts(&cleanup.plan, page.reader);
    let Some(application) = &cleanup.application else {
        return page.put(Block::Tight(refusals(cleanup).into_iter().chain(doubts).collect()));
    };
    page.put(applied::on_page(cleanup, application))?;
    page.put(Block::Tight(doubts))
}

/// Why the plan may not be applied.
pub(super) fn refusals(cleanup: &Cleanup) -> Vec<Block> {
    let note = |refusal| Note::new(Tone::Bad, "refused", refusal);
    hints_once(cleanup.refusals.iter().map(|refusal| note(refusal).hint(refusal.hint())))
}

/// Warnings, and what could not be read completely.
fn doubts(plan: &Plan, reader: Reader) -> Vec<Block> {
    let warnings = plan.warnings.iter();
    let warnings = warnings.map(|text| Note::new(Tone::Caution, "warning", text).block());
    warnings.chain(partly_read(plan, reader)).collect()
}

/// What could not be read completely, and once what follows from it.
fn partly_read(plan: &Plan, reader: Reader) -> Vec<Block> {
    let unread = plan.coverage.iter().filter_map(|coverage| {
        coverage.unread.as_ref().map(|why| (coverage.repository.to_string(), why))
    });
    let unread: Vec<_> = unread.collect();
    let rest = match unread.len() {
        0 => return Vec::new(),
        1 => "everything in it is kept, and so is every release that has a copy in it",
        _ => "everything in them is kept, and so is every release that has a copy in one of them",
    };
    match reader {
        Reader::Terminal(_) => {
            let warnings = unread.iter().map(|(repository, why)| warning(repository, why));
            let rest = Block::Paragraph(format!("  {rest}").into());
            hints_once(warnings).into_iter().chain([rest]).collect()
        }
        Reader::Markdown => {
            let what = unread.iter().map(|(repository, why)| {
                let what = Text::strong(format!("{repository} could not be read completely"));
                what.plain(format!(": {}", why.message))
            });
            vec![Block::List(what.chain([Text::from(rest)]).collect())]
        }
    }
}

/// The summary, and the next command.
fn last_lines(cleanup: &Cleanup) -> Vec<Text> {
    let totals = cleanup.figures();
    if cleanup.application.is_some() {
        let gone = match cleanup.gone_already() {
            0 => String::new(),
            gone => format!(", {gone} already gone"),
        };
        return vec![Text::strong(figures(cleanup)).plain(gone).plain(later(cleanup))];
    }
    if totals.delete + totals.untag == 0 {
        let all = counted(totals.keep, "manifest");
        let text = format!(": {all} checked, none may be deleted");
        return vec![Text::new(Tone::Good, "nothing to delete").plain(text)];
    }
    let sum = Text::strong(figures(cleanup));
    if !cleanup.refusals.is_empty() {
        return vec![sum.plain("; ").and(Tone::Bad, "refused").plain(", nothing was changed")];
    }
    let sum = sum.plain(format!("{}; nothing was changed", later(cleanup)));
    [sum].into_iter().chain(next(cleanup).into_iter().map(Text::from)).collect()
}

/// How much was deleted and kept, or would be in a dry run.
fn figures(cleanup: &Cleanup) -> String {
    let words = match cleanup.application {
        Some(_) => ["deleted", "untagged", "kept"],
        None => ["would delete", "untag", "keep"],
    };
    sum(words, cleanup.figures())
}

fn sum([delete, untag, keep]: [&str; 3], totals: EntryTotals) -> String {
    let manifests = counted(totals.delete, "manifest");
    let frees = bytes(totals.bytes);
    format!(
        "{delete} {manifests} (frees {frees}), {untag} {}, {keep} {}",
        totals.untag, totals.keep
    )
}

/// What may be deleted as well, but not in this run.
fn later(cleanup: &Cleanup) -> String {
    match cleanup.remaining() {
        0 => String::new(),
        count => format!("; {} left for a later run", counted(count, "more manifest")),
    }
}

/// How to apply the plan of a dry run.
fn next(cleanup: &Cleanup) -> Vec<String> {
    match &cleanup.plan_file {
        _ if cleanup.at_another_time => {
            vec!["a plan for another time cannot be applied".to_owned()]
        }
        Some(path) => {
            vec![format!("to apply it: `tags apply {}{}`", shell_word(path), cleanup.repeat.apply)]
        }
        None => {
            let options = &cleanup.repeat.cleanup;
            vec![
                format!("to apply it: `tags cleanup{options} --apply`"),
                format!("to review it as a file first: `tags cleanup{options} --out plan.json`"),
            ]
        }
    }
}

/// As many names as fit, then how many more there are.
fn listed(names: &[impl Display], room: Option<usize>) -> String {
    let mut line = String::new();
    for (index, name) in names.iter().enumerate() {
        let name = name.to_string();
        let comma = if index == 0 { "" } else { ", " };
        let rest = names.len() - index;
        if index > 0 && room.is_some_and(|room| line.len() + comma.len() + name.len() > room) {
            return format!("{line} and {rest} more");
        }
        line.push_str(comma);
        line.push_str(&name);
    }
    line
}
