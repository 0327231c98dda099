//! The releases of an environment: which SHA tags are one release, in which order they came, which
//! one is current, what to go back to, and what has to be kept for that.
//!
//! One model for all who ask. [`Releases`] is made of numbers, so that it holds a million tags;
//! `list`, `rollback-target` and `verify` see it as a [`Timeline`], and retention asks it for the
//! current release and the floor.
//!
//! Pure: what was read, the checkout's history and a given now come in. SHAs are never ordered by
//! name: where neither times nor git decide, nothing is decided.

mod commit;
mod copy_time;
mod current;
mod latest;
mod objection;
mod ranking;
mod sequence;
mod step;
mod tagged;
mod timeline;
mod way_back;

pub use commit::{SameCommit, same_commits};
pub use copy_time::{CopyTime, DatedItem, TimeEvidence, copy_time};
pub use current::{
    Current, CurrentError, CurrentQuestion, CurrentSource, RunningEvidence, current,
};
pub use objection::{Digests, Judge, Objection};
pub use ranking::{ReleaseNumber, Releases, ReleasesInput, TagOfRelease};
pub use sequence::sequence;
pub use step::{SkipCode, Skipped, Step, steps_back};
pub use tagged::{PlaceRead, ReleasePlace, ShaTag};
pub use timeline::{Timeline, TimelineInput, timeline};
