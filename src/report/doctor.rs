//! What `tags doctor` found: the checks of every registry.

use std::collections::BTreeMap;

use crate::model::{RegistryName, UnreadCause};
use crate::policy::RegistryKind;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckStatus {
    /// All is well.
    Ok,
    /// It works, but not as well as it could, or not for what the policy does not ask for.
    Warning,
    /// Something that is needed is not there.
    Missing,
    /// Nobody can tell, or not without changing something.
    Unknown,
}

impl CheckStatus {
    /// The word used in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Missing => "missing",
            Self::Unknown => "unknown",
        }
    }
}

/// One check of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// How it came out.
    pub status: CheckStatus,
    /// What was found.
    pub detail: String,
    /// The commands that it blocks, or may block.
    pub blocks: Vec<&'static str>,
    /// How to grant or mend it.
    pub hint: Option<String>,
    /// What kind of failure it is, where something needed is missing.
    pub cause: Option<UnreadCause>,
}

impl Check {
    /// How surely the commands are blocked.
    #[must_use]
    pub fn blocking_word(&self) -> &'static str {
        if self.status == CheckStatus::Missing { "blocks" } else { "may block" }
    }
}

/// A registry with its checks.
#[derive(Debug, Clone)]
pub struct RegistryChecks {
    /// Its kind.
    pub kind: RegistryKind,
    /// Its host.
    pub host: String,
    /// The checks, in the order in which one builds on the other.
    pub checks: Vec<Check>,
}

/// All registries of the policy.
#[derive(Debug, Clone)]
pub struct DoctorReport {
    /// Each with its checks.
    pub registries: BTreeMap<RegistryName, RegistryChecks>,
}

impl DoctorReport {
    /// The gravest cause of what is needed and missing, if anything is.
    #[must_use]
    pub fn missing(&self) -> Option<UnreadCause> {
        let checks = self.registries.values().flat_map(|registry| &registry.checks);
        checks.filter_map(|check| check.cause).min()
    }
}
