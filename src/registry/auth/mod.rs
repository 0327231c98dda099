//! Registry authentication: answers a challenge with a token, renews it once after a 401.
//!
//! <https://distribution.github.io/distribution/spec/auth/token/>. One authenticator serves one
//! registry; it requests the challenge once, and each token once for all waiting requests, and a
//! new token when a request is answered with 401.

mod authenticator;
mod challenge;
mod flight;
mod scope;
#[cfg(test)]
mod tests;
mod token;

pub(crate) use authenticator::{Authenticator, Authorization};
pub(crate) use flight::SingleFlight;
pub(crate) use scope::{Actions, Scope};
