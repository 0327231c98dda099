//! Copies one blob from a repository to another: mounted where that is possible, else streamed.
//!
//! After a temporary failure it first checks whether the target has the blob nevertheless; if not, it
//! sends the blob again from the beginning.

use std::time::Duration;

use super::oci::{Inspection, OciRegistry, Upload, UploadError, UploadStart};
use super::{Backend, Presence, PushError};
use crate::http::{BodyStream, ErrorKind, RequestError};
use crate::model::{Descriptor, RepositoryPath};

/// How often a blob is sent at most.
const TRIES: usize = 4;
/// The pause after the first failure; each one after that is twice as long.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest pause that a registry may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A repository with its registry.
#[derive(Clone, Copy)]
pub struct CopySide<'a> {
    /// The registry.
    pub registry: &'a Backend,
    /// The repository's path there.
    pub path: &'a RepositoryPath,
}

/// A blob to copy.
#[derive(Clone, Copy)]
pub struct BlobTransfer<'a> {
    /// Where it is.
    pub from: CopySide<'a>,
    /// Where it is copied to.
    pub to: CopySide<'a>,
    /// Its digest and its size.
    pub blob: &'a Descriptor,
    /// Another repository of the target's registry that has the blob.
    pub mount_from: Option<&'a RepositoryPath>,
    /// Receives the number of bytes of each piece that is sent; those sent again count again.
    pub report: &'a (dyn Fn(u64) + Send + Sync),
}

/// How a blob was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlobArrival {
    /// Its bytes were sent.
    Sent,
    /// The registry mounted it from another of its repositories.
    Mounted,
}

/// Why a blob was not copied.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The source does not have it, could not be read, or has other bytes.
    #[error("cannot read {}: {source}", blob.digest.short())]
    Source {
        /// The blob.
        blob: Box<Descriptor>,
        /// Why.
        source: RequestError,
    },
    /// The target did not accept it.
    #[error(transparent)]
    Target(#[from] PushError),
}

/// How the bytes are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Whole,
    Chunked,
}

/// Copies a blob.
///
/// # Errors
/// [`TransferError`] with the side that failed.
pub async fn blob_copy(transfer: &BlobTransfer<'_>) -> Result<BlobArrival, TransferError> {
    let copy = BlobCopy::of(transfer)?;
    let mut begun = match copy.mount().await? {
        Some(UploadStart::Mounted) => return Ok(BlobArrival::Mounted),
        Some(UploadStart::Upload(upload)) => Some(upload),
        None => None,
    };
    let mut manner = Manner::Whole;
    let mut pause = PAUSE;
    let (mut cut, mut renewed) = (false, false);
    for tries_left in (0..TRIES).rev() {
        let error = match copy.send(begun.take(), manner).await {
            Ok(()) => return Ok(BlobArrival::Sent),
            Err(error) => error,
        };
        if tries_left == 0 {
            return Err(copy.failed(error).await);
        }
        if manner == Manner::Whole && (is_too_large(&error) || (cut && is_cut(&error))) {
            // Some registries refuse a large body by closing the connection.
            manner = Manner::Chunked;
            continue;
        }
        cut |= is_cut(&error);
        if is_token_end(&error) && std::mem::replace(&mut renewed, true) {
            // A new token was refused as well.
            return Err(copy.failed(error).await);
        }
        let Some(wait) = wait(&error, pause) else {
            return Err(copy.failed(error).await);
        };
        tokio::time::sleep(wait).await;
        pause *= 2;
        if copy.is_there().await? {
            return Ok(BlobArrival::Sent);
        }
    }
    Err(copy.broken("the registry did not accept the blob"))
}

/// A copy in progress, with the registries of both sides.
struct BlobCopy<'a> {
    transfer: BlobTransfer<'a>,
    source: &'a OciRegistry,
    target: &'a OciRegistry,
}

impl<'a> BlobCopy<'a> {
    fn of(transfer: &BlobTransfer<'a>) -> Result<Self, TransferError> {
        match (transfer.from.registry.oci(), transfer.to.registry.oci()) {
            (Some(source), Some(target)) => Ok(Self { transfer: *transfer, source, target }),
            _ => Err(broken(transfer, "this registry has no uploads")),
        }
    }

    async fn mount(&self) -> Result<Option<UploadStart>, TransferError> {
        let Some(from) = self.transfer.mount_from else {
            return Ok(None);
        };
        let mounted = self.target.mount(self.path(), &self.transfer.blob.digest, from).await;
        match mounted {
            Ok(start) => Ok(start),
            // The upload that follows shows whether the registry answers.
            Err(PushError::Request(error)) if error.is_temporary() => Ok(None),
            Err(error) => Err(self.transfer.to.registry.push_failed(error).await.into()),
        }
    }

    async fn send(&self, begun: Option<Upload>, manner: Manner) -> Result<(), UploadError> {
        let (transfer, path) = (&self.transfer, self.path());
        // The upload begins first: it shows whether a push is allowed before any byte is read.
        let upload = match begun {
            Some(upload) => upload,
            None => self.target.upload_begin(path).await?,
        };
        let opened = match self.open().await {
            Ok(opened) => opened,
            Err(error) => {
                self.target.upload_cancel(path, upload).await;
                return Err(error);
            }
        };
        let Some(inspection) = Inspection::new(transfer.blob, transfer.report) else {
            let message = format!("{}: unknown digest algorithm", transfer.blob.digest);
            return Err(UploadError::Source(RequestError::new(ErrorKind::BadAnswer, message)));
        };
        match manner {
            Manner::Whole => self.target.upload_whole(path, upload, (opened, inspection)).await,
            Manner::Chunked => self.target.upload_chunked(path, upload, (opened, inspection)).await,
        }
    }

    async fn open(&self) -> Result<BodyStream, UploadError> {
        let digest = &self.transfer.blob.digest;
        let opened = self.source.blob_open(self.transfer.from.path, digest).await;
        opened.map_err(UploadError::Source)?.ok_or_else(|| {
            let message = format!("{} does not have this blob", self.transfer.from.path);
            UploadError::Source(RequestError::new(ErrorKind::NotFound, message))
        })
    }

    async fn is_there(&self) -> Result<bool, TransferError> {
        let found = self.target.blob_head(self.path(), &self.transfer.blob.digest).await;
        match found {
            Ok(presence) => Ok(presence == Presence::Present),
            Err(error) if error.kind() == ErrorKind::Credentials => {
                Err(PushError::Request(error).into())
            }
            // The next attempt shows it.
            Err(_) => Ok(false),
        }
    }

    async fn failed(&self, error: UploadError) -> TransferError {
        match error {
            UploadError::Source(source) => {
                TransferError::Source { blob: Box::new(self.transfer.blob.clone()), source }
            }
            UploadError::Target(error) => self.transfer.to.registry.push_failed(error).await.into(),
        }
    }

    fn broken(&self, problem: &str) -> TransferError {
        broken(&self.transfer, problem)
    }

    fn path(&self) -> &'a RepositoryPath {
        self.transfer.to.path
    }
}

fn broken(transfer: &BlobTransfer<'_>, problem: &str) -> TransferError {
    let target = transfer.to.path.to_string();
    TransferError::Target(PushError::Broken { target, problem: problem.to_owned() })
}

fn is_too_large(error: &UploadError) -> bool {
    matches!(error, UploadError::Target(PushError::Refused { refused, .. }) if refused.is_too_large())
}

fn is_cut(error: &UploadError) -> bool {
    let UploadError::Target(PushError::Request(error)) = error else {
        return false;
    };
    error.kind() == ErrorKind::Interrupted
}

fn is_token_end(error: &UploadError) -> bool {
    matches!(error, UploadError::Target(PushError::Request(error)) if error.status() == Some(401))
}

/// How long to wait before the next attempt; none if it would fail again.
fn wait(error: &UploadError, pause: Duration) -> Option<Duration> {
    let request = match error {
        UploadError::Source(error) | UploadError::Target(PushError::Request(error)) => error,
        // The registry no longer knows the upload: a new one can be begun.
        UploadError::Target(PushError::Refused { refused, .. }) => {
            return (refused.status() == 404).then_some(pause);
        }
        UploadError::Target(_) => return None,
    };
    let may_pass = request.is_temporary()
        || request.kind() == ErrorKind::Timeout
        // The token expired during the transfer.
        || request.status() == Some(401);
    let wait = request.retry_after().unwrap_or_default().max(pause);
    (may_pass && wait <= LONGEST_PAUSE).then_some(wait)
}
