//! Every command as a call: a request of plain values in, a report out, with every loop and every
//! proof inside. One command a file.
//!
//! The caller provides what the outside world is made of: the policy's text, credentials, a clock,
//! and a listener ([`Session`]). Nothing here reads the command line, the environment or the
//! system's clock, and nothing prints.

pub mod apply;
pub mod cleanup;
pub mod explain;
pub mod gc;
pub mod lint;
pub mod list;
pub mod rollback_target;
pub mod undo;
pub mod verify;

mod approved;
mod doctor;
mod error;
mod explain_target;
mod first_seen;
mod git;
mod history;
mod in_use;
mod journals;
mod planning;
mod release_sha;
mod rollback_search;
mod running;
mod session;
mod state;

pub use approved::{ApplySettings, Approved, Ended, Planned};
pub use doctor::doctor;
pub use error::CommandError;
pub use explain::explain;
pub use gc::gc;
pub use git::{GitLog, GitLogs, GitRefusal};
pub use in_use::{EmptyList, InUseList};
pub use lint::lint;
pub use list::list;
pub use rollback_search::RollbackSearch;
pub use rollback_target::rollback_target;
pub use session::{Clock, Listener, Message, PolicyFile, Session, SessionSettings};
pub use state::{NoState, State};
pub use undo::undo;
pub use verify::verify;

// What a caller asks to end an apply or an undo early.
pub use crate::change::Stop;
// How far a look goes, and who is told how far a command is.
pub use crate::collect::{Depth, Progress};
// What a caller needs to provide credentials and to say which hosts may get them.
pub use crate::registry::{
    Credential, CredentialError, CredentialOrigin, CredentialSecret, Keychain, Trust, TrustSettings,
};
