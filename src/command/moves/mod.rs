//! What `rollback` and `promote` share: reading the places of a move, the moves that are on record,
//! the guards, and carrying out.

mod approved;
mod earlier;
mod named;
mod names;
mod pipeline;
mod places;
mod planning;
mod reading;
mod recorded;

pub use approved::{ApprovedMove, EndedMove, PlannedMove};
pub use planning::MovePurpose;

pub(super) use earlier::{EarlierMove, EarlierMoves};
pub(super) use named::{NamedRelease, named};
pub(super) use pipeline::KnownGood;
pub(super) use places::{MoveTags, TagsSeen, own_tags, places, tags_seen};
pub(super) use planning::{CurrentName, MoveFacts, MovePlanning, ended, taken};
pub(super) use recorded::guard as moved_guard;
