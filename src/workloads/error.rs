//! Why the images that run are not known.

use super::program::ProgramError;
use crate::http::{ErrorKind, RequestError};

/// Why a source did not tell which images run.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AskError {
    /// A program gave no answer.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The API server gave no answer.
    #[error("{}", .0.to_unread().message)]
    Request(#[from] RequestError),
    /// The API server refused.
    #[error("the API server answered {status} to {path}{said}")]
    Refused {
        /// What was asked for.
        path: String,
        /// The HTTP status.
        status: u16,
        /// What it said, after a colon.
        said: String,
    },
    /// The answer is something else, or not all of it.
    #[error("{asked} did not answer with {expected}: {why}")]
    NotAnAnswer {
        /// What was asked.
        asked: String,
        /// What should have come.
        expected: String,
        /// What came instead.
        why: String,
    },
}

impl AskError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Request(error) => return error.hint().map(str::to_owned),
            Self::Program(ProgramError::NotFound(program)) => {
                return Some(format!(
                    "install `{program}`, or give --in-use a list that was made elsewhere"
                ));
            }
            Self::Program(ProgramError::Failed { said, .. }) if said.contains("(Forbidden)") => {
                RIGHTS
            }
            Self::Refused { status: 401 | 403, .. } => RIGHTS,
            Self::Program(ProgramError::NoAnswer { .. }) => {
                "run the same command by hand to see what it waits for; --timeout says how long one request may take"
            }
            Self::Program(_) => "run the same command by hand to see what is wrong",
            Self::Refused { .. } | Self::NotAnAnswer { .. } => return None,
        };
        Some(hint.to_owned())
    }

    /// Whether a credential would have gone to a host that may not have it.
    #[must_use]
    pub fn is_untrusted(&self) -> bool {
        matches!(self, Self::Request(error) if error.kind() == ErrorKind::Credentials)
    }
}

const RIGHTS: &str = "the account needs the right to `list` these in all namespaces; examples/kubernetes/base/access.yaml has a ClusterRole with it";
