//! What the runs of a pipeline show: which releases they deployed, and how well they went.

pub mod evidence;
pub mod record;

mod candidate;
mod deployed;
mod digest_finding;
mod image_finding;
mod image_name;
mod judge;
mod judged_run;
mod log;
mod rates;
mod records;
mod run_finding;
mod seen_image;
mod stage;
mod stage_finding;

pub use candidate::{is_candidate, named_sha, unfinished_run};
pub use deployed::{
    AttemptRead, DeploymentSearch, LIFE_OF_A_RUN, ListedRelease, RecordedDeployment, SearchStep,
    WorkflowPage,
};
pub use judge::{RunScope, RunsInput, RunsVerdict, judge_runs};
pub use judged_run::{JobEvidence, JudgedRun};
pub use log::{JobLog, JobRole, LogRead, RunLogs, logged_jobs, newest_deployed};
pub use rates::{FEW, Rates, Split, percent};
pub use records::{ClaimedRecord, Records, ToWrite, github_environment};
pub use run_finding::{RunCode, RunFinding};
pub use stage::{Attempt, Stage};
