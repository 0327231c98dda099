//! `tags lint`: findings with their source lines, as compilers show them; in Markdown a table.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::super::block::{Block, Page, Reader, Rows, Written};
use super::super::{Linting, escape};
use crate::lint::rule::Rule;
use crate::lint::{Finding, Severity};

/// Longer lines are shown in part.
const WIDEST: usize = 300;

/// The findings of `tags lint`.
pub(super) fn lint(linting: &Linting, page: &mut Page<'_>) -> Written {
    match page.reader {
        Reader::Terminal(_) => {
            for finding in &linting.findings {
                page.put(Block::Code(picture(finding, linting.line(finding)) + "\n"))?;
            }
            page.put(Block::Paragraph(linting.summary().into()))
        }
        Reader::Markdown => {
            let title = format!("tags lint: {} ({})", linting.outcome(), linting.summary());
            page.put(Block::Heading(title.into()))?;
            let findings = Rows::of(&linting.findings)
                .word("where", |finding| format!("{}:{}", finding.file, finding.at))
                .word("severity", |finding| finding.severity.as_str())
                .word("rule", |finding| finding.rule)
                .word("finding", |finding| &finding.message)
                .word("help", |finding| &finding.help);
            page.put(findings.block())
        }
    }
}

fn picture(finding: &Finding, line: &str) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let (title, help) = (escape::terminal(&finding.message), escape::terminal(&finding.help));
    let file = escape::terminal(&finding.file);
    let (line, column) = harmless(line, usize::try_from(finding.at.column).unwrap_or(1));
    let width = line[column..].find(char::is_whitespace).unwrap_or(line.len() - column);
    let width = if line[column..].starts_with("${{") {
        line[column..].rfind(|c: char| !c.is_whitespace()).map_or(width, |last| {
            last + line[column + last..].chars().next().map_or(1, char::len_utf8)
        })
    } else {
        width
    };
    let snippet = Snippet::source(line.as_str())
        .line_start(usize::try_from(finding.at.line).unwrap_or(1))
        .path(file.as_ref())
        .annotation(AnnotationKind::Primary.span(column..column + width));
    let group = level
        .primary_title(title.as_ref())
        .id(finding.rule)
        .element(snippet)
        .element(Level::HELP.message(help.as_ref()));
    Renderer::styled().render(&[group])
}

/// A line without anything that a terminal or a CI log would act on, and the byte at which the
/// column begins.
fn harmless(line: &str, column: usize) -> (String, usize) {
    let mut safe = String::new();
    let mut at = None;
    // A long line is cut around the column.
    let start = column.saturating_sub(WIDEST / 2);
    for (number, c) in line.chars().enumerate().skip(start).take(WIDEST) {
        if number + 1 == column {
            at = Some(safe.len());
        }
        let mut buffer = [0; 4];
        match c {
            '\t' => safe.push(' '),
            c => safe.push_str(&escape::terminal(c.encode_utf8(&mut buffer))),
        }
    }
    let at = at.unwrap_or(safe.len());
    let before = safe.len();
    let broken = safe.replace("##[", "## [");
    let moved = if broken.len() == before { at } else { at.min(broken.len()) };
    (broken.clone(), broken.floor_char_boundary(moved))
}

/// A rule with its reason and its examples, for `--explain`.
#[must_use]
pub fn rule_explanation(rule: &Rule) -> String {
    let indented = |text: &str| {
        text.lines()
            .map(|line| format!("    {line}").trim_end().to_owned() + "\n")
            .collect::<String>()
    };
    let why: Vec<&str> = rule.why.lines().map(str::trim).collect();
    format!(
        "{} ({}): {}\n\n{}\n\nBad:\n\n{}\nGood:\n\n{}",
        rule.name,
        rule.severity.as_str(),
        rule.summary,
        why.join("\n").trim(),
        indented(rule.bad),
        indented(rule.good)
    )
}
