//! `tags doctor`: one block per registry, one for GitHub, one line per check, with what to do about it.

use super::super::block::{Block, Head, Page, Reader, Rows, Text, Tone, Written};
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
            let lines: Vec<Line<'_>> = checks.iter().flat_map(lines).collect();
            let table = Rows::of(&lines)
                .column(Head::None, |(check, _)| check.map_or_else(Text::default, status))
                .column(Head::None, |(check, _)| check.map_or("", |check| check.name))
                .column(Head::None, |(_, text)| text);
            page.put(Block::Item(Text::strong(name).plain(what), vec![table.block()]))
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

/// A line of a block: a check with its detail, or more of it.
type Line<'a> = (Option<&'a Check>, String);

fn lines(check: &Check) -> Vec<Line<'_>> {
    let blocks = format!("{}: {}", check.blocking_word(), check.blocks.join(", "));
    let blocks = (!check.blocks.is_empty()).then_some((None, blocks));
    let hint = check.hint.as_deref().map(|hint| (None, format!("hint: {hint}")));
    let first = (Some(check), check.detail.clone());
    [first].into_iter().chain(blocks).chain(hint).collect()
}

fn status(check: &Check) -> Text {
    let tone = match check.status {
        CheckStatus::Ok => Tone::Good,
        CheckStatus::Missing => Tone::Bad,
        CheckStatus::Warning | CheckStatus::Unknown => Tone::Caution,
    };
    // As wide in every block.
    Text::new(tone, format!("{:<7}", check.status.as_str()))
}
