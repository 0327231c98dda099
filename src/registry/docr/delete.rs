//! Deletes tags and manifests by DigitalOcean's control API.
//!
//! A refusal during a garbage collection is temporary, so it is an error. Any other 403, 409 or 412 is a
//! permanent refusal of this tag or manifest.

use super::DocrRegistry;
use crate::http::{Call, Reply, RequestError, SendPermit};
use crate::model::RepositoryPath;
use crate::registry::{DeletionAnswer, DeletionTarget, ReadyDeletion};

impl DocrRegistry {
    pub(in crate::registry) async fn deletion_prepare<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        target: DeletionTarget<'a>,
    ) -> Result<ReadyDeletion<'a>, RequestError> {
        let client = self.client("deletion").await?;
        let call = client.prepared(match target {
            DeletionTarget::Tag(tag) => self.api.tag_delete(repository, tag),
            DeletionTarget::Manifest(manifest) => {
                self.api.manifest_delete(repository, manifest.digest)
            }
        });
        let permission = self.http.permission(&call, &[call.cost]).await;
        Ok(ReadyDeletion { tags: None, send: Box::pin(self.delete(call, permission)) })
    }

    async fn delete(
        &self,
        call: Call,
        permission: SendPermit,
    ) -> Result<DeletionAnswer, RequestError> {
        let reply = self.http.send_now(&call, &permission).await?;
        match reply.status.as_u16() {
            200 | 202 | 204 => Ok(DeletionAnswer::Accepted),
            404 => Ok(DeletionAnswer::NotFound),
            403 | 409 | 412 | 423 => self.refusal(&call, &reply).await,
            _ => Err(self.refused(&call.url, &reply).await),
        }
    }

    /// Whether a refusal is permanent, or temporary during a garbage collection.
    async fn refusal(&self, call: &Call, reply: &Reply) -> Result<DeletionAnswer, RequestError> {
        let error = self.refused(&call.url, reply).await;
        if reply.status.as_u16() == 403 {
            let hint = "give the DigitalOcean token the scope registry:delete";
            return Ok(DeletionAnswer::Refused(error.with_hint(hint)));
        }
        // If this cannot be read, a collection may be running.
        let collecting =
            match self.client("deletion").await?.send(&self.api.collection_active()).await {
                Ok(active) => active.status.as_u16() != 404,
                Err(_) => true,
            };
        if collecting {
            return Err(error.with_hint(
                "if a garbage collection is running, wait until it ends: `tags gc --follow` does",
            ));
        }
        Ok(DeletionAnswer::Refused(error))
    }
}
