//! Which manifests are deleted and which are kept: a pure function of contents, policy and time.
//!
//! The steps: `graph` connects manifests by their references; `roles` classifies each tag, and asks
//! `releases` which tags belong to one release; `protect` and `rule` find the manifests with a direct
//! reason to be kept; `keep_set` adds everything that has to be kept with them; `engine` decides about the
//! rest; `plan` holds the result. Nothing is deleted here: `approve` makes the [`ApprovedPlan`], and
//! `change::delete` accepts nothing else.

mod age;
mod agree;
mod approve;
mod batch;
mod deletion_groups;
mod engine;
mod explain;
mod floor;
mod graph;
pub mod in_use;
mod keep_set;
mod parts;
mod plan;
pub mod plan_file;
mod protect;
mod reason;
mod recorded;
mod release_age;
mod role;
mod roles;
mod rule;
mod rule_label;
mod sentence;
mod storage;
mod tag_reading;
mod untagged;
mod warning;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::model::{
    Contents, Deployments, Digest, EnvironmentName, FirstSeen, GitHistory, ReleaseRecord,
};
use crate::policy::Policy;

pub use agree::{Agreement, WithheldEntry, agree};
pub use approve::{ApprovedPlan, Refusal, RefusedPlan, approve, refuse_also};
pub use batch::batch;
pub use deletion_groups::DeletionGroups;
pub use explain::{Edge, Explained, Explanation, Neighbour, Subject, explain, matching_releases};
pub use in_use::{
    ImagesById, InUse, InUseError, InUseFound, InUseReference, UnqualifiedContent,
    UnqualifiedReference,
};
pub use plan::{Decision, EntryTotals, EnvironmentSummary, Plan, PlanEntry, RepositoryCoverage};
pub use plan_file::{PlanFile, PlanFileError, PlanOutcome};
pub use reason::{DeleteCode, KeepCode, Reason, ReasonCode, RuleName};
pub use rule_label::RuleLabels;
pub use storage::count_content_once;

/// The input of a plan.
#[derive(Clone, Copy)]
pub struct RetentionInput<'a> {
    /// Everything that was read.
    pub contents: &'a Contents,
    /// The policy.
    pub policy: &'a Policy,
    /// The digest of the policy file's bytes.
    pub policy_digest: &'a Digest,
    /// What is in use, if the user gave a list of it.
    pub in_use: &'a [InUseReference],
    /// The checkout's history for each environment, where there is one.
    pub git: &'a BTreeMap<EnvironmentName, GitHistory>,
    /// What was deployed to each environment whose order is `deployed`.
    pub deployments: &'a BTreeMap<EnvironmentName, Deployments>,
    /// When this machine first saw each manifest; `min-age` counts from then where the registry
    /// reports no push times.
    pub first_seen: &'a FirstSeen,
    /// The records of releases of all environments.
    pub records: &'a [ReleaseRecord],
    /// The current time.
    pub now: DateTime<Utc>,
}

/// Decides for every manifest whether it is kept, untagged or deleted.
///
/// The result is a proposal by rules alone. The caller must have read every repository that the policy
/// names (one that could not be read has to be in the contents, with its coverage), and must list what
/// is running in `in_use`. Before anything is deleted, [`approve()`] has to accept the plan, and clock
/// warnings have to be added with [`refuse_also`]; [`crate::command`] does all of it.
#[must_use]
pub fn plan(input: &RetentionInput<'_>) -> Plan {
    with_decisions(input, |protection, decided| {
        plan::assemble(protection, decided, input.policy_digest.clone())
    })
}

/// Which deletions of the plan made from this input belong together, so that [`batch`] and [`agree`]
/// can leave out some and keep the rest of the plan valid.
#[must_use]
pub fn deletion_groups(input: &RetentionInput<'_>) -> DeletionGroups {
    with_decisions(input, DeletionGroups::new)
}

/// The totals that the plan made from this input would have, without building its entries: for a
/// million manifests that is much faster.
#[must_use]
pub fn totals(input: &RetentionInput<'_>) -> EntryTotals {
    with_decisions(input, plan::totals)
}

/// Makes the decisions, and calls `then` with them and their input.
fn with_decisions<T>(
    input: &RetentionInput<'_>,
    then: impl FnOnce(&protect::Protection<'_>, &engine::Decisions<'_>) -> T,
) -> T {
    let RetentionInput { contents, policy, in_use, git, deployments, first_seen, .. } = *input;
    let (records, now) = (input.records, input.now);
    let contents = contents.in_order();
    let graph = graph::Graph::new(&contents.repositories);
    let roles = roles::Roles::new(role::RoleInput { graph: &graph, policy, git, deployments, now });
    let (graph, roles) = (&graph, &roles);
    let input = protect::ProtectInput { graph, roles, policy, in_use, first_seen, records, now };
    let protection = protect::Protection::new(input);
    let decided = engine::decide(&protection);
    then(&protection, &decided)
}
