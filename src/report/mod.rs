//! From values to text: one format a file, its own structures for JSON, nothing written anywhere.
//!
//! All text from outside passes through `escape` on its way, each format in its own manner.

pub mod escape;
pub mod github;
pub mod human;
pub mod json;
pub mod markdown;
pub mod sarif;

mod cleanup;
mod exit;
mod grouping;
mod linting;
mod listing;
mod undoing;

pub use cleanup::{Cleanup, CleanupCommand};
pub use exit::Exit;
pub use linting::Linting;
pub use listing::Listing;
pub use undoing::undo_outcome;

/// `1 tag`, `2 tags`: counts as people write them.
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    match noun.strip_suffix('y') {
        _ if count == 1 => format!("1 {noun}"),
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {noun}s"),
    }
}
