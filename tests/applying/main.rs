//! `tags cleanup --apply` and `tags undo` as processes against registries of each kind: killed
//! anywhere, disturbed, refused, and counted.
#![cfg(all(unix, feature = "sandbox"))]
#![expect(clippy::expect_used, reason = "a test that cannot go on says why and fails")]

mod adversary;
mod claims;
mod cost;
mod disturbed;
mod killed;
mod moved;
mod scene;
mod seen;
mod stopped;
