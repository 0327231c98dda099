//! `tags undo` for people: what is back, and what is not and why.

use super::table::rows;
use super::{BAD, CAUTION, STRONG, hint_line, styled};
use crate::change::{Restoration, Undone};
use crate::report::counted;
use crate::report::escape::terminal;
use crate::report::undoing::{counts, left_out, pushed_note};

/// The whole report.
#[must_use]
pub fn undo(undone: &Undone) -> String {
    let mut text = String::new();
    for item in left_out(undone) {
        let style = match item.result {
            Restoration::Failed(_) | Restoration::Lost => BAD,
            _ => CAUTION,
        };
        let (label, name) = (styled(style, item.result.as_str()), terminal(&item.name));
        text.push_str(&format!("{label}: {name}: {}\n", terminal(item.message)));
    }
    text.push_str(&hints(undone));
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&rows(table(undone)));
    let (manifests, tags) = counts(undone, |result| result == Restoration::Restored);
    let (manifests, tags) = (counted(manifests, "manifest"), counted(tags, "tag"));
    text.push_str(&format!("{}\n", styled(STRONG, &format!("put back {manifests} and {tags}"))));
    if let Some(note) = pushed_note(undone) {
        text.push_str(&format!("{}: {note}\n", styled(CAUTION, "note")));
    }
    text
}

fn hints(undone: &Undone) -> String {
    let has = |wanted: Restoration| counts(undone, |result| result == wanted) != (0, 0);
    let mut text = String::new();
    if has(Restoration::Lost) {
        text.push_str(&hint_line("what is lost comes back only by building and pushing it again"));
    }
    if has(Restoration::TagElsewhere) {
        text.push_str(&hint_line("a tag that was set anew is left where it points now"));
    }
    if undone.interrupted {
        text.push_str(&format!("{}: not all was looked at\n", styled(CAUTION, "interrupted")));
        text.push_str(&hint_line("undo the same journal again: what is back is left as it is"));
    }
    text
}

/// A row a result that occurred: manifests, tags.
fn table(undone: &Undone) -> Vec<Vec<String>> {
    let row = |(name, is): Counted| {
        let (manifests, tags) = counts(undone, is);
        let cells = [counted(manifests, "manifest"), counted(tags, "tag")];
        let cells = std::iter::once(format!("  {name}")).chain(cells).collect();
        (manifests + tags > 0).then_some(cells)
    };
    RESULTS.into_iter().filter_map(row).collect()
}

/// A result's name, and what is counted as it.
type Counted = (&'static str, fn(Restoration) -> bool);

/// Every result, with what is counted as it.
const RESULTS: [Counted; 5] = [
    ("restored", |result| result == Restoration::Restored),
    ("already there", |result| result == Restoration::AlreadyThere),
    ("tag elsewhere", |result| result == Restoration::TagElsewhere),
    ("lost", |result| result == Restoration::Lost),
    ("failed", |result| matches!(result, Restoration::Failed(_))),
];
