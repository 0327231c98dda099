//! What credentials an embedded registry asks for.

use std::fmt;
use std::time::Duration;

/// What a client must show before it is answered. Credentials are compared as given.
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
    /// A bearer token of limited scope, to be had at `/token` for user and password.
    ///
    /// <https://distribution.github.io/distribution/spec/auth/token/>
    Token {
        /// The user; if empty, any.
        user: String,
        /// The password.
        password: String,
        /// How long a token lives. Without it the answer names no time and a token lives for the
        /// 60 seconds that clients must then assume.
        expires_in: Option<Duration>,
        /// Whether a token to pull is given to anyone.
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
