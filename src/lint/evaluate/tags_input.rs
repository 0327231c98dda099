//! The entries of a `tags:` input: a block, a comma list or a single value.

use super::leg::TagEntry;
use super::scope::JobScope;
use crate::lint::expression::sole_expression;
use crate::lint::position::{SourceChar, text_of, trimmed};
use crate::lint::symbol::Symbols;
use crate::lint::workflow::Setting;
use crate::lint::yaml::Scalar;

/// The entries, each with its own position.
pub(super) fn entries(setting: &Setting, scope: &JobScope<'_>) -> Vec<TagEntry> {
    let mut entries = Vec::new();
    let values = std::iter::once(&setting.value).chain(&setting.more);
    let values: Vec<Vec<SourceChar>> = values.map(Scalar::chars).collect();
    for line in values.iter().flat_map(|value| value.split(|ch| ch.c == '\n')) {
        let line = trimmed(line);
        if let Some(tags) = of_metadata(&text_of(line), scope) {
            entries.extend_from_slice(tags);
            continue;
        }
        let line = scope.chars(line);
        for entry in line.split(|ch| matches!(ch.c, '\n' | ',')) {
            let entry = trimmed(uncommented(entry));
            if let Some(first) = entry.first() {
                entries.push(TagEntry { text: text_of(entry), at: first.at, certain: true });
            }
        }
    }
    entries
}

/// A text in which each shell variable or substitution is a symbol, and the first one of them: nothing
/// replaces them in the inputs of an action.
pub(super) fn without_shell(text: &str, symbols: &Symbols) -> (String, Option<String>) {
    let (mut result, mut first, mut rest) = (String::new(), None, text);
    while let Some(at) = rest.find('$') {
        let (before, found) = rest.split_at(at);
        let length = match found.chars().nth(1) {
            Some('{') => found.find('}').map(|end| end + 1),
            Some('(') => found.rfind(')').map(|end| end + 1),
            _ => {
                let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
                Some(1 + found[1..].find(|c| !name(c)).unwrap_or(found.len() - 1))
            }
        };
        let (written, after) = found.split_at(length.unwrap_or(found.len()));
        result.push_str(before);
        result.push_str(&symbols.unresolved(&format!("{written} in an input"), written));
        first = first.or_else(|| Some(written.to_owned()));
        rest = after;
    }
    (result + rest, first)
}

/// The part before a comment.
fn uncommented(entry: &[SourceChar]) -> &[SourceChar] {
    let starts = |at: &usize| entry[*at].c == '#' && (*at == 0 || entry[*at - 1].c.is_whitespace());
    let end = (0..entry.len()).find(starts).unwrap_or(entry.len());
    &entry[..end]
}

/// The tags of a metadata step, when the line is just `${{ steps.ID.outputs.tags }}`.
fn of_metadata<'s>(line: &str, scope: &'s JobScope<'_>) -> Option<&'s [TagEntry]> {
    let step = sole_expression(line)?.strip_prefix("steps.")?.strip_suffix(".outputs.tags")?;
    scope.metadata.get(step.trim()).map(Vec::as_slice)
}
