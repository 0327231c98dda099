//! Why a copy failed. The exit code depends on the kind of failure.

use crate::registry::{ErrorKind, PushError, PushRefusal, RequestError, TransferError};

/// The kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CopyCause {
    /// A right is missing: 401 or 403.
    Rights,
    /// The target has something else there, or the registry refuses to change it: 409 or 412.
    Conflict,
    /// The source is damaged, or cannot be copied.
    Source,
    /// Anything else.
    Registry,
    /// Somebody asked to stop.
    Interrupted,
}

/// A failed copy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CopyFailure {
    /// The kind of failure.
    pub cause: CopyCause,
    /// What failed, with its target.
    pub message: String,
}

impl CopyFailure {
    pub(super) fn new(cause: CopyCause, message: impl Into<String>) -> Self {
        Self { cause, message: message.into() }
    }

    pub(super) fn interrupted() -> Self {
        Self::new(
            CopyCause::Interrupted,
            "interrupted; what was copied stays, and the next run continues from there",
        )
    }

    /// A failed read of the source.
    pub(super) fn of_source(error: &RequestError) -> Self {
        let failure = Self::from(error);
        match error.kind() {
            ErrorKind::BadAnswer | ErrorKind::NotFound => {
                Self { cause: CopyCause::Source, ..failure }
            }
            _ => failure,
        }
    }
}

impl From<&RequestError> for CopyFailure {
    fn from(error: &RequestError) -> Self {
        let unread = error.to_unread();
        let message = match unread.hint {
            Some(hint) => format!("{} ({hint})", unread.message),
            None => unread.message,
        };
        let rights = error.kind() == ErrorKind::Credentials;
        Self::new(if rights { CopyCause::Rights } else { CopyCause::Registry }, message)
    }
}

impl From<RequestError> for CopyFailure {
    fn from(error: RequestError) -> Self {
        Self::from(&error)
    }
}

impl From<PushError> for CopyFailure {
    fn from(error: PushError) -> Self {
        let cause = match (error.refusal(), error.status()) {
            (_, Some(409 | 412)) => CopyCause::Conflict,
            (PushRefusal::Rights, _) => CopyCause::Rights,
            _ => CopyCause::Registry,
        };
        match error {
            PushError::Request(error) => Self { cause, ..Self::from(&error) },
            other => Self::new(cause, other.explanation()),
        }
    }
}

impl From<TransferError> for CopyFailure {
    fn from(error: TransferError) -> Self {
        match error {
            TransferError::Source { source, .. } => Self::of_source(&source),
            TransferError::Target(error) => error.into(),
        }
    }
}
