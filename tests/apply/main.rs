//! Plans applied to the embedded registries, and undone: what is gone, what is left, what is said.
#![cfg(feature = "sandbox")]
#![expect(clippy::expect_used, reason = "a test that cannot go on says why and fails")]

mod carried_out;
mod put_back;
mod refused;
mod scene;
