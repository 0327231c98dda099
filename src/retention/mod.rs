//! What may go and what stays: one pure decision over contents, policy and a given now.
//!
//! The way through: `graph` joins manifests by what they refer to, `role` says what each tag is and
//! asks `releases` which tags are one release, `protect` and `rule` say what is kept for a cause of its own, `engine` closes over
//! all of it, and `plan` names the result. Nothing is deleted here; `approve` makes the only value
//! from which `apply` deletes.

mod age;
mod agree;
mod approve;
mod assemble;
mod batch;
mod cause;
mod engine;
mod explain;
mod floor;
mod graph;
pub mod in_use;
mod keep_set;
mod plan;
pub mod plan_file;
mod protect;
mod reason;
mod role;
mod rule;
mod sentence;
mod ties;
mod unlisted;
mod untagged;
mod warning;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::model::{Contents, Digest, EnvironmentName, FirstSeen, GitHistory};
use crate::policy::Policy;

pub use agree::{Agreement, WithheldEntry, agree};
pub use approve::{ApprovedPlan, Refusal, RefusedPlan, approve, refuse_also};
pub use batch::batch;
pub use explain::{Edge, Explained, Explanation, Neighbour, Subject, explain, matching_releases};
pub use in_use::{
    ImagesById, InUse, InUseError, InUseFound, InUseReference, UnqualifiedContent,
    UnqualifiedReference,
};
pub use plan::{Decision, EntryTotals, EnvironmentSummary, Plan, PlanEntry, RepositoryCoverage};
pub use plan_file::{PlanFile, PlanFileError, PlanOutcome};
pub use reason::{DeleteCode, KeepCode, Reason, ReasonCode, RuleName};
pub use ties::Ties;

/// What a plan is made from.
#[derive(Clone, Copy)]
pub struct RetentionInput<'a> {
    /// Everything that was read.
    pub contents: &'a Contents,
    /// The policy.
    pub policy: &'a Policy,
    /// The digest of the policy file's bytes.
    pub policy_digest: &'a Digest,
    /// What runs, where that was told.
    pub in_use: &'a [InUseReference],
    /// The checkout's history for each environment, where there is one.
    pub git: &'a BTreeMap<EnvironmentName, GitHistory>,
    /// When this machine saw manifests first; `min-age` counts from there where the registry
    /// tells no push times.
    pub first_seen: &'a FirstSeen,
    /// The time that counts as now.
    pub now: DateTime<Utc>,
}

/// Decides over every manifest.
#[must_use]
pub fn plan(input: &RetentionInput<'_>) -> Plan {
    decided(input, |protection, decided| {
        assemble::assemble(protection, decided, input.policy_digest.clone())
    })
}

/// What belongs together of the plan that is made from the same.
#[must_use]
pub fn ties(input: &RetentionInput<'_>) -> Ties {
    decided(input, Ties::new)
}

/// What a plan would come to, without the plan: counting a million manifests takes a part of what
/// naming each of them does.
#[must_use]
pub fn totals(input: &RetentionInput<'_>) -> EntryTotals {
    decided(input, assemble::totals)
}

/// Decides, and hands the decision on with all that it was made from.
fn decided<T>(
    input: &RetentionInput<'_>,
    then: impl FnOnce(&protect::Protection<'_>, &engine::Decisions<'_>) -> T,
) -> T {
    let RetentionInput { contents, policy, in_use, git, first_seen, now, .. } = *input;
    let contents = contents.in_order();
    let graph = graph::Graph::new(&contents.repositories);
    let roles = role::Roles::new(role::RoleInput { graph: &graph, policy, git, now });
    let (graph, roles) = (&graph, &roles);
    let input = protect::ProtectInput { graph, roles, policy, in_use, first_seen, now };
    let protection = protect::Protection::new(input);
    let decided = engine::decide(&protection);
    then(&protection, &decided)
}
