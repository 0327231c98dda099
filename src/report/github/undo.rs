//! `tags undo` for GitHub Actions.

use super::super::undoing::{counts, left_out, pushed_note};
use super::super::{counted, escape, undo_outcome};
use super::{SHOWN, annotation, output};
use crate::change::{Restoration, Undone};

/// Annotations: what did not come back is an error, a tag that was left alone a warning.
#[must_use]
pub fn undo(undone: &Undone) -> String {
    let left = left_out(undone);
    let mut text = String::new();
    for (level, is_warning) in [("error", false), ("warning", true)] {
        let here =
            left.iter().filter(|item| (item.result == Restoration::TagElsewhere) == is_warning);
        let here: Vec<_> = here.collect();
        for item in here.iter().take(SHOWN) {
            let title = format!("{} {}", item.result.as_str(), item.name);
            let (title, message) = (escape::terminal(&title), escape::terminal(item.message));
            text.push_str(&annotation(level, &title, &message));
        }
        if here.len() > SHOWN {
            let message = format!("{} more, see the job summary.", here.len() - SHOWN);
            text.push_str(&annotation(level, "tags undo", &message));
        }
    }
    let (manifests, tags) = counts(undone, |result| result == Restoration::Restored);
    let (manifests, tags) = (counted(manifests, "manifest"), counted(tags, "tag"));
    if let Some(note) = pushed_note(undone) {
        text.push_str(&annotation("warning", "tags undo", &note));
    }
    let title = format!("tags undo: {}", undo_outcome(undone));
    text + &annotation("notice", &title, &format!("put back {manifests} and {tags}"))
}

/// The outputs of `tags undo`; `restored` counts manifests.
#[must_use]
pub fn undo_outputs(undone: &Undone) -> String {
    let (restored, _) = counts(undone, |result| result == Restoration::Restored);
    output("outcome", undo_outcome(undone)) + &output("restored", &restored.to_string())
}
