//! Everything that writes to a registry: carries out an approved plan or a move, keeps a journal of
//! it, and restores from the journal what was there before.
//!
//! Nothing is decided here. `delete/` carries out a plan, `move/` moves latest tags, `copy/` copies images,
//! `undo/` restores, and all of them use `journal/`. `access` has the requests to a registry, `order` the
//! order of deletions.

mod access;
pub mod copy;
mod delete;
mod goal;
pub mod journal;
mod r#move;
mod order;
mod result;
mod stop;
mod undo;

pub use delete::{
    ApplyError, ApplyJob, LostByUntag, apply, report_withheld, restore_lost_by_untag,
};
pub use goal::{Backwards, MoveCommand, MoveGoal, WhileRunning};
pub use r#move::{
    FailedPreparation, FillJob, FillPlan, Filled, Guard, GuardCode, MoveCause, MoveEnd, MoveJob,
    MovePlan, MoveVerdict, MovedPlace, PlaceResult, PlannedPlace, TagTarget, carry_out, fill,
    fill_plan, rehearse, rehearse_copies, undo_move,
};
pub use result::{
    Application, AppliedEntry, ApplyResult, ChangeVerdict, Execution, FailureCause, Survivor,
};
pub use stop::Stop;
pub use undo::{Restoration, TagSetter, UndoJob, Undone, UndoneManifest, UndoneTag, undo};
