//! Everything that writes to a registry: carries out an approved plan, keeps a journal of it, and
//! restores from the journal what was deleted.
//!
//! Nothing is decided here. `delete/` carries out a plan, `undo/` restores, and both use `journal/`. `access`
//! has the requests to a registry, `order` the order of deletions.

mod access;
mod delete;
pub mod journal;
mod order;
mod result;
mod stop;
mod undo;

pub use delete::{
    ApplyError, ApplyJob, LostByUntag, apply, report_withheld, restore_lost_by_untag,
};
pub use result::{
    Application, AppliedEntry, ApplyResult, ChangeVerdict, Execution, FailureCause, Survivor,
};
pub use stop::Stop;
pub use undo::{Restoration, TagSetter, UndoJob, Undone, UndoneManifest, UndoneTag, undo};
