//! A token that was found in an environment variable, and the header that it is sent in.

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::client::Http;
use super::error::{ErrorKind, RequestError};
use super::trust::CredentialSource;

/// A token for an API, and the environment variable that it was found in.
#[derive(Clone)]
pub struct VariableToken {
    /// The name of the variable.
    pub variable: String,
    /// The token.
    pub secret: SecretString,
}

impl VariableToken {
    /// Where it was found, for messages.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("${}", self.variable)
    }

    /// The header for requests to a URL.
    ///
    /// # Errors
    /// [`RequestError`] when the token may not be sent there, or cannot be sent at all.
    pub(crate) fn header(&self, http: &Http, url: &Url) -> Result<HeaderValue, RequestError> {
        http.secrets().add(self.secret.expose_secret());
        let source = CredentialSource { variables: vec![&self.variable], origin: self.origin() };
        http.trust().check(&source, url)?;
        sensitive(&format!("Bearer {}", self.secret.expose_secret()))
    }
}

/// The value of an `Authorization` header, marked as sensitive.
///
/// # Errors
/// [`RequestError`] when the text has characters that a header cannot have.
pub(crate) fn sensitive(text: &str) -> Result<HeaderValue, RequestError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        let message = "a credential has characters that cannot be sent";
        RequestError::new(ErrorKind::Credentials, message)
            .with_hint("look for a line break at the end of the token")
    })?;
    value.set_sensitive(true);
    Ok(value)
}
