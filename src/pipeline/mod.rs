//! What the runs of a pipeline show: which releases they deployed, and how well they went.

pub mod record;
mod records;

pub use records::{ClaimedRecord, Records, ToWrite, github_environment};
