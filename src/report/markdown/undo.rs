//! `tags undo` in Markdown.

use super::super::escape::markdown;
use super::super::undoing::{counts, left_out, pushed_note};
use super::super::{counted, undo_outcome};
use crate::change::{Restoration, Undone};

/// What is back, and what is not and why.
#[must_use]
pub fn undo(undone: &Undone) -> String {
    let (manifests, tags) = counts(undone, |result| result == Restoration::Restored);
    let (manifests, tags) = (counted(manifests, "manifest"), counted(tags, "tag"));
    let mut text =
        format!("### tags undo: {}\n\nput back {manifests} and {tags}\n\n", undo_outcome(undone));
    for item in left_out(undone) {
        let (word, name) = (item.result.as_str(), markdown(&item.name));
        text.push_str(&format!("- **{word}** {name}: {}\n", markdown(item.message)));
    }
    if undone.interrupted {
        text.push_str("- **interrupted**: not all was looked at\n");
    }
    if let Some(note) = pushed_note(undone) {
        text.push_str(&format!("\n> **Note:** {note}\n"));
    }
    text
}
