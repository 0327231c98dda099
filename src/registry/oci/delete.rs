//! Deletes tags and manifests over the OCI API, and tells the refusals apart.
//!
//! <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#deleting-manifests>.
//! Both "not here" and "not this way" are 400 or 405; which is meant, the error code says.

use futures_util::future::BoxFuture;

use super::{OciRegistry, wire};
use crate::model::{Digest, RepositoryPath, TagName};
use crate::registry::auth::Scope;
use crate::registry::error::{ErrorKind, RegistryError};
use crate::registry::http::{Call, Repeats, Reply, shown};
use crate::registry::{Delete, Deletion, DoomedManifest, ManifestSelector};

impl OciRegistry {
    /// Asked once, or again where it was surely not done: in between the tag may have moved.
    async fn take_off(
        &self,
        repository: &RepositoryPath,
        tag: &TagName,
    ) -> Result<Deletion, RegistryError> {
        let call = self.api.manifest_delete(repository, ManifestSelector::Tag(tag));
        let (call, reply) = self.ask(call.repeats(Repeats::Undone), repository).await?;
        let said = || words(&reply);
        match (reply.status.as_u16(), reply.error_code().as_deref()) {
            // distribution 2.8 takes the tag for a digest, Harbor has a code for it.
            (405, _) | (400, Some("UNSUPPORTED" | "DIGEST_INVALID")) => {
                Ok(Deletion::Unsupported(said()))
            }
            _ => outcome(&call, &reply),
        }
    }

    /// What is deleted by its digest twice is deleted once; the second answer is 404.
    async fn remove(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
    ) -> Result<Deletion, RegistryError> {
        let call = self.api.manifest_delete(repository, ManifestSelector::Digest(digest));
        let (call, reply) = self.ask(call.repeats(Repeats::Always), repository).await?;
        match (reply.status.as_u16(), reply.error_code().as_deref()) {
            // zot keeps the children of an index.
            (405, Some("DENIED")) => Ok(Deletion::Retained(words(&reply))),
            (405, _) | (400, Some("UNSUPPORTED")) => Err(switched_off(&call, &reply)),
            _ => outcome(&call, &reply),
        }
    }

    async fn ask(
        &self,
        call: Call,
        repository: &RepositoryPath,
    ) -> Result<(Call, Reply), RegistryError> {
        let reply = self.send(call.clone(), &Scope::delete(repository)).await;
        let reply = reply.map_err(|error| match error.status() {
            Some(403) if error.to_string().contains("referenced") => {
                error.with_hint("something in the registry still refers to it; delete that first")
            }
            Some(403) => error.with_hint("give the token the right to delete in this repository"),
            _ => error,
        })?;
        Ok((call, reply))
    }
}

fn outcome(call: &Call, reply: &Reply) -> Result<Deletion, RegistryError> {
    match reply.status.as_u16() {
        200 | 202 | 204 => Ok(Deletion::Done),
        404 => Ok(Deletion::NotFound),
        // Harbor's immutable tags.
        412 => Ok(Deletion::Retained(words(reply))),
        _ => Err(wire::unexpected(&call.url, reply)),
    }
}

/// What the registry says, or else its status.
fn words(reply: &Reply) -> String {
    reply.explanation().unwrap_or_else(|| format!("the registry answered {}", reply.status))
}

fn switched_off(call: &Call, reply: &Reply) -> RegistryError {
    let message = format!(
        "{}: deletion is switched off in this registry ({})",
        shown(&call.url),
        words(reply)
    );
    RegistryError::new(ErrorKind::Credentials, message)
        .with_status(reply.status.as_u16())
        .with_hint("its administrator can allow it; the distribution registry does with REGISTRY_STORAGE_DELETE_ENABLED=true")
}

impl Delete for OciRegistry {
    fn tag_delete<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        tag: &'a TagName,
    ) -> BoxFuture<'a, Result<Deletion, RegistryError>> {
        Box::pin(self.take_off(repository, tag))
    }

    fn manifest_delete<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        manifest: DoomedManifest<'a>,
    ) -> BoxFuture<'a, Result<Deletion, RegistryError>> {
        Box::pin(self.remove(repository, manifest.digest))
    }
}
