//! What the runs of a pipeline show: which releases they deployed, and how well they went.

mod candidate;
pub mod record;
mod records;

pub use candidate::{is_candidate, named_sha};
pub use records::{ClaimedRecord, Records, ToWrite, github_environment};
