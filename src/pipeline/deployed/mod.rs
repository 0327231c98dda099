//! What was deployed to an environment, by its runs, their jobs, and the records of its releases.
//!
//! A run that was started long ago may deploy last, so deployments are ordered by the ends of their
//! jobs, and runs are examined by when anything in them changed last.

mod attempt;
mod record;
mod search;

pub use attempt::AttemptRead;
pub use record::RecordedDeployment;
pub use search::{DeploymentSearch, LIFE_OF_A_RUN, ListedRelease, SearchStep, WorkflowPage};
