//! From an approved plan to what became of it: deletes, keeps a journal, and undoes from one.
//!
//! Decides nothing: each tag is asked for again before it goes, and what moved is left alone.

mod outcome;

pub use outcome::{Application, AppliedEntry, ApplyResult, FailureCause, Survivor};
