//! Moves the latest tags of an environment to one release: in all images and registries, or in none.
//!
//! [`MovePlan`] says what is to be done; `fill` copies a release to repositories that lack it, `rehearse` proves the right to push, [`carry_out`] writes the
//! journal and moves the tags, `put_back` undoes what it can when one of them fails, and [`undo_move`]
//! does the same later, from the journal. No SHA tag is ever moved.

mod fill;
mod guard;
mod plan;
mod put_back;
mod rehearse;
mod result;
mod run;
mod tag;
mod undo;

pub use fill::{FillJob, FillPlan, Filled, fill, fill_plan};
pub use guard::{Guard, GuardCode};
pub use plan::{MovePlan, PlannedPlace};
pub use rehearse::{FailedPreparation, rehearse, rehearse_copies};
pub use result::{MoveCause, MoveVerdict, MovedPlace, PlaceResult, TagTarget};
pub use run::{MoveEnd, MoveJob, carry_out};
pub use undo::undo_move;
