//! Why a push was refused, as far as somebody who puts a manifest back acts on it.

use oci_distribution::errors::{OciDistributionError, OciErrorCode};

use super::PushError;
use crate::registry::ErrorKind;

/// The kind of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushRefusal {
    /// The manifest refers to content that the registry does not have.
    ContentMissing,
    /// A right is missing, or no credentials are known.
    Rights,
    /// Anything else.
    Other,
}

impl PushError {
    /// The kind of refusal.
    #[must_use]
    pub fn refusal(&self) -> PushRefusal {
        match self {
            Self::Access(error) if error.kind() == ErrorKind::Credentials => PushRefusal::Rights,
            Self::Refused { source, .. } => of_client(source),
            Self::Access(_) | Self::MediaType { .. } => PushRefusal::Other,
        }
    }
}

fn of_client(error: &OciDistributionError) -> PushRefusal {
    match error {
        OciDistributionError::AuthenticationFailure(_)
        | OciDistributionError::UnauthorizedError { .. }
        | OciDistributionError::ServerError { code: 401 | 403 | 405, .. } => PushRefusal::Rights,
        OciDistributionError::RegistryError { envelope, .. } => {
            let has = |wanted: &[OciErrorCode]| {
                envelope.errors.iter().any(|error| wanted.contains(&error.code))
            };
            if has(&[
                OciErrorCode::ManifestBlobUnknown,
                OciErrorCode::BlobUnknown,
                OciErrorCode::ManifestUnknown,
            ]) {
                PushRefusal::ContentMissing
            } else if has(&[
                OciErrorCode::Denied,
                OciErrorCode::Unauthorized,
                OciErrorCode::Unsupported,
            ]) {
                PushRefusal::Rights
            } else {
                PushRefusal::Other
            }
        }
        _ => PushRefusal::Other,
    }
}
