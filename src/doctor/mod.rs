//! Judges what was found out about registries: what is fine, what is missing, what that blocks.
//!
//! Pure: `registry` asks, this says what the answers mean for the commands of the program.

mod access;
mod limits;
mod rights;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::model::{Diagnosis, RegistryName, Unread, UnreadCause};
use crate::policy::{RegistryKind, RegistrySettings};

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

    fn new(name: &'static str, status: CheckStatus, detail: impl Into<String>) -> Self {
        Self { name, status, detail: detail.into(), blocks: Vec::new(), hint: None, cause: None }
    }

    fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self::new(name, CheckStatus::Ok, detail)
    }

    /// Something that failed: refusals are missing rights, trouble of the server's is unknown.
    fn failed(name: &'static str, why: &Unread, blocks: Vec<&'static str>) -> Self {
        let status = match why.cause {
            UnreadCause::Credentials | UnreadCause::NotFound => CheckStatus::Missing,
            UnreadCause::Unreachable => CheckStatus::Unknown,
        };
        let check = Self { hint: why.hint.clone(), ..Self::new(name, status, &why.message) };
        Self { cause: Some(why.cause), ..check }.blocking(blocks)
    }

    /// A right that is missing.
    fn missing(name: &'static str, detail: impl Into<String>) -> Self {
        let check = Self::new(name, CheckStatus::Missing, detail);
        Self { cause: Some(UnreadCause::Credentials), ..check }
    }

    fn blocking(self, blocks: Vec<&'static str>) -> Self {
        Self { blocks, ..self }
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Only a warning, where nothing that the policy asks for needs it.
    fn unless_needed(self, needed: bool) -> Self {
        if needed || self.status != CheckStatus::Missing {
            return self;
        }
        Self { status: CheckStatus::Warning, cause: None, ..self }
    }
}

/// What the judgement is made against.
#[derive(Debug, Clone, Copy)]
pub struct DoctorContext {
    /// The time when the examination began.
    pub now: DateTime<Utc>,
    /// Whether the policy has rules by which something is deleted.
    pub cleans_up: bool,
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

/// Judges one registry.
#[must_use]
pub fn examine(
    registry: &RegistrySettings,
    found: &Diagnosis,
    context: DoctorContext,
) -> RegistryChecks {
    let case = RegistryCase { registry, found, context };
    let mut checks = access::reached(&case);
    checks.extend(access::authenticated(&case));
    checks.extend(rights::token_kind(&case));
    checks.extend(access::usable(&case));
    checks.push(rights::delete(&case));
    checks.extend(rights::registries(&case));
    checks.extend(limits::budget(&case));
    checks.push(limits::clock(&case));
    RegistryChecks { kind: registry.kind, host: registry.host(), checks }
}

/// A registry, what was found, and what it is judged against.
struct RegistryCase<'a> {
    registry: &'a RegistrySettings,
    found: &'a Diagnosis,
    context: DoctorContext,
}

impl RegistryCase<'_> {
    /// These commands, and `gc` where there is such a thing.
    fn and_gc(&self, commands: &[&'static str]) -> Vec<&'static str> {
        let gc = (self.registry.kind == RegistryKind::Docr).then_some("gc");
        commands.iter().copied().chain(gc).collect()
    }

    /// How to give a token.
    fn set_token(&self) -> String {
        match self.registry.credentials.token_env.as_slice() {
            [] => format!(
                "log in with `docker login {}`, or name a variable with `token-env` in the policy",
                self.registry.host()
            ),
            names => format!("set {}", names.join(" or ")),
        }
    }
}

const ALL: [&str; 4] = ["verify", "rollback-target", "list", "cleanup"];
/// What needs a listing, and so the management API where there is one.
const LISTING: [&str; 3] = ["rollback-target", "list", "cleanup"];

#[cfg(test)]
mod tests;
