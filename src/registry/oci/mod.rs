//! Any registry that speaks the OCI distribution API: glue between calls, tokens and answers.
//!
//! <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md>

mod api;
mod delete;
mod diagnose;
mod list;
mod push;
mod referrers;
mod refused;
mod wire;

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::auth::{Broker, Scope};
use super::error::{ErrorKind, RegistryError};
use super::http::{Call, Http, Reply};
use super::{FetchedManifest, ManifestSelector, Presence, Registry, TagListing};
use crate::model::{ByteCheck, Digest, RepositoryPath};

pub use push::{OciPush, PushError, Pushed, PushedManifest};
pub use refused::{PushRefusal, Refused};

/// A connection to one OCI registry.
pub(crate) struct OciRegistry {
    http: Arc<Http>,
    broker: Arc<Broker>,
    api: api::Api,
}

impl OciRegistry {
    pub(crate) fn new(http: Arc<Http>, broker: Arc<Broker>, url: &url::Url) -> Self {
        Self { http, broker, api: api::Api::new(url) }
    }

    /// Sends a call with what the registry wants to see, and once more after a 401.
    async fn send(&self, call: Call, scope: &Scope) -> Result<Reply, RegistryError> {
        let access = self.broker.access(scope).await?;
        let reply = self.http.send(&call.clone().authorization(access.header())).await?;
        if reply.status.as_u16() != 401 || reply.redirected {
            return self.judge(&call, reply).await;
        }
        self.broker.refused(scope, &access, &reply).await?;
        let again = self.broker.access(scope).await?;
        if again == access {
            // The same password once more would only bring a lockout nearer.
            return self.judge(&call, reply).await;
        }
        let access = again;
        let reply = self.http.send(&call.clone().authorization(access.header())).await?;
        self.judge(&call, reply).await
    }

    /// 401 and 403 are about credentials, whatever was asked; behind a redirect they are the
    /// storage's own trouble.
    async fn judge(&self, call: &Call, reply: Reply) -> Result<Reply, RegistryError> {
        match reply.status.as_u16() {
            401 | 403 if !reply.redirected => {
                Err(self.broker.denied(call.url.path(), &reply).await)
            }
            _ => Ok(reply),
        }
    }

    async fn head(
        &self,
        repository: &RepositoryPath,
        selector: ManifestSelector<'_>,
    ) -> Result<Option<Digest>, RegistryError> {
        let call = self.api.manifest_head(repository, selector);
        let url = call.url.clone();
        let reply = self.send(call, &Scope::pull(repository)).await?;
        match reply.status.as_u16() {
            // Behind a redirect a 404 says nothing of the tag: that is somebody else's answer.
            404 if !reply.redirected => Ok(None),
            200 => match wire::digest_header(&reply) {
                Some(digest) => wire::same_digest(&url, selector, digest).map(Some),
                None => Ok(self.get(repository, selector).await?.map(|manifest| manifest.digest)),
            },
            405 => Ok(self.get(repository, selector).await?.map(|manifest| manifest.digest)),
            _ => Err(wire::unexpected(&url, &reply)),
        }
    }

    async fn get(
        &self,
        repository: &RepositoryPath,
        selector: ManifestSelector<'_>,
    ) -> Result<Option<FetchedManifest>, RegistryError> {
        let call = self.api.manifest_get(repository, selector);
        let url = call.url.clone();
        let reply = self.send(call, &Scope::pull(repository)).await?;
        match reply.status.as_u16() {
            // Behind a redirect a 404 says nothing of the tag: that is somebody else's answer.
            404 if !reply.redirected => Ok(None),
            200 => wire::manifest(&url, selector, reply).map(Some),
            _ => Err(wire::unexpected(&url, &reply)),
        }
    }

    async fn blob(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
    ) -> Result<Presence, RegistryError> {
        let call = self.api.blob_head(repository, digest);
        let url = call.url.clone();
        let scope = Scope::pull(repository);
        let mut reply = self.send(call, &scope).await?;
        if reply.redirected && !matches!(reply.status.as_u16(), 200 | 206 | 404) {
            // Pre-signed addresses are often good for GET only; one byte is enough to know.
            reply = self.send(self.api.blob_first_byte(repository, digest), &scope).await?;
        }
        match reply.status.as_u16() {
            404 => Ok(Presence::Missing),
            200 | 206 => Ok(Presence::Present),
            _ => Err(wire::unexpected(&url, &reply)),
        }
    }

    async fn small_blob(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
    ) -> Result<Option<Arc<[u8]>>, RegistryError> {
        let call = self.api.blob_get(repository, digest);
        let url = call.url.clone();
        let reply = self.send(call, &Scope::pull(repository)).await?;
        match reply.status.as_u16() {
            404 => Ok(None),
            200 => match digest.check(&reply.body) {
                ByteCheck::Match => Ok(Some(reply.body.into())),
                ByteCheck::Differ => Err(wire::other_bytes(&url)),
                ByteCheck::UnknownAlgorithm => Err(RegistryError::new(
                    ErrorKind::BadAnswer,
                    format!("{digest} cannot be checked: unknown algorithm"),
                )),
            },
            _ => Err(wire::unexpected(&url, &reply)),
        }
    }
}

impl Registry for OciRegistry {
    fn tag_list<'a>(&'a self, repository: &'a RepositoryPath) -> BoxFuture<'a, TagListing> {
        Box::pin(self.list(repository))
    }

    fn manifest_head<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        selector: ManifestSelector<'a>,
    ) -> BoxFuture<'a, Result<Option<Digest>, RegistryError>> {
        Box::pin(self.head(repository, selector))
    }

    fn manifest_get<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        selector: ManifestSelector<'a>,
    ) -> BoxFuture<'a, Result<Option<FetchedManifest>, RegistryError>> {
        Box::pin(self.get(repository, selector))
    }

    fn blob_head<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        digest: &'a Digest,
    ) -> BoxFuture<'a, Result<Presence, RegistryError>> {
        Box::pin(self.blob(repository, digest))
    }

    fn blob_get<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        digest: &'a Digest,
    ) -> BoxFuture<'a, Result<Option<Arc<[u8]>>, RegistryError>> {
        Box::pin(self.small_blob(repository, digest))
    }
}
