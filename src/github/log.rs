//! Passes the log of a job on, piece by piece; nothing of it is kept.
//!
//! GitHub redirects to a storage on another host, which never gets the token.
//! <https://docs.github.com/rest/actions/workflow-jobs#download-job-logs-for-a-workflow-run>

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{GitHub, LogEnd, Permission, refusal};
use crate::http::{ErrorKind, Opened, Redirects, Reply, RequestError};
use crate::model::JobId;

/// At most this much of a log is read, in bytes.
const LARGEST: usize = 64 << 20;

impl GitHub {
    /// Passes the log of a job on, piece by piece, up to 64 MiB. Nothing of it is kept.
    ///
    /// # Errors
    /// [`RequestError`] when it cannot be read, or breaks off.
    pub async fn log(
        &self,
        job: JobId,
        mut take: impl FnMut(&[u8]) + Send,
    ) -> Result<LogEnd, RequestError> {
        let mut body = match self.open_log(job).await? {
            Opened::Body(body) => body,
            Opened::Reply(reply) => {
                return self.log_refusal(job, &reply).map_or(Ok(LogEnd::Expired), Err);
            }
        };
        let mut left = LARGEST;
        while let Some(piece) = body.chunk().await? {
            let fits = piece.len().min(left);
            take(&piece[..fits]);
            left -= fits;
            if fits < piece.len() {
                return Ok(LogEnd::TooLong);
            }
        }
        Ok(LogEnd::Complete)
    }

    /// Opens the log of a job: an answer that is not read yet, or a refusal.
    pub(super) async fn open_log(&self, job: JobId) -> Result<Opened, RequestError> {
        let call = self.prepared(self.api.log(job))?.redirects(Redirects::Follow);
        self.http.open(&call).await.map_err(refusal::log_unanswered)
    }

    /// The error of a reply without a log; none if the log has expired.
    pub(super) fn log_refusal(&self, job: JobId, reply: &Reply) -> Option<RequestError> {
        match reply.status.as_u16() {
            404 | 410 => None,
            _ if reply.redirected => Some(storage_refused(job, reply)),
            _ => Some(self.refused(&self.api.log(job), reply, Permission::ActionsRead)),
        }
    }

    /// What was found in the log of a job that has ended, if [`GitHub::keep_found`] kept it under this
    /// name. Such a log never changes.
    #[must_use]
    pub fn found<T: DeserializeOwned>(&self, job: JobId, name: &str) -> Option<T> {
        self.cache.get(&format!("{name}-{job}"))
    }

    /// Keeps what was found in the log of a job that has ended, so that it need not be read again.
    pub fn keep_found(&self, job: JobId, name: &str, found: &impl Serialize) {
        self.cache.put(&format!("{name}-{job}"), found);
    }
}

/// The storage got no credentials, so that its refusal says nothing about them.
fn storage_refused(job: JobId, reply: &Reply) -> RequestError {
    let message = format!("the storage of the log of job {job} answered {}", reply.status);
    RequestError::new(ErrorKind::Status, message)
        .with_status(reply.status.as_u16())
        .with_hint("try again; GitHub's links to logs are valid for a minute")
}
