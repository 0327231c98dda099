//! The transport over real HTTP: how many requests a question costs, which credential goes where,
//! what is tried again and for how long.
//!
//! Most tests pause tokio's clock. The embedded registry runs on the same runtime, so waiting
//! costs no time, and what a test says of durations is exact.
#![cfg(feature = "sandbox")]
#![expect(clippy::unwrap_used, reason = "the helpers of a test fail as tests do")]

mod answers;
mod connections;
mod counts;
mod deletion;
mod program;
mod referrers;
mod renewal;
mod retries;
mod secrets;
mod support;
mod tokens;
