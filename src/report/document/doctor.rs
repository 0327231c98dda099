//! `tags doctor`: one block per registry, one for GitHub, one line per check, with what to do about it.

use super::super::block::{Block, Page, Reader, Rows, Text, Tone, Written};
use super::super::outcome;
use crate::report::{Check, CheckStatus, DoctorReport};

/// All registries and GitHub with their checks.
pub(super) fn doctor(examination: &DoctorReport, page: &mut Page<'_>) -> Written {
    for (name, registry) in &examination.registries {
        let what = format!(" ({}, {})", registry.kind.as_str(), registry.host);
        block(name.as_str(), &what, &registry.checks, page)?;
    }
    if let Some(github) = &examination.github {
        let repository = github.repository.as_deref().unwrap_or("no repository");
        block("github", &format!(" ({repository}, {})", github.host), &github.checks, page)?;
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

/// What was checked of one place.
fn block(name: &str, what: &str, checks: &[Check], page: &mut Page<'_>) -> Written {
    match page.reader {
        Reader::Terminal(_) => {
            let width = checks.iter().map(|check| check.name.len()).fold(13, usize::max);
            let lines = checks.iter().flat_map(|check| lines(check, width)).collect();
            page.put(Block::Item(Text::strong(name).plain(what), vec![Block::List(lines)]))
        }
        Reader::Markdown => {
            page.put(Block::Heading(format!("{name}{what}").into()))?;
            let checks = Rows::of(checks)
                .word("check", |check| check.name)
                .word("status", |check| check.status.as_str())
                .word("detail", |check| &check.detail)
                .word("blocks", |check| check.blocks.join(", "))
                .word("hint", |check| check.hint.as_deref().unwrap_or_default());
            page.put(checks.block())
        }
    }
}

fn lines(check: &Check, width: usize) -> Vec<Text> {
    let tone = match check.status {
        CheckStatus::Ok => Tone::Good,
        CheckStatus::Missing => Tone::Bad,
        CheckStatus::Warning | CheckStatus::Unknown => Tone::Caution,
    };
    let status = Text::new(tone, format!("{:<7}", check.status.as_str()));
    let mut lines = vec![status.plain(format!("  {:<width$}  {}", check.name, check.detail))];
    if !check.blocks.is_empty() {
        let blocks = check.blocks.join(", ");
        lines.push(format!("         {}: {blocks}", check.blocking_word()).into());
    }
    lines.extend(check.hint.as_deref().map(|hint| format!("         hint: {hint}").into()));
    lines
}
