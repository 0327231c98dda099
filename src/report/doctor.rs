//! What `tags doctor` reports: the checks of every registry.

use std::collections::BTreeMap;

use crate::model::{RegistryName, UnreadCause};
use crate::policy::RegistryKind;

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum CheckStatus {
    /// Everything is fine.
    Ok,
    /// It works with restrictions, or something is missing that the policy does not need.
    Warning,
    /// Something that the policy needs is missing.
    Missing,
    /// It cannot be known, or not without changing something.
    Unknown,
}

impl CheckStatus {
    /// The word used in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// One check of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was checked.
    pub name: &'static str,
    /// The result.
    pub status: CheckStatus,
    /// What was found.
    pub detail: String,
    /// The commands that it blocks, or may block.
    pub blocks: Vec<&'static str>,
    /// How to grant or repair it.
    pub hint: Option<String>,
    /// The kind of failure, where something that is needed is missing.
    pub cause: Option<UnreadCause>,
}

impl Check {
    /// Whether the commands are certainly blocked.
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
    /// The checks; later ones depend on earlier ones.
    pub checks: Vec<Check>,
}

/// The repository on GitHub with its checks.
#[derive(Debug, Clone)]
pub struct GitHubChecks {
    /// `owner/name`, if it is known.
    pub repository: Option<String>,
    /// The host of the API.
    pub host: String,
    /// The checks; later ones depend on earlier ones.
    pub checks: Vec<Check>,
}

/// All registries of the policy, and GitHub if the policy has it.
#[derive(Debug, Clone)]
pub struct DoctorReport {
    /// Each with its checks.
    pub registries: BTreeMap<RegistryName, RegistryChecks>,
    /// What `[github]` needs.
    pub github: Option<GitHubChecks>,
}

impl DoctorReport {
    /// The gravest cause for which required access is missing, if any is.
    #[must_use]
    pub fn missing(&self) -> Option<UnreadCause> {
        let checks = self.registries.values().flat_map(|registry| &registry.checks);
        let checks = checks.chain(self.github.iter().flat_map(|github| &github.checks));
        checks.filter_map(|check| check.cause).min()
    }
}
