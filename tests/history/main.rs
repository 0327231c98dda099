//! Which release is older, which is current, and what to go back to: scenarios and properties.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why and fails")]

mod commit;
mod current;
mod order;
mod properties;
mod scene;
mod way_back;
