//! Carries out an approved plan: what is deleted, in which order, and what became of it.
//!
//! `apply` goes over the repositories and checks what had to survive (`survivors`). In one
//! `repository`, a `run` reads it again (`live_state`) and leaves out what must not go any more
//! (`preflight`); then manifests go in waves, parents first. `deletion` is one manifest, step by
//! step: waits (`waits`, `attempt`), checks of the tags (`tag_checks`), the journal line
//! (`journal_guard`), the request. `untag` is the same for one tag. `confirm` reads again what
//! became of a wave. `lost_by_untag` restores what went along with a tag, and `withheld` reports
//! what the plan names and the fresh decision does not.

mod apply;
mod attempt;
mod confirm;
mod deletion;
mod journal_guard;
mod live_state;
mod lost_by_untag;
mod preflight;
mod repository;
mod run;
mod survivors;
mod tag_checks;
mod untag;
mod waits;
mod withheld;

pub use apply::{ApplyError, ApplyJob, apply};
pub use lost_by_untag::{LostByUntag, restore_lost_by_untag};
pub use withheld::report_withheld;
