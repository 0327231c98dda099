//! The tokens that an embedded registry has given out: opaque, bound to scopes, and short-lived.
//!
//! `endpoint` decides who gets which token.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::scope::Scope;
use crate::model::Digest;

/// How long a token is valid if the answer names no time.
///
/// <https://distribution.github.io/distribution/spec/auth/token/#token-response-fields>
pub(super) const DEFAULT_LIFE: Duration = Duration::from_mins(1);

/// Whether a token authorizes a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenCheck {
    /// Sufficient for the request.
    Sufficient,
    /// It is valid, but for other scopes.
    WrongScope,
    /// It expired, or was never issued.
    Invalid,
}

#[derive(Debug)]
struct Grant {
    scopes: Vec<Scope>,
    ends: Instant,
}

#[derive(Debug, Default)]
struct Issued {
    access: BTreeMap<String, Grant>,
    refresh: Vec<String>,
}

/// All tokens of one registry.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    issued: Mutex<Issued>,
    counter: AtomicU64,
    seed: RandomState,
}

impl Tokens {
    /// A new token for some scopes.
    pub(super) fn issue(&self, scopes: Vec<Scope>, life: Duration) -> String {
        let token = self.unguessable();
        let now = Instant::now();
        let mut issued = self.lock();
        issued.access.retain(|_, grant| grant.ends > now);
        issued.access.insert(token.clone(), Grant { scopes, ends: now + life });
        token
    }

    /// A new refresh token; it never expires.
    pub(super) fn issue_refresh(&self) -> String {
        let token = self.unguessable();
        self.lock().refresh.push(token.clone());
        token
    }

    /// Whether this refresh token was issued here.
    pub(super) fn knows_refresh(&self, token: &str) -> bool {
        self.lock().refresh.iter().any(|known| known == token)
    }

    /// Whether a token authorizes a request that needs all these scopes.
    pub(super) fn check(&self, token: &str, needed: &[Scope]) -> TokenCheck {
        let issued = self.lock();
        match issued.access.get(token).filter(|grant| grant.ends > Instant::now()) {
            None => TokenCheck::Invalid,
            Some(grant) => {
                let granted = |need: &Scope| grant.scopes.iter().any(|scope| scope.covers(need));
                if needed.iter().all(granted) {
                    TokenCheck::Sufficient
                } else {
                    TokenCheck::WrongScope
                }
            }
        }
    }

    /// Expires all access tokens; refresh tokens stay valid.
    pub(crate) fn expire_all(&self) {
        self.lock().access.clear();
    }

    fn unguessable(&self) -> String {
        let count = self.counter.fetch_add(1, Ordering::Relaxed);
        let seed = self.seed.hash_one(count);
        Digest::of(format!("{seed:016x}-{count}").as_bytes()).encoded()
    }

    fn lock(&self) -> MutexGuard<'_, Issued> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
