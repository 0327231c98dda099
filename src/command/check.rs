//! `check`: says what a policy file means. Asks no registry.

use super::PolicyFile;
use crate::report::PolicySummary;

/// Summarises a valid policy file.
#[must_use]
pub fn check(file: PolicyFile) -> PolicySummary {
    PolicySummary { name: file.name, policy: Box::new(file.policy) }
}
