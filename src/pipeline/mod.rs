//! What the runs of a pipeline show: which releases they deployed, and how well they went.

mod candidate;

pub use candidate::{is_candidate, named_sha};
