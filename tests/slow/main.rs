//! What takes long: the program disturbed and killed in every way, drawn at random or written out.
#![cfg(feature = "sandbox")]
#![expect(clippy::expect_used, reason = "a test that cannot go on says why and fails")]

#[cfg(unix)]
mod applying;
mod copying;
mod failures;
#[cfg(unix)]
mod moving;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each test binary needs a part of it")]
mod support;
