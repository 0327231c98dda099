//! The authenticator of one registry: the credentials for each request, and their renewal after a 401.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::header::HeaderValue;
use secrecy::ExposeSecret as _;
use url::Url;

use super::super::credential::{
    Credential, CredentialError, CredentialOrigin, CredentialSecret, Keychain,
};
use super::challenge::{self, Challenge, Origin};
use super::flight::SingleFlight;
use super::token::{self, Token, TokenRequest};
use super::{Actions, Scope};
use crate::http::{
    Call, CredentialSource, ErrorKind, Http, Reply, RequestError, authority, sensitive,
};
use crate::model::{CredentialFact, TokenKind, is_loopback};
use crate::policy::RegistrySettings;

type TokenCell = Arc<SingleFlight<Token>>;

/// Credentials and tokens of one registry.
pub(crate) struct Authenticator {
    http: Arc<Http>,
    registry: Arc<RegistrySettings>,
    keychain: Keychain,
    /// The challenge that is met: the last one that the registry sent, or the one that it is known for.
    challenge: SingleFlight<Challenge>,
    /// The challenge that the registry was asked for.
    asked: SingleFlight<Challenge>,
    pub(super) known: Option<Challenge>,
    credential: SingleFlight<Option<Arc<Credential>>>,
    tokens: Mutex<HashMap<Scope, TokenCell>>,
    /// The actions that the registry's challenges name for deletions.
    deletion_actions: Mutex<HashMap<Scope, Vec<String>>>,
}

/// The authorization that a request is sent with.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Authorization {
    /// No credentials.
    Anonymous,
    /// A header.
    Header(HeaderValue),
}

impl Authorization {
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        match self {
            Self::Anonymous => None,
            Self::Header(value) => Some(value.clone()),
        }
    }
}

impl Authenticator {
    pub(crate) fn new(
        http: Arc<Http>,
        registry: Arc<RegistrySettings>,
        keychain: Keychain,
    ) -> Self {
        Self {
            known: challenge::known(&registry.url),
            http,
            registry,
            keychain,
            challenge: SingleFlight::default(),
            asked: SingleFlight::default(),
            credential: SingleFlight::default(),
            tokens: Mutex::default(),
            deletion_actions: Mutex::default(),
        }
    }

    /// The authorization of a request for this scope. The first call reads the registry's challenge if it
    /// is not known, which also opens the connection that later requests share.
    ///
    /// # Errors
    /// [`RequestError`] when the registry, its token server or the keychain fails.
    pub(crate) fn access<'a>(
        &'a self,
        scope: &'a Scope,
    ) -> BoxFuture<'a, Result<Authorization, RequestError>> {
        // Boxed, else the compiler writes all of this again for each caller.
        async move {
            self.check_trust().await?;
            let challenge = self.challenge().await?;
            match self.meet(&challenge, scope).await {
                // Perhaps the registry has changed what it asks for.
                Err(error) if self.known.as_ref() == Some(&challenge) && is_refusal(&error) => {
                    let asked = self.asked().await?;
                    self.challenge.set(asked.clone()).await;
                    if asked == challenge { Err(error) } else { self.meet(&asked, scope).await }
                }
                authorization => authorization,
            }
        }
        .boxed()
    }

    async fn meet(
        &self,
        challenge: &Challenge,
        scope: &Scope,
    ) -> Result<Authorization, RequestError> {
        match challenge {
            Challenge::None => Ok(Authorization::Anonymous),
            Challenge::Basic => match self.basic().await? {
                Some(header) => Ok(Authorization::Header(header)),
                None => Ok(Authorization::Anonymous),
            },
            Challenge::Bearer { realm, service } => {
                let fetch = || async {
                    let credential = self.credential().await?;
                    let credential = credential.as_deref();
                    if let Some(credential) = credential {
                        self.check_token_server(credential, realm)?;
                    }
                    let (registry, service) = (&authority(&self.registry.url), service.as_deref());
                    let scope = &self.requested_scope(scope);
                    let request = TokenRequest { registry, realm, service, scope, credential };
                    token::fetch(&self.http, &request).await
                };
                let token = self.cell(scope).get(Token::is_good, fetch).await?;
                token::bearer(&token).map(Authorization::Header)
            }
        }
    }

    /// The same with a token that was just fetched, for requests that may take long: some tokens are
    /// valid for only a minute.
    ///
    /// # Errors
    /// [`RequestError`] as for [`access`](Self::access).
    pub(crate) async fn fresh_access(&self, scope: &Scope) -> Result<Authorization, RequestError> {
        self.cell(scope).drop_if(|token| !token.is_new()).await;
        self.access(scope).await
    }

    /// Checks, before anything is sent, that a credential may be sent to the registry and its API.
    ///
    /// # Errors
    /// [`RequestError`] if there is a credential that may not, with the way to allow it.
    pub(crate) async fn check_trust(&self) -> Result<(), RequestError> {
        let (trust, settings) = (self.http.trust(), &self.registry.credentials);
        let names = settings.token_env.iter().chain(&settings.username_env);
        let names: Vec<&str> = names.map(String::as_str).collect();
        let mut urls = std::iter::once(&self.registry.url).chain(&self.registry.api_url);
        // Looking the credential up includes the check; without one anything may be sent.
        if urls.any(|url| !trust.allows(&names, url)) {
            self.credential().await?;
        }
        Ok(())
    }

    /// Handles a 401: stores its challenge, and drops the refused token unless another request has renewed
    /// it meanwhile.
    ///
    /// # Errors
    /// [`RequestError`] when the challenge cannot be met.
    pub(crate) async fn handle_unauthorized(
        &self,
        scope: &Scope,
        used: &Authorization,
        reply: &Reply,
    ) -> Result<(), RequestError> {
        let origin = Origin { url: &self.registry.url, insecure: self.registry.insecure };
        let challenge = challenge::read(&origin, &reply.headers)?;
        self.challenge.set(challenge).await;
        self.record_deletion_actions(scope, reply);
        if let Authorization::Header(header) = used {
            let is_used = |token: &Token| token::bearer(token).is_ok_and(|value| value == *header);
            self.cell(scope).drop_if(is_used).await;
        }
        Ok(())
    }

    /// Registries name the action for deletions differently, so it is taken from the challenge.
    fn record_deletion_actions(&self, scope: &Scope, reply: &Reply) {
        let named = challenge::scope(&reply.headers).map(|text| scope.named_in(&text));
        if let (Actions::Delete, Some(named)) = (scope.actions, named) {
            let mut all = self.deletion_actions.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(scope.clone(), named);
        }
    }

    /// The scope to request a token for.
    fn requested_scope(&self, scope: &Scope) -> String {
        let all = self.deletion_actions.lock().unwrap_or_else(PoisonError::into_inner);
        scope.with(all.get(scope).map(Vec::as_slice).unwrap_or_default())
    }

    /// The error for a request that was refused with valid, renewed or no credentials.
    pub(crate) async fn denied_error(&self, what: &str, reply: &Reply) -> RequestError {
        let host = authority(&self.registry.url);
        let explanation = reply.explanation().map(|text| format!(" ({text})")).unwrap_or_default();
        let status = reply.status;
        let (who, hint) = match self.credential().await {
            Ok(Some(credential)) => (
                format!("the credentials from {}", credential.origin),
                "check that the token is valid and can read this repository".to_owned(),
            ),
            _ => ("anonymous access".to_owned(), self.login_hint()),
        };
        RequestError::new(
            ErrorKind::Credentials,
            format!("{host} refused {who} for {what}: {status}{explanation}"),
        )
        .with_status(status.as_u16())
        .with_hint(hint)
    }

    fn login_hint(&self) -> String {
        let host = authority(&self.registry.url);
        match self.registry.credentials.token_env.as_slice() {
            [] => format!(
                "log in with `docker login {host}`, or name a variable with `token-env` in the policy"
            ),
            names => format!("set {}, or log in with `docker login {host}`", names.join(" or ")),
        }
    }

    async fn challenge(&self) -> Result<Challenge, RequestError> {
        let find = || async {
            match &self.known {
                Some(known) => Ok(known.clone()),
                None => self.asked().await,
            }
        };
        self.challenge.get(|_| true, find).await
    }

    async fn asked(&self) -> Result<Challenge, RequestError> {
        let ask = || async {
            let mut url = self.registry.url.clone();
            url.set_path("/v2/");
            let reply = self.http.send(&Call::get(url)).await?;
            if reply.status.as_u16() != 401 {
                return Ok(Challenge::None);
            }
            if let Some(other) = &reply.redirected_to {
                return Err(challenge::elsewhere(&self.registry.url, other));
            }
            let origin = Origin { url: &self.registry.url, insecure: self.registry.insecure };
            challenge::read(&origin, &reply.headers)
        };
        self.asked.get(|_| true, ask).await
    }

    async fn credential(&self) -> Result<Option<Arc<Credential>>, RequestError> {
        let find = || async {
            let (keychain, registry) = (Arc::clone(&self.keychain), Arc::clone(&self.registry));
            let found = tokio::task::spawn_blocking(move || keychain(&registry)).await;
            let found = found.unwrap_or_else(|_| Err(lookup_aborted()));
            let found = found.map_err(|error| {
                let message = format!("no credentials for {}", authority(&self.registry.url));
                let hint = error.hint.clone();
                let kind = ErrorKind::Credentials;
                RequestError::new(kind, message).with_hint(hint).with_source(error)
            })?;
            let Some(credential) = found else {
                return Ok(None);
            };
            self.register_secret(&credential.secret);
            self.check_destinations(&credential)?;
            Ok(Some(Arc::new(credential)))
        };
        self.credential.get(|_| true, find).await
    }

    /// Registers a credential for redaction before it is used.
    fn register_secret(&self, secret: &CredentialSecret) {
        let secrets = self.http.secrets();
        match secret {
            CredentialSecret::Basic { username, password } => {
                secrets.add_pair(username, password.expose_secret());
            }
            CredentialSecret::Identity(token) => secrets.add(token.expose_secret()),
        }
    }

    /// Checks that a credential may be sent to a token server.
    fn check_token_server(&self, credential: &Credential, realm: &Url) -> Result<(), RequestError> {
        if realm.scheme() == "http" && !is_loopback(realm) {
            return Err(challenge::plain_http(&self.registry.url, realm));
        }
        self.check_destination(credential, realm)
    }

    /// Checks that a credential may be sent to the registry and, if it is for the API too, to the API.
    fn check_destinations(&self, credential: &Credential) -> Result<(), RequestError> {
        self.check_destination(credential, &self.registry.url)?;
        match (&credential.origin, &self.registry.api_url) {
            (CredentialOrigin::Variable(_), Some(url)) => self.check_destination(credential, url),
            _ => Ok(()),
        }
    }

    /// Checks that a credential may be sent to a URL.
    fn check_destination(&self, credential: &Credential, url: &Url) -> Result<(), RequestError> {
        let variables = match &credential.origin {
            CredentialOrigin::Variable(name) => {
                let user = self.registry.credentials.username_env.as_deref();
                user.into_iter().chain([name.as_str()]).collect()
            }
            CredentialOrigin::Docker => Vec::new(),
        };
        let source = CredentialSource { variables, origin: credential.origin.to_string() };
        self.http.trust().check(&source, url)
    }

    async fn basic(&self) -> Result<Option<HeaderValue>, RequestError> {
        match self.credential().await?.as_deref().map(|credential| &credential.secret) {
            Some(CredentialSecret::Basic { username, password }) => {
                token::basic(username, password).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The header for the registry's management API, if the credential is for it too. A credential from the
    /// Docker config is for the registry only.
    ///
    /// # Errors
    /// [`RequestError`] when the keychain fails.
    pub(crate) async fn api_token(&self) -> Result<Option<HeaderValue>, RequestError> {
        let credential = self.credential().await?;
        match credential.as_deref() {
            Some(Credential {
                secret: CredentialSecret::Basic { password, .. },
                origin: CredentialOrigin::Variable(_),
            }) => sensitive(&format!("Bearer {}", password.expose_secret())).map(Some),
            _ => Ok(None),
        }
    }

    /// What may be shown of the credential: everything but the secret.
    ///
    /// # Errors
    /// [`RequestError`] when the keychain fails.
    pub(crate) async fn credential_fact(&self) -> Result<Option<CredentialFact>, RequestError> {
        Ok(self.credential().await?.map(|credential| CredentialFact {
            origin: credential.origin.to_string(),
            sent_to_api: matches!(credential.origin, CredentialOrigin::Variable(_)),
            token: match &credential.secret {
                CredentialSecret::Basic { password, .. } => TokenKind::of(password.expose_secret()),
                CredentialSecret::Identity(_) => TokenKind::Other,
            },
        }))
    }

    /// Where the credential comes from, for messages.
    pub(crate) async fn origin(&self) -> String {
        match self.credential().await {
            Ok(Some(credential)) => credential.origin.to_string(),
            _ => "nowhere".to_owned(),
        }
    }

    fn cell(&self, scope: &Scope) -> TokenCell {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(tokens.entry(scope.clone()).or_default())
    }
}

/// Whether a token server answered, but with no token.
fn is_refusal(error: &RequestError) -> bool {
    error.status().is_some_and(|status| (400..500).contains(&status) && status != 429)
}

/// The error of a keychain that ended without a result.
fn lookup_aborted() -> CredentialError {
    CredentialError {
        message: "the search for credentials was aborted".to_owned(),
        hint: "try `docker login`, or set the registry's token variable".to_owned(),
    }
}
