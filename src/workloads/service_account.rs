//! The API server of the cluster in which this runs, with the service account of the pod.
//!
//! <https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/>

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::answer::Answer;
use super::error::AskError;
use crate::http::{
    Call, CredentialSource, ErrorKind, Http, Redirects, RequestError, TransportSettings, Trust,
    sensitive,
};
use crate::secrets::Secrets;

/// The largest page that is read: 500 objects are a few megabytes.
const PAGE_LIMIT: usize = 128 << 20;

/// The service account of this pod, and the API server that it is for.
#[derive(Clone)]
pub struct ServiceAccount {
    url: Url,
    token: SecretString,
    http: Arc<Http>,
}

/// What a pod knows of the API server and of its service account.
pub struct ServiceAccountSettings<'a> {
    /// The host of the API server.
    pub host: &'a str,
    /// Its port.
    pub port: &'a str,
    /// The token of the service account.
    pub token: SecretString,
    /// The authority that signed the API server's certificate, as PEM.
    pub authority: Vec<u8>,
    /// The secrets to redact; the token is added.
    pub secrets: Secrets,
    /// The hosts that may get credentials.
    pub trust: Trust,
}

impl ServiceAccount {
    /// The service account with these settings. Nothing is sent yet.
    ///
    /// # Errors
    /// [`AskError`] when host and port are not an address.
    pub fn new(settings: ServiceAccountSettings<'_>) -> Result<Self, AskError> {
        let ServiceAccountSettings { host, port, token, authority, secrets, trust } = settings;
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let url = Url::parse(&format!("https://{host}:{port}")).map_err(|error| {
            let message =
                "$KUBERNETES_SERVICE_HOST and $KUBERNETES_SERVICE_PORT are not an address";
            RequestError::new(ErrorKind::Client, message).with_source(error)
        })?;
        secrets.add(token.expose_secret());
        let only_authority = Some(authority);
        let transport =
            TransportSettings { trust, secrets, only_authority, ..TransportSettings::default() };
        Ok(Self { url, token, http: Arc::new(Http::new(transport)) })
    }

    /// The address of the API server.
    pub(super) fn address(&self) -> String {
        crate::http::authority(&self.url)
    }

    /// Asks for a path with its query.
    pub(super) async fn get(&self, path: &str) -> Result<Answer, AskError> {
        let url = self.url.join(path).map_err(|error| {
            RequestError::new(ErrorKind::Client, format!("`{path}` is not a path"))
                .with_source(error)
        })?;
        let origin = "this pod's service account".to_owned();
        let source = CredentialSource { variables: Vec::new(), origin };
        self.http.trust().check(&source, &url)?;
        let token = sensitive(&format!("Bearer {}", self.token.expose_secret()))?;
        let call = Call::get(url)
            .authorization(Some(token))
            .redirects(Redirects::Refuse)
            .body_limit(PAGE_LIMIT);
        let reply = self.http.send(&call).await?;
        match reply.status.as_u16() {
            200 => Ok(Answer::Page(reply.body)),
            404 => Ok(Answer::NoSuchKind),
            410 => Ok(Answer::Expired),
            status => {
                let said = reply.explanation().map(|said| format!(": {said}"));
                let path = path.split('?').next().unwrap_or(path).to_owned();
                Err(AskError::Refused { path, status, said: said.unwrap_or_default() })
            }
        }
    }
}
