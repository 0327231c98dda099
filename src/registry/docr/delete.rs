//! Deletes tags and manifests over DigitalOcean's control API.
//!
//! What it answers while garbage is collected is not known: every refusal is an error in its words.

use futures_util::future::BoxFuture;

use super::DocrRegistry;
use crate::model::{RepositoryPath, TagName};
use crate::registry::error::RegistryError;
use crate::registry::http::Call;
use crate::registry::{Delete, Deletion, DoomedManifest};

impl DocrRegistry {
    async fn delete(&self, call: &Call) -> Result<Deletion, RegistryError> {
        let reply = self.caller("deletion").await?.send(call).await?;
        let status = reply.status.as_u16();
        match status {
            200 | 202 | 204 => Ok(Deletion::Done),
            404 => Ok(Deletion::NotFound),
            _ => Err(match (self.refused(&call.url, &reply).await, status) {
                (error, 403) => {
                    error.with_hint("give the DigitalOcean token the scope registry:delete")
                }
                (error, 409 | 423) => error.with_hint(
                    "if garbage is being collected, wait for its end: `tags gc --follow` does",
                ),
                (error, _) => error,
            }),
        }
    }
}

impl Delete for DocrRegistry {
    fn tag_delete<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        tag: &'a TagName,
    ) -> BoxFuture<'a, Result<Deletion, RegistryError>> {
        Box::pin(async move { self.delete(&self.api.tag_delete(repository, tag)).await })
    }

    fn manifest_delete<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        manifest: DoomedManifest<'a>,
    ) -> BoxFuture<'a, Result<Deletion, RegistryError>> {
        Box::pin(async move {
            self.delete(&self.api.manifest_delete(repository, manifest.digest)).await
        })
    }
}
