//! The releases of an environment: which SHA tags belong to one release, the order of the releases,
//! which one is current, which ones a rollback can go to, and which ones have to be kept for that.
//!
//! All commands use one model. [`Releases`] holds numbers only, so that it can hold a million tags;
//! `list`, `rollback-target` and `verify` use it as a [`Timeline`], and retention takes the current
//! release and the rollback floor from it.
//!
//! Pure: the input is what was read, the checkout's history and the current time. SHAs are never ordered
//! by name: where neither times nor git give an order, there is none.

mod commit;
mod copy_time;
mod current;
mod deployed;
mod deployed_steps;
mod floor;
mod groups;
mod latest;
mod ranking;
mod release_number;
mod rollback_check;
mod sequence;
mod sha_tag;
mod step;
mod timeline;
mod way_back;

pub use commit::{SameCommit, same_commits};
pub use copy_time::{CopyTime, DatedItem, TimeEvidence, copy_time};
pub use current::{
    Current, CurrentError, CurrentQuestion, CurrentSource, RunningEvidence, current,
};
pub use deployed::{Deployed, DeployedReleases, deployed};
pub use groups::Groups;
pub use ranking::{Releases, ReleasesInput, TagOfRelease};
pub use release_number::ReleaseNumber;
pub use rollback_check::{Digests, Objection, RollbackCheck};
pub use sequence::sequence;
pub use sha_tag::{PlaceRead, ReleasePlace, ShaTag};
pub use step::{SkipCode, Skipped, Step};
pub use timeline::{Timeline, TimelineInput, timeline};
pub use way_back::steps_back;
