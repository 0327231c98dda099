//! Credentials, and the function by which the caller provides them.
//!
//! A secret cannot be printed or compared by accident. Where it was found can be printed.

use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;

use crate::policy::RegistrySettings;

/// A credential for one registry.
#[derive(Clone)]
pub struct Credential {
    /// The secret itself.
    pub secret: CredentialSecret,
    /// Where it was found.
    pub origin: CredentialOrigin,
}

/// Where a credential was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialOrigin {
    /// An environment variable that the policy names, or the default of the registry's kind. It is a token
    /// for the management API too.
    Variable(String),
    /// Docker's config or a credential helper. It is for the registry only.
    Docker,
}

impl fmt::Display for CredentialOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "${name}"),
            Self::Docker => f.write_str("the Docker config"),
        }
    }
}

/// The two forms of credentials.
#[derive(Clone)]
pub enum CredentialSecret {
    /// A user name with a password or token.
    Basic {
        /// The user name.
        username: String,
        /// The password or token.
        password: SecretString,
    },
    /// A refresh token of a token server (`identitytoken` in Docker's config).
    Identity(SecretString),
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential from {}", self.origin)
    }
}

/// Credentials exist but could not be read: a helper failed, or a config is invalid.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct CredentialError {
    /// What failed; never the output of a helper, which may contain the secret.
    pub message: String,
    /// What to try next.
    pub hint: String,
}

/// Finds the credential for a registry; none means anonymous access. It is called at most once for
/// each registry, only when one is needed, and on a thread where it may block.
pub type Keychain =
    Arc<dyn Fn(&RegistrySettings) -> Result<Option<Credential>, CredentialError> + Send + Sync>;

/// A keychain without credentials: anonymous access everywhere.
#[must_use]
pub fn anonymous() -> Keychain {
    Arc::new(|_| Ok(None))
}
