//! Carries out an approved plan: deletes its manifests and tags in order, and confirms the results.
//!
//! `apply` processes the repositories and checks what had to survive (`survivors`). In one
//! `repository`, a `run` reads it again (`live_state`) and leaves out what must not be deleted any more
//! (`preflight`); then manifests are deleted in waves, parents first. `deletion` is one manifest, step by
//! step: waits (`waits`, `attempt`), checks of the tags (`tag_checks`), the journal line
//! (`journal_guard`), the request. `untag` is the same for one tag. `confirm` reads the
//! results of a wave. `lost_by_untag` restores what was deleted together with a tag, and `withheld` reports
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
