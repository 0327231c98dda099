//! Policies: the files in `policies/`, what a policy may not say, and what the files promise.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking, its helpers too")]

mod files;
mod problems;
mod promises;
