//! The embedded registry over real HTTP: protocol, tokens, faults, log, and the demo's history.
//!
//! It is held here to the specification alone; what it shares with the registries of others is
//! in the suite that all backends pass.
#![cfg(feature = "sandbox")]
#![expect(clippy::unwrap_used, reason = "the helpers of a test fail as tests do")]

mod faults;
mod history;
mod life;
mod protocol;
mod support;
mod tokens;
