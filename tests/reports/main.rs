//! Reports on one shared value, and plan files written and read again.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why and fails")]

mod formats;
mod hostile;
mod plan_file;
mod undo;
mod world;
