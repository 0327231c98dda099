//! The library, called in this process: what it decides, reads, sends and says.
#![expect(clippy::expect_used, reason = "a test that cannot go on says why and fails")]

mod apply;
mod architecture;
#[cfg(feature = "sandbox")]
mod connect;
mod contents;
mod contract;
mod deployed;
#[cfg(feature = "sandbox")]
mod github;
mod history;
mod lint;
mod managed;
mod openapi;
mod policy;
mod protections;
mod records;
mod reports;
mod retention;
mod runs;
mod sandbox;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each test binary needs a part of it")]
mod support;
mod transport;
mod waiting;
