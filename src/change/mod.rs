//! From an approved plan to what became of it: deletes, keeps a journal, and undoes from one.
//!
//! Decides nothing: each repository is read again before its first deletion, what its tags point
//! to right before each, and what moved is left alone. The way through: `executor` goes over the
//! repositories, `repository` over one's manifests in the order of `order`, after `live_state` has
//! read it again and `preflight` has taken out what is reached anew; `deletion` and `untag` do one
//! manifest: all waiting first (`attempt`, `pace`), then the look (`look`), the record
//! (`journal_guard`), and the request. `confirm` reads again what became of it, `survivors` looks
//! at the end. `access` is what a registry can do, in one hand.

mod access;
mod attempt;
mod confirm;
mod deletion;
mod entry_outcome;
mod executor;
pub mod journal;
mod journal_guard;
mod latest_tags;
mod live_state;
mod manifest;
mod order;
mod outcome;
mod pace;
mod preflight;
mod repository;
mod stop;
mod survivors;
mod undo;
mod unfinished;
mod untag;
mod verdict;
mod withheld;

pub use executor::{ApplyError, ApplyJob, apply};
pub use outcome::{Application, AppliedEntry, ApplyResult, FailureCause, Survivor};
pub use stop::Stop;
pub use undo::{Restoration, TagSetter, UndoJob, Undone, UndoneManifest, UndoneTag, undo};
pub use unfinished::{LostByUntag, restore_lost_by_untag};
pub use verdict::{ChangeVerdict, Execution};
pub use withheld::report_withheld;
