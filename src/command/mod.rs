//! Every command as a function: takes a request of plain values, returns a report. All retries and
//! checks are inside. One command a file.
//!
//! The caller provides the policy's text, credentials, a clock and a listener ([`Session`]). Nothing
//! here reads the command line, the environment or the system's clock, and nothing prints.

pub mod apply;
pub mod cleanup;
pub mod explain;
pub mod gc;
pub mod init;
pub mod lint;
pub mod list;
pub mod promote;
pub mod repair;
pub mod rollback;
pub mod rollback_target;
pub mod runs;
pub mod undo;
pub mod verify;

mod approved;
mod check;
mod deployed;
mod doctor;
mod error;
mod explain_target;
mod first_seen;
mod git;
mod git_refusal;
mod history;
mod images;
mod in_use;
mod journals;
mod moves;
mod planning;
mod records;
mod release_sha;
mod rollback_search;
mod running;
mod session;
mod state;

pub use approved::{ApplySettings, Approved, Ended, Planned};
pub use check::check;
pub use doctor::doctor;
pub use error::CommandError;
pub use explain::explain;
pub use gc::gc;
pub use git::{GitLog, GitLogs};
pub use git_refusal::GitRefusal;
pub use in_use::{EmptyList, InUseList};
pub use lint::lint;
pub use list::list;
pub use moves::{ApprovedMove, EndedMove, MovePurpose, PlannedMove};
pub use records::{AppendedLine, NoRecordFiles, RecordFiles, Written};
pub use rollback_search::RollbackSearch;
pub use rollback_target::rollback_target;
pub use runs::runs;
pub use session::{Clock, Listener, Message, PolicyFile, Session, SessionSettings};
pub use state::{NoState, State};
pub use undo::undo;
pub use verify::verify;

// What "previous" means for an environment.
pub use crate::model::ReleaseOrder;
// Ends an apply or an undo early.
pub use crate::change::Stop;
// How much of a release is checked, and the receiver of progress.
pub use crate::collect::{Depth, Progress};
// Provides credentials, and decides which hosts may get them.
pub use crate::http::{Trust, TrustSettings, VariableToken};
// What can be asked for the images that run, and the programs that it takes.
pub use crate::registry::{
    Credential, CredentialError, CredentialOrigin, CredentialSecret, Keychain,
};
pub use crate::workloads::{
    AskError, Cluster, DockerHost, ProgramCall, ProgramError, Programs, ServiceAccount,
    ServiceAccountSettings, Source, SshHost,
};
