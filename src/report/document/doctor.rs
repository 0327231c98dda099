//! `tags doctor`: one block per registry, one line per check, with what to do about it.

use super::super::block::{Block, Page, Reader, Rows, Text, Tone, Written};
use super::super::outcome;
use crate::report::{Check, CheckStatus, DoctorReport};

/// All registries with their checks.
pub(super) fn doctor(examination: &DoctorReport, page: &mut Page<'_>) -> Written {
    for (name, registry) in &examination.registries {
        let what = format!(" ({}, {})", registry.kind.as_str(), registry.host);
        match page.reader {
            Reader::Terminal(_) => {
                let lines = registry.checks.iter().flat_map(lines).collect();
                page.put(Block::Item(Text::strong(name).plain(what), vec![Block::List(lines)]))?;
            }
            Reader::Markdown => {
                page.put(Block::Heading(format!("{name}{what}").into()))?;
                let checks = Rows::of(&registry.checks)
                    .word("check", |check| check.name)
                    .word("status", |check| check.status.as_str())
                    .word("detail", |check| &check.detail)
                    .word("blocks", |check| check.blocks.join(", "))
                    .word("hint", |check| check.hint.as_deref().unwrap_or_default());
                page.put(checks.block())?;
            }
        }
    }
    page.for_markdown(|| {
        Block::Paragraph(format!("Outcome: {}", outcome::doctor(examination)).into())
    })?;
    page.for_terminal(|_| {
        Block::Paragraph(match examination.missing() {
            None => "all required access is there".into(),
            Some(_) => "required access is missing or could not be checked".into(),
        })
    })
}

fn lines(check: &Check) -> Vec<Text> {
    let tone = match check.status {
        CheckStatus::Ok => Tone::Good,
        CheckStatus::Missing => Tone::Bad,
        CheckStatus::Warning | CheckStatus::Unknown => Tone::Caution,
    };
    let status = Text::new(tone, format!("{:<7}", check.status.as_str()));
    let mut lines = vec![status.plain(format!("  {:<13}  {}", check.name, check.detail))];
    if !check.blocks.is_empty() {
        let blocks = check.blocks.join(", ");
        lines.push(format!("         {}: {blocks}", check.blocking_word()).into());
    }
    lines.extend(check.hint.as_deref().map(|hint| format!("         hint: {hint}").into()));
    lines
}
