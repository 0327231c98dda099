//! From an approved plan to what became of it: deletes, keeps a journal, and undoes from one.
//!
//! Decides nothing: each repository is read again before its first deletion and each tag before
//! its own, and what moved is left alone. The way through: `executor` goes over the repositories,
//! `repository` over one's manifests in the order of `order`, after `fresh` has read it again and
//! `spare` has taken out what is reached anew; `deletion` and `untag` do one manifest, `ledger`
//! records it first; `survivors` looks at the end. `site` is what a registry can do, in one hand.

mod deletion;
mod executor;
mod fresh;
pub mod journal;
mod ledger;
mod left;
mod manifest;
mod order;
mod outcome;
mod repository;
mod site;
mod spare;
mod stop;
mod survivors;
mod undo;
mod untag;
mod verdict;

#[cfg(test)]
mod tests;

pub use executor::{ApplyError, ApplyJob, apply};
pub use left::left_alone;
pub use outcome::{Application, AppliedEntry, ApplyResult, FailureCause, Survivor};
pub use stop::Stop;
pub use undo::{Restoration, TagSetter, UndoJob, Undone, UndoneManifest, UndoneTag, undo};
pub use verdict::{Execution, Verdict};
