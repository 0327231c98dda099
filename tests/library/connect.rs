//! The library connected to the registries of a policy, with credentials that a test knows.

use std::future::ready;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use tags::http::TransportSettings;
use tags::policy::{Policy, RegistrySettings};
use tags::registry::{
    ConnectSettings, Connections, ContentCache, Credential, CredentialError, CredentialOrigin,
    CredentialSecret, Keychain,
};

/// The time in scenes whose registries have a clock.
pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().expect("a date")
}

/// A keychain that a function is.
pub(crate) struct Keys<F>(pub(crate) F);

impl<F: Fn(&RegistrySettings) -> Option<Credential> + Send + Sync> Keychain for Keys<F> {
    fn credential_find<'a>(
        &'a self,
        registry: &'a RegistrySettings,
    ) -> BoxFuture<'a, Result<Option<Credential>, CredentialError>> {
        Box::pin(ready(Ok((self.0)(registry))))
    }
}

/// A password, as from a variable.
pub(crate) fn basic(user: &str, password: &str) -> Credential {
    let secret =
        CredentialSecret::Basic { username: user.to_owned(), password: password.to_owned().into() };
    Credential { secret, origin: CredentialOrigin::Variable("TOKEN".to_owned()) }
}

/// What connects with this keychain, and keeps content in memory.
pub(crate) fn settings(keychain: Arc<dyn Keychain>) -> ConnectSettings {
    let transport = TransportSettings::default();
    ConnectSettings { transport, keychain, cache: ContentCache::in_memory() }
}

pub(crate) fn connect(
    policy: &Policy,
    keys: impl Fn(&RegistrySettings) -> Option<Credential> + Send + Sync + 'static,
) -> Connections {
    Connections::new(policy, settings(Arc::new(Keys(keys))))
}
