//! The embedded registry over real HTTP: protocol, tokens, faults, log, and the demo's history.
//!
//! It is held here to the specification alone, and its other faces to what the real registries
//! were seen to do; what all have in common is in the suite that all backends pass.
#![cfg(feature = "sandbox")]
#![expect(clippy::unwrap_used, reason = "the helpers of a test fail as tests do")]

mod docr;
mod docr_collection;
mod faults;
mod ghcr;
mod ghcr_versions;
mod history;
mod life;
mod meanwhile;
mod protocol;
mod quirks;
pub(crate) mod support;
mod tokens;
