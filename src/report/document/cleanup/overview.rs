//! The tables of a plan: environments, repositories, and what is kept for which reason.

use std::collections::BTreeMap;

use super::super::super::block::{
    Block, Head, Note, Page, Reader, Rows, Table, Text, Tone, Written,
};
use super::super::super::grouping::{self, KeptGroup, RepositoryShare};
use super::super::super::words::bytes;
use super::super::super::{Cleanup, Detail, View};
use crate::model::{RegistryName, Sha};
use crate::retention::{EnvironmentSummary, Plan};

/// The releases of each environment.
pub(super) fn environments(plan: &Plan, page: &mut Page<'_>) -> Written {
    if plan.environments.is_empty() {
        return Ok(());
    }
    page.for_markdown(|| Block::Heading("Environments".into()))?;
    let reader = page.reader;
    let current = |summary: &EnvironmentSummary| match summary.current.as_slice() {
        [] => Text::new(Tone::Caution, "unknown"),
        current => shas(current, reader),
    };
    let floor = |summary: &EnvironmentSummary| match summary.floor.as_slice() {
        [] if !plan.is_whole() => Text::new(Tone::Caution, "unknown"),
        [] => Text::new(Tone::Bad, "none"),
        floor => shas(floor, reader),
    };
    let table = Rows::of(&plan.environments)
        .word("environment", |summary| &summary.environment)
        .number("delete", |summary| goes(summary.deleted))
        .number("keep", |summary| summary.kept)
        .word("current", current)
        .word("rollback to", floor);
    let mut blocks = vec![table.block()];
    if page.is_terminal() {
        let without = plan.environments.iter().filter(|summary| summary.floor.is_empty());
        blocks.extend(without.map(|summary| {
            let name = &summary.environment;
            let text = if plan.is_whole() {
                format!("no release of {name} is kept for a rollback")
            } else {
                format!(
                    "which releases of {name} a rollback could go to is not known: not everything could be read"
                )
            };
            Note::new(Tone::Caution, "note", text).block()
        }));
    }
    page.put(Block::Tight(blocks))
}

/// A number of what is deleted.
fn goes(count: usize) -> Text {
    Text::new(if count == 0 { Tone::Plain } else { Tone::Bad }, count)
}

fn shas(shas: &[Sha], reader: Reader) -> Text {
    let is_short = matches!(reader, Reader::Terminal(View { detail: Detail::Short, .. }));
    let text = |sha: &Sha| {
        if is_short { Text::new(Tone::Sha, sha.short()) } else { Text::sha(sha) }
    };
    Text::joined(shas.iter().map(text), ", ")
}

/// How much is deleted from each repository, and kept.
pub(super) fn repositories(plan: &Plan, page: &mut Page<'_>) -> Written {
    let shares = grouping::repositories(plan);
    if shares.is_empty() {
        return Ok(());
    }
    page.for_markdown(|| Block::Heading("Repositories".into()))?;
    let address = |share: &RepositoryShare<'_>| share.repository.to_string();
    let table = shares_table(&shares, page.is_terminal(), address);
    let sizes = Block::List(sizes(&shares));
    if page.is_terminal() {
        let narrow = shares_table(&shares, true, short_name);
        return page.put(Block::Tight(vec![Block::Either(table, narrow), sizes]));
    }
    page.put(Block::Table(table))?;
    page.put(sizes)
}

fn shares_table(
    shares: &[RepositoryShare<'_>],
    is_terminal: bool,
    name: impl Fn(&RepositoryShare<'_>) -> String,
) -> Table {
    let untags = shares.iter().any(|share| share.untagged > 0);
    let is_partial = shares.iter().any(|share| !share.is_whole);
    let read = |share: &RepositoryShare<'_>| match (share.is_whole, is_terminal) {
        (true, true) => Text::default(),
        (true, false) => "complete".into(),
        (false, true) => Text::new(Tone::Bad, "partly read"),
        (false, false) => Text::new(Tone::Bad, "partial"),
    };
    Rows::of(shares)
        .word("repository", name)
        .number("delete", |share| goes(share.deleted.manifests))
        .number("frees", |share| bytes(share.deleted.bytes))
        .column_if(untags, Head::Number("untag"), |share| share.untagged)
        .number("keep", |share| share.kept.manifests)
        .number("stays", |share| bytes(share.kept.bytes))
        .column_if(is_partial && is_terminal, Head::None, read)
        .column_if(!is_terminal, Head::Word("read"), read)
        .table()
}

/// The image and the registry's name.
fn short_name(share: &RepositoryShare<'_>) -> String {
    let path = share.repository.path.as_str();
    let image = share.image.map_or(path, |image| image.as_str());
    format!("{image}@{}", share.repository.registry)
}

/// What a garbage collection would free, by registry, and how that was counted.
fn sizes(shares: &[RepositoryShare<'_>]) -> Vec<Text> {
    let counted = Text::from(
        "each layer counts once per registry; what something kept uses too is not freed",
    );
    let mut by_registry: BTreeMap<&RegistryName, u64> = BTreeMap::new();
    for share in shares.iter().filter(|share| share.deleted.manifests > 0) {
        let freed = by_registry.entry(&share.repository.registry).or_default();
        *freed = freed.saturating_add(share.deleted.bytes);
    }
    let total = by_registry.values().fold(0_u64, |sum, freed| sum.saturating_add(*freed));
    let names = by_registry.iter().map(|(name, freed)| format!("{} in {name}", bytes(*freed)));
    let names = names.collect::<Vec<_>>().join(", ");
    let frees = match by_registry.len() {
        0 => return vec![counted],
        1 => format!("a garbage collection would free {names}"),
        _ => format!("a garbage collection would free {}: {names}", bytes(total)),
    };
    vec![frees.into(), counted]
}

/// What is kept, one line per reason.
pub(super) fn kept(cleanup: &Cleanup, page: &mut Page<'_>) -> Written {
    let groups = grouping::kept(&cleanup.plan);
    if groups.is_empty() {
        return Ok(());
    }
    page.put(Block::Heading("To keep".into()))?;
    let label = |group: &KeptGroup<'_>| group.rule.map(|rule| cleanup.rules.label(rule).to_owned());
    let is_terminal = page.is_terminal();
    let meaning = |group: &KeptGroup<'_>| match label(group).filter(|_| is_terminal) {
        Some(rule) => format!("kept by {rule}"),
        None => group.code.meaning().to_owned(),
    };
    let head = if is_terminal { Head::None } else { Head::Word("meaning") };
    let code = |group: &KeptGroup<'_>| {
        Text::new(if is_terminal { Tone::Good } else { Tone::Code }, group.code.as_str())
    };
    let table = Rows::of(&groups)
        .word("reason", code)
        .column_if(!is_terminal, Head::Word("rule"), |group| label(group).unwrap_or_default())
        .number("manifests", |group| group.amount.manifests)
        .number("size", |group| bytes(group.amount.bytes))
        .column(head, meaning);
    page.put(table.indented())
}
