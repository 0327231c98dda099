//! `doctor`: checks access to every registry of the policy and to GitHub, and which commands a problem blocks.

mod access;
mod github;
mod limits;
mod rights;

use chrono::{DateTime, Utc};
use futures_util::future::{join, join_all};

use super::Session;
use crate::model::{Capabilities, Diagnosis, RegistryName, TagReference, Unread, UnreadCause};
use crate::policy::{Policy, RegistrySettings};
use crate::report::{Check, CheckStatus, DoctorReport, RegistryChecks};

/// Checks every registry of the policy, and the repository on GitHub.
pub async fn doctor(session: &Session) -> DoctorReport {
    let policy = &session.policy;
    let cleans_up = !policy.retention.is_empty() || policy.untagged_keep_within.is_some();
    let promotes = policy.environments.values().any(|one| !one.promote_from.is_empty());
    let context = DoctorContext { now: session.clock.now(), cleans_up, promotes };
    let examined = policy.registries.iter().map(async |(name, registry)| {
        let backend = session.connections.registry(name)?;
        let probe = probe(policy, name);
        let mut found = backend.diagnose(probe.as_ref()).await;
        if let Some(probe) = probe.filter(|_| promotes && found.registry.answer.is_ok()) {
            found.push = backend.push_probe(&probe.repository.path).await;
        }
        Some((name.clone(), examine(registry, backend.capabilities(), &found, context)))
    });
    let (examined, github) = join(join_all(examined), github::github(session)).await;
    let registries = examined.into_iter().flatten().collect();
    session.finish_requests();
    DoctorReport { registries, github }
}

/// A tag in a registry to try access with: the first environment's latest tag.
fn probe(policy: &Policy, name: &RegistryName) -> Option<TagReference> {
    policy.environments.values().find_map(|environment| {
        let mut images = environment.images.values();
        let repository = images.find_map(|image| image.repositories.get(name))?;
        let tag = environment.scheme.latest.clone();
        Some(TagReference { repository: repository.clone(), tag })
    })
}

impl Check {
    fn new(name: &'static str, status: CheckStatus, detail: impl Into<String>) -> Self {
        Self { name, status, detail: detail.into(), blocks: Vec::new(), hint: None, cause: None }
    }

    fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self::new(name, CheckStatus::Ok, detail)
    }

    /// A failed request: a refusal is a missing permission; with a server failure it is unknown.
    fn failed(name: &'static str, why: &Unread, blocks: Vec<&'static str>) -> Self {
        let status = match why.cause {
            UnreadCause::Credentials | UnreadCause::NotFound => CheckStatus::Missing,
            UnreadCause::Unreachable => CheckStatus::Unknown,
        };
        let check = Self { hint: why.hint.clone(), ..Self::new(name, status, &why.message) };
        Self { cause: Some(why.cause), ..check }.blocking(blocks)
    }

    /// A missing permission.
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

    /// Makes it a warning if the policy does not need it.
    fn unless_needed(self, needed: bool) -> Self {
        if needed || self.status != CheckStatus::Missing {
            return self;
        }
        Self { status: CheckStatus::Warning, cause: None, ..self }
    }
}

/// What the checks depend on besides the registry.
#[derive(Debug, Clone, Copy)]
struct DoctorContext {
    /// The time when the checks began, by this machine's clock.
    now: DateTime<Utc>,
    /// Whether the policy has rules by which something is deleted.
    cleans_up: bool,
    /// Whether releases may be promoted.
    promotes: bool,
}

/// Checks one registry.
fn examine(
    registry: &RegistrySettings,
    capabilities: Capabilities,
    found: &Diagnosis,
    context: DoctorContext,
) -> RegistryChecks {
    let case = RegistryCase { registry, capabilities, found, context };
    let mut checks = access::reached(&case);
    checks.extend(access::authenticated(&case));
    checks.extend(rights::token_kind(&case));
    checks.extend(access::usable(&case));
    checks.push(access::push(&case));
    checks.push(rights::delete(&case));
    checks.extend(rights::registries(&case));
    checks.extend(limits::budget(&case));
    checks.push(limits::clock(&case));
    RegistryChecks { kind: registry.kind, host: registry.host(), checks }
}

/// A registry with what was found out about it.
struct RegistryCase<'a> {
    registry: &'a RegistrySettings,
    capabilities: Capabilities,
    found: &'a Diagnosis,
    context: DoctorContext,
}

impl RegistryCase<'_> {
    /// These commands, and `gc` where the registry collects garbage on demand.
    fn and_gc(&self, commands: &[&'static str]) -> Vec<&'static str> {
        let gc = self.capabilities.collects_garbage.then_some("gc");
        commands.iter().copied().chain(gc).collect()
    }

    /// The hint how to provide a token.
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
/// The commands that need a listing, and the management API where there is one.
const LISTING: [&str; 3] = ["rollback-target", "list", "cleanup"];

#[cfg(test)]
mod tests;
