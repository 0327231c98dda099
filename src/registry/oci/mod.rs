//! Any registry with the OCI distribution API: sends its calls with tokens, and interprets the answers.
//!
//! <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md>

mod api;
mod catalog;
mod delete;
mod diagnose;
mod list;
mod push;
mod referrers;
mod refused_push;
mod upload;
mod wire;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::auth::{Authenticator, Scope};
use super::{FetchedManifest, ManifestSelector, Presence};
use crate::http::{Call, ErrorKind, Http, Reply, RequestError};
use crate::model::{
    ByteCheck, Capabilities, Digest, PushTimes, RepositoryPath, SingleTags, StatementSource,
};

pub use push::{PushError, Pushed, PushedManifest};
pub use refused_push::{PushRefusal, RefusedPush};
pub(super) use upload::{Inspection, Upload, UploadError, UploadStart};

/// A connection to one OCI registry.
pub struct OciRegistry {
    http: Arc<Http>,
    authenticator: Arc<Authenticator>,
    api: api::Api,
    /// Repositories for which a GET showed that a permission is missing: a refused HEAD in them is not
    /// repeated as GET.
    refused: Mutex<BTreeSet<RepositoryPath>>,
}

impl OciRegistry {
    pub(super) const CAPABILITIES: Capabilities = Capabilities {
        lists_manifests: false,
        listing: StatementSource::TagsList,
        push_times: PushTimes::Unknown,
        lists_referrers: true,
        single_tags: SingleTags::Perhaps,
        keeps_last_tagged: false,
        restores: false,
        collects_garbage: false,
    };

    pub(crate) fn new(http: Arc<Http>, authenticator: Arc<Authenticator>, url: &url::Url) -> Self {
        Self { http, authenticator, api: api::Api::new(url), refused: Mutex::default() }
    }

    /// Sends a call with the required credentials, and once more with a new token after a 401. A reply of
    /// 401 or 403 is returned as an error.
    async fn send(&self, call: Call, scope: &Scope) -> Result<Reply, RequestError> {
        let reply = self.exchange(&call, scope).await?;
        self.judge(&call, reply).await
    }

    async fn exchange(&self, call: &Call, scope: &Scope) -> Result<Reply, RequestError> {
        let access = self.authenticator.access(scope).await?;
        let reply = self.http.send(&call.clone().authorization(access.header())).await?;
        if reply.status.as_u16() != 401 || reply.redirected {
            return Ok(reply);
        }
        self.authenticator.handle_unauthorized(scope, &access, &reply).await?;
        let again = self.authenticator.access(scope).await?;
        if again == access {
            // Sending the same password again could lock the account.
            return Ok(reply);
        }
        self.http.send(&call.clone().authorization(again.header())).await
    }

    /// 401 and 403 are errors of the credentials, except from the storage behind a redirect.
    async fn judge(&self, call: &Call, reply: Reply) -> Result<Reply, RequestError> {
        match reply.status.as_u16() {
            401 | 403 if !reply.redirected => {
                Err(self.authenticator.denied_error(call.url.path(), &reply).await)
            }
            _ => Ok(reply),
        }
    }

    /// Whether a HEAD was refused with 403 and it is not known yet that a permission is missing.
    fn is_bare_refusal(&self, repository: &RepositoryPath, reply: &Reply) -> bool {
        reply.status.as_u16() == 403 && !reply.redirected && !self.refused().contains(repository)
    }

    fn note_refusal<T>(&self, repository: &RepositoryPath, answer: &Result<T, RequestError>) {
        if answer.as_ref().is_err_and(|error| error.kind() == ErrorKind::Credentials) {
            self.refused().insert(repository.clone());
        }
    }

    fn refused(&self) -> MutexGuard<'_, BTreeSet<RepositoryPath>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::registry) async fn manifest_head(
        &self,
        repository: &RepositoryPath,
        selector: ManifestSelector<'_>,
    ) -> Result<Option<Digest>, RequestError> {
        let call = self.api.manifest_head(repository, selector);
        let url = call.url.clone();
        let reply = self.exchange(&call, &Scope::pull(repository)).await?;
        if self.is_bare_refusal(repository, &reply) {
            // It may be a rate limit, which only the body of a GET shows.
            let found = self.manifest_get(repository, selector).await;
            self.note_refusal(repository, &found);
            return Ok(found?.map(|manifest| manifest.digest));
        }
        let reply = self.judge(&call, reply).await?;
        match reply.status.as_u16() {
            // A 404 from the target of a redirect says nothing about the tag.
            404 if !reply.redirected => Ok(None),
            200 => match wire::digest_header(&reply) {
                Some(digest) => wire::same_digest(&url, selector, digest).map(Some),
                None => Ok(self
                    .manifest_get(repository, selector)
                    .await?
                    .map(|manifest| manifest.digest)),
            },
            405 => {
                Ok(self.manifest_get(repository, selector).await?.map(|manifest| manifest.digest))
            }
            _ => Err(wire::unexpected(&url, &reply)),
        }
    }

    pub(in crate::registry) async fn manifest_get(
        &self,
        repository: &RepositoryPath,
        selector: ManifestSelector<'_>,
    ) -> Result<Option<FetchedManifest>, RequestError> {
        let call = self.api.manifest_get(repository, selector);
        let url = call.url.clone();
        let reply = self.send(call, &Scope::pull(repository)).await?;
        match reply.status.as_u16() {
            // A 404 from the target of a redirect says nothing about the tag.
            404 if !reply.redirected => Ok(None),
            200 => wire::manifest(&url, selector, reply).map(Some),
            _ => Err(wire::unexpected(&url, &reply)),
        }
    }

    pub(in crate::registry) async fn blob_head(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
    ) -> Result<Presence, RequestError> {
        let call = self.api.blob_head(repository, digest);
        let url = call.url.clone();
        let scope = Scope::pull(repository);
        let mut reply = self.exchange(&call, &scope).await?;
        let is_conclusive = match reply.status.as_u16() {
            200 | 206 => true,
            404 => reply.redirected,
            403 => !reply.redirected && !self.is_bare_refusal(repository, &reply),
            _ => !reply.redirected,
        };
        if !is_conclusive {
            // Pre-signed URLs often work only for GET, and some servers answer HEAD wrongly. One byte is
            // enough.
            reply = self.send(self.api.blob_first_byte(repository, digest), &scope).await?;
        }
        let reply = self.judge(&call, reply).await?;
        match reply.status.as_u16() {
            404 => Ok(Presence::Missing),
            200 | 206 => Ok(Presence::Present),
            _ => Err(wire::unexpected(&url, &reply)),
        }
    }

    pub(in crate::registry) async fn blob_get(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
    ) -> Result<Option<Arc<[u8]>>, RequestError> {
        let call = self.api.blob_get(repository, digest);
        let url = call.url.clone();
        let reply = self.send(call, &Scope::pull(repository)).await?;
        match reply.status.as_u16() {
            404 => Ok(None),
            200 => match digest.check(&reply.body) {
                ByteCheck::Match => Ok(Some(reply.body.into())),
                ByteCheck::Differ => Err(wire::other_bytes(&url)),
                ByteCheck::UnknownAlgorithm => Err(RequestError::new(
                    ErrorKind::BadAnswer,
                    format!("{digest} cannot be checked: unknown algorithm"),
                )),
            },
            _ => Err(wire::unexpected(&url, &reply)),
        }
    }
}
