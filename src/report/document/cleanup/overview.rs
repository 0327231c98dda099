//! The tables of a plan: environments, repositories, and what is kept for which reason.

use super::super::super::block::{Block, Head, Note, Page, Reader, Rows, Text, Tone, Written};
use super::super::super::grouping::{self, RepositoryShare};
use super::super::super::words::bytes;
use super::super::super::{Detail, View};
use crate::model::Sha;
use crate::retention::{EnvironmentSummary, Plan};

/// The releases of each environment.
pub(super) fn environments(plan: &Plan, page: &mut Page<'_>) -> Written {
    if plan.environments.is_empty() {
        return Ok(());
    }
    page.for_markdown(|| Block::Heading("Environments".into()))?;
    let reader = page.reader;
    let current = |summary: &EnvironmentSummary| match summary.current.as_slice() {
        [] => "unknown".to_owned(),
        current => shas(current, reader),
    };
    let table = Rows::of(&plan.environments)
        .word("environment", |summary| &summary.environment)
        .word("keep", |summary| summary.kept)
        .word("delete", |summary| summary.deleted)
        .word("current", current)
        .word("rollback to", |summary| floor(summary, reader));
    let mut blocks = vec![table.block()];
    if page.is_terminal() {
        let without = plan.environments.iter().filter(|summary| summary.floor.is_empty());
        blocks.extend(without.map(|summary| {
            let text = format!("no release of {} is kept for a rollback", summary.environment);
            Note::new(Tone::Caution, "note", text).block()
        }));
    }
    page.put(Block::Tight(blocks))
}

fn floor(summary: &EnvironmentSummary, reader: Reader) -> Text {
    match (summary.floor.as_slice(), reader) {
        ([], _) => Text::strong("none"),
        // Two are enough on a narrow terminal.
        ([a, b, rest @ ..], Reader::Terminal(view)) if !view.is_wide() && !rest.is_empty() => {
            format!("{}, {} and {} more", a.short(), b.short(), rest.len()).into()
        }
        (floor, _) => shas(floor, reader).into(),
    }
}

fn shas(shas: &[Sha], reader: Reader) -> String {
    let whole = matches!(reader, Reader::Terminal(View { detail: Detail::Whole, .. }));
    let text = |sha: &Sha| if whole { sha.as_str() } else { sha.short() }.to_owned();
    shas.iter().map(text).collect::<Vec<_>>().join(", ")
}

/// How much is deleted from each repository, and kept.
pub(super) fn repositories(plan: &Plan, page: &mut Page<'_>) -> Written {
    let shares = grouping::repositories(plan);
    if shares.is_empty() {
        return Ok(());
    }
    page.for_markdown(|| Block::Heading("Repositories".into()))?;
    let (reader, is_terminal) = (page.reader, page.is_terminal());
    let untags = shares.iter().any(|share| share.untagged > 0);
    let untag = || Head::Word("untag");
    let read = |share: &RepositoryShare<'_>| match (is_terminal, share.is_whole) {
        (true, true) => "",
        (true, false) => "partly read",
        (false, true) => "complete",
        (false, false) => "partial",
    };
    let table = Rows::of(&shares)
        .word("repository", |share| name(share, reader))
        .word("delete", |share| share.deleted.manifests)
        .word("size", |share| bytes(share.deleted.bytes))
        .column_if(!is_terminal, untag(), |share| share.untagged)
        .word("keep", |share| share.kept.manifests)
        .word("size", |share| bytes(share.kept.bytes))
        .column_if(is_terminal && untags, untag(), |share| share.untagged)
        .column(if is_terminal { Head::None } else { Head::Word("read") }, read);
    let mut blocks = vec![table.block()];
    if is_terminal {
        let sizes = "shared layers are counted once per image";
        blocks.push(Block::Paragraph(sizes.into()));
    }
    page.put(Block::Tight(blocks))
}

/// The address, or on a narrow terminal the image and the registry's name.
fn name(share: &RepositoryShare<'_>, reader: Reader) -> String {
    match reader {
        Reader::Terminal(view) if !view.is_wide() => {
            let path = share.repository.path.as_str();
            let image = share.image.map_or(path, |image| image.as_str());
            format!("{image}@{}", share.repository.registry)
        }
        _ => share.repository.to_string(),
    }
}

/// What is kept, one line per reason.
pub(super) fn kept(plan: &Plan, page: &mut Page<'_>) -> Written {
    let groups = grouping::kept(plan);
    if groups.is_empty() {
        return Ok(());
    }
    page.put(Block::Heading("To keep".into()))?;
    let rule =
        |group: &grouping::KeptGroup<'_>| group.rule.map(ToString::to_string).unwrap_or_default();
    let meaning = if page.is_terminal() { Head::None } else { Head::Word("meaning") };
    let table = Rows::of(&groups)
        .word("reason", |group| group.code.as_str())
        .word("rule", rule)
        .word("manifests", |group| group.amount.manifests)
        .word("size", |group| bytes(group.amount.bytes))
        .column(meaning, |group| group.code.meaning());
    page.put(table.indented())
}
