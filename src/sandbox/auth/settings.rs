//! What credentials an embedded registry asks for.

use std::fmt;
use std::time::Duration;

/// The credentials that a client must send.
#[derive(Clone, PartialEq, Eq)]
pub enum Auth {
    /// Nothing.
    None,
    /// User and password with every request.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: String,
    },
    /// A bearer token of limited scope, which `/token` gives for user and password.
    ///
    /// <https://distribution.github.io/distribution/spec/auth/token/>
    Token {
        /// The user; if empty, any.
        user: String,
        /// The password.
        password: String,
        /// How long a token is valid. Without it the answer names no time, and a token is valid for
        /// the 60 seconds that clients must then assume.
        expires_in: Option<Duration>,
        /// Whether anyone gets a token to pull.
        anonymous_pull: bool,
    },
}

impl fmt::Debug for Auth {
    /// Leaves the password out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Basic { user, .. } => {
                f.debug_struct("Basic").field("user", user).finish_non_exhaustive()
            }
            Self::Token { user, expires_in, anonymous_pull, .. } => f
                .debug_struct("Token")
                .field("user", user)
                .field("expires_in", expires_in)
                .field("anonymous_pull", anonymous_pull)
                .finish_non_exhaustive(),
        }
    }
}
