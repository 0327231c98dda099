//! Why a push was refused, as far as somebody who puts a manifest back acts on it.

use oci_distribution::errors::{OciDistributionError, OciEnvelope, OciErrorCode};

use super::PushError;
use crate::registry::ErrorKind;

/// How much of a registry's words is shown.
const SHOWN: usize = 300;

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

    /// The refusal in words, with those of the registry.
    #[must_use]
    pub fn explanation(&self) -> String {
        match self {
            Self::Access(error) => error.to_unread().message,
            Self::MediaType { source, .. } => format!("{self}: {source}"),
            Self::Refused { source, .. } => {
                let words = said(source).and_then(|envelope| {
                    envelope.errors.into_iter().map(|error| error.message).find(|m| !m.is_empty())
                });
                let words: String =
                    words.unwrap_or_else(|| source.to_string()).chars().take(SHOWN).collect();
                format!("{self}: {words}")
            }
        }
    }
}

fn of_client(error: &OciDistributionError) -> PushRefusal {
    let envelope = said(error);
    let has = |wanted: &[OciErrorCode]| {
        envelope.iter().flat_map(|e| &e.errors).any(|error| wanted.contains(&error.code))
    };
    let missing = [
        OciErrorCode::ManifestBlobUnknown,
        OciErrorCode::BlobUnknown,
        OciErrorCode::ManifestUnknown,
    ];
    let rights = [OciErrorCode::Denied, OciErrorCode::Unauthorized, OciErrorCode::Unsupported];
    match error {
        _ if has(&missing) => PushRefusal::ContentMissing,
        OciDistributionError::AuthenticationFailure(_)
        | OciDistributionError::UnauthorizedError { .. }
        | OciDistributionError::ServerError { code: 401 | 403 | 405, .. } => PushRefusal::Rights,
        _ if has(&rights) => PushRefusal::Rights,
        _ => PushRefusal::Other,
    }
}

/// What the registry said; the client reads it for some requests only.
fn said(error: &OciDistributionError) -> Option<OciEnvelope> {
    match error {
        OciDistributionError::RegistryError { envelope, .. } => {
            serde_json::to_string(envelope).and_then(|text| serde_json::from_str(&text)).ok()
        }
        OciDistributionError::ServerError { message, .. } => serde_json::from_str(message).ok(),
        _ => None,
    }
}
