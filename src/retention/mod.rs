//! What may go and what stays: one pure decision over contents, policy and a given now.
//!
//! The way through: `graph` joins manifests by what they refer to, `release` groups SHA tags into
//! releases, `protect` and `rule` say what is kept for a cause of its own, `engine` closes over
//! all of it, and `plan` names the result. Nothing is deleted here; `approve` makes the only value
//! from which `apply` deletes.

mod approve;
pub mod in_use;
mod plan;
pub mod plan_file;
mod reason;

pub use approve::{ApprovedPlan, Refusal, approve};
pub use in_use::{InUse, InUseError, InUseReference};
pub use plan::{Decision, EntryTotals, Outlook, Plan, PlanEntry, RepositoryCoverage};
pub use plan_file::{PlanFile, PlanFileError, PlanOutcome};
pub use reason::{DeleteCode, KeepCode, Reason, ReasonCode, RuleName};
