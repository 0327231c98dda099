//! The library connected to the registries of a policy, with credentials that a test knows.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tags::http::TransportSettings;
use tags::policy::{Policy, RegistrySettings};
use tags::registry::{
    ConnectSettings, Connections, ContentCache, Credential, CredentialOrigin, CredentialSecret,
    Keychain,
};

/// The time in scenes whose registries have a clock.
pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().expect("a date")
}

/// A password, as from a variable.
pub(crate) fn basic(user: &str, password: &str) -> Credential {
    let secret =
        CredentialSecret::Basic { username: user.to_owned(), password: password.to_owned().into() };
    Credential { secret, origin: CredentialOrigin::Variable("TOKEN".to_owned()) }
}

/// What connects with this keychain, and keeps content in memory.
pub(crate) fn settings(keychain: Keychain) -> ConnectSettings {
    let transport = TransportSettings::default();
    ConnectSettings { transport, keychain, cache: ContentCache::in_memory() }
}

pub(crate) fn connect(
    policy: &Policy,
    keys: impl Fn(&RegistrySettings) -> Option<Credential> + Send + Sync + 'static,
) -> Connections {
    Connections::new(policy, settings(Arc::new(move |registry| Ok(keys(registry)))))
}
