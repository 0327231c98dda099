//! Pushes blobs, manifests and tags to an OCI registry.
//!
//! <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#push>. Manifests are
//! pushed byte for byte, so that their digest does not change. An accepted push may not have been stored:
//! to be sure, read it again.

use reqwest::header::{HeaderValue, LOCATION};
use url::Url;

use super::super::auth::Scope;
use super::refused_push::{PushRefusal, RefusedPush};
use super::{OciRegistry, api, wire};
use crate::http::{ErrorKind, Reply, RequestError, authority};
use crate::model::{Digest, RepositoryPath};
use crate::registry::ManifestSelector;

/// A push that failed.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The credentials were refused, or there is no answer.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The registry refused.
    #[error("cannot push to {target}: {refused}")]
    Refused {
        /// The repository.
        target: String,
        /// Its answer.
        refused: RefusedPush,
    },
    /// The registry temporarily accepts no pushes.
    #[error("cannot push to {target}: {reason}")]
    ReadOnly {
        /// The repository.
        target: String,
        /// Why, and for how long.
        reason: String,
    },
    /// The request cannot be sent, or the answer is invalid.
    #[error("cannot push to {target}: {problem}")]
    Broken {
        /// The repository.
        target: String,
        /// What is wrong.
        problem: String,
    },
}

impl PushError {
    /// The kind of refusal.
    #[must_use]
    pub fn refusal(&self) -> PushRefusal {
        match self {
            Self::Request(error) if error.kind() == ErrorKind::Credentials => PushRefusal::Rights,
            Self::Refused { refused, .. } => refused.kind(),
            Self::Request(_) | Self::ReadOnly { .. } | Self::Broken { .. } => PushRefusal::Other,
        }
    }

    /// The failure as text, with the registry's message.
    #[must_use]
    pub fn explanation(&self) -> String {
        match self {
            Self::Request(error) => error.to_unread().message,
            Self::Refused { .. } | Self::ReadOnly { .. } | Self::Broken { .. } => self.to_string(),
        }
    }

    /// The status of the answer, where there was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Request(error) => error.status(),
            Self::Refused { refused, .. } => Some(refused.status()),
            Self::ReadOnly { .. } | Self::Broken { .. } => None,
        }
    }
}

/// A blob or manifest to push. Content must be pushed before the manifests that refer to it.
#[derive(Debug, Clone, Copy)]
pub enum Pushed<'a> {
    /// A blob.
    Blob(&'a [u8]),
    /// A manifest, under a tag or a digest.
    Manifest {
        /// Its media type.
        media_type: &'a str,
        /// Its exact bytes.
        bytes: &'a [u8],
        /// The tag, or none to push it under its digest.
        tag: Option<&'a str>,
    },
}

/// A manifest's exact bytes and the media type to push it with.
#[derive(Debug, Clone, Copy)]
pub struct PushedManifest<'a> {
    /// The media type.
    pub media_type: &'a str,
    /// The bytes.
    pub bytes: &'a [u8],
}

impl OciRegistry {
    /// Pushes blobs and manifests to a repository, in the order given.
    ///
    /// # Errors
    /// [`PushError`] at the first that is refused.
    pub(in crate::registry) async fn push(
        &self,
        repository: &RepositoryPath,
        items: &[Pushed<'_>],
    ) -> Result<(), PushError> {
        for item in items {
            match *item {
                Pushed::Blob(bytes) => self.blob_put(repository, bytes).await?,
                Pushed::Manifest { media_type, bytes, tag } => {
                    let manifest = PushedManifest { media_type, bytes };
                    let tag = tag.map(crate::model::TagName::parse).transpose();
                    let tag = tag.map_err(|error| self.broken(repository, &error))?;
                    let digest = Digest::of(bytes);
                    let to = match &tag {
                        Some(tag) => ManifestSelector::Tag(tag),
                        None => ManifestSelector::Digest(&digest),
                    };
                    self.manifest_put(repository, to, manifest).await?;
                }
            }
        }
        Ok(())
    }

    /// Pushes a manifest, byte for byte, under a tag or under its digest.
    ///
    /// # Errors
    /// [`PushError`] when it is refused, or when it is unknown whether it was stored.
    pub(in crate::registry) async fn manifest_put(
        &self,
        repository: &RepositoryPath,
        to: ManifestSelector<'_>,
        manifest: PushedManifest<'_>,
    ) -> Result<(), PushError> {
        let media_type = HeaderValue::from_str(manifest.media_type)
            .map_err(|error| self.broken(repository, &error))?;
        let call = self.api.manifest_put(repository, to, (media_type, manifest.bytes.into()));
        let reply = self.send(call, &Scope::push(repository)).await?;
        self.accepted(repository, &reply, &[200, 201, 202])?;
        self.same_digest(repository, &reply, &Digest::of(manifest.bytes))
    }

    /// A registry that converts a manifest stores another one than was sent.
    fn same_digest(
        &self,
        repository: &RepositoryPath,
        reply: &Reply,
        sent: &Digest,
    ) -> Result<(), PushError> {
        match wire::digest_header(reply) {
            Some(stored) if stored.algorithm() == sent.algorithm() && stored != *sent => {
                let problem = format!(
                    "the registry stored the manifest as {}, but {} was sent",
                    stored.short(),
                    sent.short()
                );
                Err(self.broken(repository, &problem))
            }
            _ => Ok(()),
        }
    }

    /// Pushes a blob in one upload.
    async fn blob_put(&self, repository: &RepositoryPath, bytes: &[u8]) -> Result<(), PushError> {
        let scope = Scope::push(repository);
        let begin = self.api.upload_begin(repository);
        let from = begin.url.clone();
        let reply = self.send(begin, &scope).await?;
        self.accepted(repository, &reply, &[200, 201, 202])?;
        let at = self.upload_at(repository, &from, &reply)?;
        let end = api::Api::upload_end(at, &Digest::of(bytes), bytes.into());
        let reply = self.send(end, &scope).await?;
        self.accepted(repository, &reply, &[200, 201, 202, 204])
    }

    /// The URL to continue an upload at. It gets the credentials, so it must be at the same registry.
    pub(super) fn upload_at(
        &self,
        repository: &RepositoryPath,
        from: &Url,
        reply: &Reply,
    ) -> Result<Url, PushError> {
        let location = reply.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let at = location.and_then(|text| from.join(text).ok());
        let problem = match at {
            Some(at) if at.scheme() == from.scheme() && authority(&at) == authority(from) => {
                return Ok(at);
            }
            Some(at) => {
                format!("the registry continues the upload at another host ({})", authority(&at))
            }
            None => "the registry did not answer with a URL for the upload".to_owned(),
        };
        Err(self.broken(repository, &problem))
    }

    pub(super) fn accepted(
        &self,
        repository: &RepositoryPath,
        reply: &Reply,
        good: &[u16],
    ) -> Result<(), PushError> {
        if good.contains(&reply.status.as_u16()) {
            return Ok(());
        }
        let target = self.target(repository);
        Err(PushError::Refused { target, refused: RefusedPush::read(reply) })
    }

    pub(super) fn broken(
        &self,
        repository: &RepositoryPath,
        problem: &dyn std::fmt::Display,
    ) -> PushError {
        PushError::Broken { target: self.target(repository), problem: problem.to_string() }
    }

    fn target(&self, repository: &RepositoryPath) -> String {
        format!("{}/{repository}", authority(&self.api.root().url))
    }
}
