//! The entries of a `tags:` input: a block, a comma list or a single value.

use super::leg::TagEntry;
use super::scope::JobScope;
use crate::lint::expression::sole_expression;
use crate::lint::position::{SourceChar, text_of, trimmed};
use crate::lint::workflow::Setting;

/// The entries, each with its own position.
pub(super) fn entries(setting: &Setting, scope: &JobScope<'_>) -> Vec<TagEntry> {
    let mut entries = Vec::new();
    for line in setting.value.chars().split(|ch| ch.c == '\n') {
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
