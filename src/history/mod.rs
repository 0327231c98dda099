//! The releases of an environment in their order, which one is current, and what to go back to.
//!
//! Pure: an inventory, the checkout's history and a given now come in. SHAs are never ordered by
//! name: where neither times nor git decide, nothing is decided.

mod current;
mod sequence;
mod step;
mod timeline;

pub use current::{
    Current, CurrentError, CurrentQuestion, CurrentSource, RunningEvidence, current,
};
pub use sequence::sequence;
pub use step::{SkipCode, Skipped, Step, steps_back};
pub use timeline::{Timeline, TimelineInput, timeline};
