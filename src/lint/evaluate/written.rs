//! How a reference stands in its file, where a value in it is empty: the value itself shows nothing.

use super::event::Event;
use super::job_run::JobRun;
use super::workflows::Workflows;
use crate::lint::expression::sole_expression;
use crate::lint::reference::Reference;

impl Workflows<'_> {
    /// A reference as people write it; with the expression where its value is empty.
    pub(crate) fn show_in(&self, run: &JobRun<'_>, reference: &Reference) -> String {
        written(run, reference).unwrap_or_else(|| self.show(reference))
    }
}

/// Why a reference has an empty part: `; inputs.tag is empty when push starts the workflow`.
pub(crate) fn why_empty(run: &JobRun<'_>, reference: &Reference) -> String {
    let Some(text) = word_at(run, reference) else { return String::new() };
    let is_empty = |source: &&str| run.scope.text(&format!("${{{{{source}}}}}")).is_empty();
    let mut empty: Vec<String> =
        expressions(text).filter(is_empty).map(|source| format!("`{source}`")).collect();
    // `docker/metadata-action` knows no branch in some events.
    empty.extend(text.contains("{{branch}}").then(|| "`{{branch}}`".to_owned()));
    if empty.is_empty() && text.replace("${{", "").contains('$') {
        empty.push("a value in it".to_owned());
    }
    let are = match empty.len() {
        0 => return String::new(),
        1 => "is",
        _ => "are",
    };
    let empty = empty.join(" and ");
    match run.events.first() {
        Some(event) if event.is_tag() => format!("; {empty} {are} empty for git tags"),
        Some(Event { name: Some(name), .. }) => {
            format!("; {empty} {are} empty when `{name}` starts the workflow")
        }
        _ => format!("; {empty} {are} empty"),
    }
}

/// The text in the file, if it is a reference with an empty part.
fn written(run: &JobRun<'_>, reference: &Reference) -> Option<String> {
    let word = word_at(run, reference)?;
    (word.contains('$') && word.contains([':', '/'])).then(|| word.to_owned())
}

/// The word in the file, if the tag looks as if a part of it were empty.
fn word_at<'r>(run: &'r JobRun<'_>, reference: &Reference) -> Option<&'r str> {
    let tag = reference.tag.as_deref()?;
    let separator = |c: char| "-_.".contains(c);
    if !(tag.is_empty()
        || tag.starts_with(separator)
        || tag.ends_with(separator)
        || tag.contains("--"))
    {
        return None;
    }
    let number = usize::try_from(reference.at.line).ok()?.checked_sub(1)?;
    let column = usize::try_from(reference.at.column).ok()?.checked_sub(1)?;
    let line = run.file.workflow.text.lines().nth(number)?;
    let (start, _) = line.char_indices().nth(column)?;
    let rest = &line[start..];
    // A rule of `docker/metadata-action` goes on after its commas.
    Some(if rest.starts_with("type=") { rest } else { word(rest) })
}

/// The text up to a blank, a quote or a comma outside of an expression.
fn word(text: &str) -> &str {
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if text[at..].starts_with("${{") {
            at += text[at..].find("}}").map_or(text.len() - at, |end| end + 2);
            continue;
        }
        if c.is_whitespace() || matches!(c, ',' | '"' | '\'' | ';' | ')' | '|' | '&') {
            break;
        }
        at += c.len_utf8();
    }
    &text[..at]
}

/// The expressions of a text.
fn expressions(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("${{").filter_map(|(at, _)| {
        let end = text[at..].find("}}")? + at + 2;
        sole_expression(&text[at..end])
    })
}
