//! What the runs of a pipeline show: which releases they deployed, and how well they went.

mod candidate;
mod deployed;
pub mod record;
mod records;

pub use candidate::{is_candidate, named_sha, unfinished_run};
pub use deployed::{
    AttemptRead, DeploymentSearch, ListedRelease, RecordedDeployment, SearchStep, WorkflowPage,
};
pub use records::{ClaimedRecord, Records, ToWrite, github_environment};
