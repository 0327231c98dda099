//! Uploads of blobs of any size: mounted, in one request, or in chunks.
//!
//! <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs>. A blob is
//! never completely in memory; its digest is computed while it is sent. The location of an upload is
//! accepted only at the same registry, because the token is sent there.

use std::sync::Arc;

use url::Url;

use super::api::Api;
use super::push::PushError;
use super::{OciRegistry, wire};
use crate::http::{BodyStream, ErrorKind, Inspector, Opened, RelayError, Reply, RequestError};
use crate::model::{Descriptor, Digest, DigestState, RepositoryPath};
use crate::registry::auth::Scope;

/// The most that GHCR accepts in one chunk, in bytes; other registries accept it too.
const CHUNK: usize = 4 << 20;
/// The largest minimum chunk size that a registry may ask for, in bytes.
const LARGEST_CHUNK: usize = 16 << 20;

/// How an upload begins.
pub(in crate::registry) enum UploadStart {
    /// The registry had the blob in the other repository: it is there now.
    Mounted,
    /// The bytes are to be sent.
    Upload(Upload),
}

/// An upload that has begun.
pub(in crate::registry) struct Upload {
    at: Url,
    /// The least that the registry accepts in one chunk, in bytes.
    smallest_chunk: usize,
}

/// Why the bytes of a blob did not arrive.
#[derive(Debug)]
pub(in crate::registry) enum UploadError {
    /// They could not be read to their end, or do not match the digest.
    Source(RequestError),
    /// The registry did not accept them.
    Target(PushError),
}

impl From<RelayError> for UploadError {
    fn from(error: RelayError) -> Self {
        match error {
            RelayError::Source(error) => Self::Source(error),
            RelayError::Target(error) => Self::Target(error.into()),
        }
    }
}

impl From<PushError> for UploadError {
    fn from(error: PushError) -> Self {
        Self::Target(error)
    }
}

/// Computes the digest and the length of the bytes that pass through, and reports each piece.
pub(in crate::registry) struct Inspection<'a> {
    blob: &'a Descriptor,
    state: DigestState,
    length: u64,
    report: &'a (dyn Fn(u64) + Send + Sync),
}

impl<'a> Inspection<'a> {
    /// An inspection of a blob; none when its algorithm is unknown.
    pub(in crate::registry) fn new(
        blob: &'a Descriptor,
        report: &'a (dyn Fn(u64) + Send + Sync),
    ) -> Option<Self> {
        Some(Self { blob, state: blob.digest.state()?, length: 0, report })
    }
}

impl Inspector for Inspection<'_> {
    fn inspect(&mut self, bytes: &[u8]) {
        self.state.update(bytes);
        self.length += bytes.len() as u64;
        (self.report)(bytes.len() as u64);
    }

    fn finish(&self) -> Result<(), String> {
        if self.length != self.blob.size {
            return Err(format!("received {} bytes instead of {}", self.length, self.blob.size));
        }
        let digest = self.state.digest();
        if digest == self.blob.digest {
            return Ok(());
        }
        Err(format!("the received bytes have another digest ({})", digest.short()))
    }
}

impl OciRegistry {
    /// Opens a blob to be read piece by piece; none when it is missing.
    pub(in crate::registry) async fn blob_open(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
    ) -> Result<Option<BodyStream>, RequestError> {
        let (call, scope) = (self.api.blob_open(repository, digest), Scope::pull(repository));
        let access = self.authenticator.access(&scope).await?;
        let mut opened = self.http.open(&call.clone().authorization(access.header())).await?;
        if let Opened::Reply(reply) = &opened
            && reply.status.as_u16() == 401
            && !reply.redirected
        {
            self.authenticator.handle_unauthorized(&scope, &access, reply).await?;
            let again = self.authenticator.access(&scope).await?;
            if again != access {
                opened = self.http.open(&call.clone().authorization(again.header())).await?;
            }
        }
        let reply = match opened {
            Opened::Body(body) => return Ok(Some(body)),
            Opened::Reply(reply) => self.judge(&call, reply).await?,
        };
        match reply.status.as_u16() {
            404 => Ok(None),
            _ => Err(wire::unexpected(&call.url, &reply)),
        }
    }

    /// Begins an upload.
    pub(in crate::registry) async fn upload_begin(
        &self,
        repository: &RepositoryPath,
    ) -> Result<Upload, PushError> {
        let (call, scope) = (self.api.upload_begin(repository), Scope::push(repository));
        let from = call.url.clone();
        self.authenticator.fresh_access(&scope).await?;
        let reply = self.send(call, &scope).await?;
        self.accepted(repository, &reply, &[200, 201, 202])?;
        self.upload(repository, &from, &reply)
    }

    /// Asks the registry to mount a blob from another of its repositories. If it does not, an upload has
    /// begun; none if the registry refused the request.
    pub(in crate::registry) async fn mount(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
        from: &RepositoryPath,
    ) -> Result<Option<UploadStart>, PushError> {
        let scope = Scope::mount(repository, from);
        let call = self.api.mount(repository, digest, from);
        let mut url = call.url.clone();
        url.set_query(None);
        // A refusal may concern only the source repository, which is unknown or which this token may
        // not read (Harbor answers 401). The upload shows whether pushing is allowed.
        let reply = match self.send(call, &scope).await {
            Ok(reply) => reply,
            Err(error) if error.kind() == ErrorKind::Credentials => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        match reply.status.as_u16() {
            201 => Ok(Some(UploadStart::Mounted)),
            202 => self.upload(repository, &url, &reply).map(UploadStart::Upload).map(Some),
            _ => Ok(None),
        }
    }

    /// Sends a blob with one request.
    pub(in crate::registry) async fn upload_whole(
        &self,
        repository: &RepositoryPath,
        upload: Upload,
        (source, mut inspection): (BodyStream, Inspection<'_>),
    ) -> Result<(), UploadError> {
        let scope = Scope::push(repository);
        let blob = inspection.blob;
        let access = self.authenticator.access(&scope).await.map_err(PushError::from)?;
        let call = Api::upload_put(upload.at, &blob.digest).authorization(access.header());
        let reply = self.http.relay(&call, (source, blob.size), &mut inspection).await?;
        if reply.status.as_u16() == 401 {
            // The next attempt uses a new token.
            let renewed = self.authenticator.handle_unauthorized(&scope, &access, &reply).await;
            renewed.map_err(PushError::from)?;
        }
        let reply = self.judge(&call, reply).await.map_err(PushError::from)?;
        Ok(self.accepted(repository, &reply, &[200, 201, 202, 204])?)
    }

    /// Sends a blob in chunks, one after the other.
    pub(in crate::registry) async fn upload_chunked(
        &self,
        repository: &RepositoryPath,
        mut upload: Upload,
        (mut source, mut inspection): (BodyStream, Inspection<'_>),
    ) -> Result<(), UploadError> {
        let scope = Scope::push(repository);
        let size = upload.smallest_chunk.clamp(CHUNK, LARGEST_CHUNK);
        let (mut first, mut chunk) = (0, Vec::new());
        while let Some(piece) = source.chunk().await.map_err(UploadError::Source)? {
            inspection.inspect(&piece);
            let mut piece = piece.as_ref();
            while chunk.len() + piece.len() >= size {
                let (fills, rest) = piece.split_at(size - chunk.len());
                chunk.extend_from_slice(fills);
                piece = rest;
                let bytes = Arc::from(std::mem::take(&mut chunk));
                upload = self.chunk(repository, upload, (first, bytes)).await?;
                first += size as u64;
            }
            chunk.extend_from_slice(piece);
        }
        if let Err(problem) = inspection.finish() {
            self.upload_cancel(repository, upload).await;
            let message = format!("{}: {problem}", inspection.blob.digest);
            return Err(UploadError::Source(RequestError::new(ErrorKind::BadAnswer, message)));
        }
        if !chunk.is_empty() {
            upload = self.chunk(repository, upload, (first, Arc::from(chunk))).await?;
        }
        let call = Api::upload_put(upload.at, &inspection.blob.digest);
        let reply = self.send(call, &scope).await.map_err(PushError::from)?;
        Ok(self.accepted(repository, &reply, &[200, 201, 202, 204])?)
    }

    async fn chunk(
        &self,
        repository: &RepositoryPath,
        upload: Upload,
        (first, bytes): (u64, Arc<[u8]>),
    ) -> Result<Upload, PushError> {
        let from = upload.at.clone();
        let call = Api::upload_chunk(upload.at, first, bytes);
        let reply = self.send(call, &Scope::push(repository)).await?;
        self.accepted(repository, &reply, &[200, 201, 202, 204])?;
        self.upload(repository, &from, &reply)
    }

    /// Cancels an upload. The registry discards it later anyway, so a refusal is not an error.
    pub(in crate::registry) async fn upload_cancel(
        &self,
        repository: &RepositoryPath,
        upload: Upload,
    ) {
        let call = Api::upload_cancel(upload.at);
        if let Err(error) = self.send(call, &Scope::push(repository)).await {
            tracing::debug!(%error, "an upload was not cancelled");
        }
    }

    fn upload(
        &self,
        repository: &RepositoryPath,
        from: &Url,
        reply: &Reply,
    ) -> Result<Upload, PushError> {
        let least = reply.header("oci-chunk-min-length").and_then(|text| text.parse().ok());
        let at = self.upload_at(repository, from, reply)?;
        Ok(Upload { at, smallest_chunk: least.unwrap_or_default() })
    }
}
