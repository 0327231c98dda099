//! Deletes and restores versions by GitHub's packages API.
//!
//! <https://docs.github.com/rest/packages/packages#delete-package-version-for-an-organization>. A
//! version is deleted with all its tags; a single tag cannot be deleted.

use std::future::ready;
use std::sync::Arc;

use super::api::OwnerKind;
use super::{GhcrRegistry, management, wire};
use crate::http::{Call, ErrorKind, Reply, RequestError, SendPermit};
use crate::model::{RepositoryPath, VersionId};
use crate::registry::{DeletionAnswer, DeletionTarget, ReadyDeletion, VersionManifest};

const NEEDS_ADMIN: &str = "give the token delete:packages, and its owner the role Admin for the package; \
     in GitHub Actions, `permissions: packages: write` and the role Admin for the repository in the package's settings";
const NEEDS_WRITE: &str = "give the token read:packages and write:packages, and its owner the role Admin for the package; \
     in GitHub Actions, `permissions: packages: write` and the role Admin for the repository in the package's settings";

/// The two calls for a version, which share a permission to send.
struct Calls {
    get: Call,
    delete: Call,
    permission: SendPermit,
}

impl GhcrRegistry {
    pub(in crate::registry) async fn deletion_prepare<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        target: DeletionTarget<'a>,
    ) -> Result<ReadyDeletion<'a>, RequestError> {
        let manifest = match target {
            DeletionTarget::Manifest(manifest) => manifest,
            DeletionTarget::Tag(_) => {
                let message = "GitHub deletes whole versions, with all their tags".to_owned();
                let send = Box::pin(ready(Ok(DeletionAnswer::Unsupported(message))));
                return Ok(ReadyDeletion { tags: None, send });
            }
        };
        let client = self.client("deletion").await?;
        let version = manifest.version.ok_or_else(|| {
            let message = format!(
                "{repository}@{} cannot be deleted: its version number is not known",
                manifest.digest
            );
            RequestError::new(ErrorKind::Client, message)
                .with_hint("list the package again, by the packages API")
        })?;
        let owner: OwnerKind = self.owner(&client).await?;
        let get = client.prepared(self.api.version(owner, repository, version));
        let delete = client.prepared(self.api.version_delete(owner, repository, version));
        let permission = self.http.permission(&delete, &[get.cost, delete.cost]).await;
        let calls = Arc::new(Calls { get, delete, permission });
        let tags = self.version_read(repository, Arc::clone(&calls));
        Ok(ReadyDeletion { tags: Some(Box::pin(tags)), send: Box::pin(self.delete(calls)) })
    }

    /// Reads one version by the packages API.
    async fn version_read(
        &self,
        repository: &RepositoryPath,
        calls: Arc<Calls>,
    ) -> Result<VersionManifest, RequestError> {
        let reply = self.http.send_now(&calls.get, &calls.permission).await?;
        match reply.status.as_u16() {
            200 => wire::version_manifest(&calls.get.url, self.api.package(repository), &reply),
            404 => Ok(VersionManifest::NotFound),
            _ => Err(self.refused(&calls.get, &reply).await),
        }
    }

    async fn delete(&self, calls: Arc<Calls>) -> Result<DeletionAnswer, RequestError> {
        let call = &calls.delete;
        let reply = self.http.send_now(call, &calls.permission).await?;
        match reply.status.as_u16() {
            200 | 202 | 204 => Ok(DeletionAnswer::Accepted),
            404 => Ok(DeletionAnswer::NotFound),
            400 if let Some(message) = retained(&reply) => Ok(DeletionAnswer::Retained(message)),
            403 => {
                Ok(DeletionAnswer::Refused(self.refused(call, &reply).await.with_hint(NEEDS_ADMIN)))
            }
            405 | 409 | 412 => Ok(DeletionAnswer::Refused(self.refused(call, &reply).await)),
            _ => Err(self.refused(call, &reply).await),
        }
    }

    pub(in crate::registry) async fn version_restore(
        &self,
        repository: &RepositoryPath,
        version: VersionId,
    ) -> Result<bool, RequestError> {
        let client = self.client("restoring").await?;
        let owner = self.owner(&client).await?;
        let call = self.api.version_restore(owner, repository, version);
        let reply = client.send(&call).await?;
        match reply.status.as_u16() {
            200 | 204 => Ok(true),
            404 => Ok(false),
            403 => Err(self.refused(&call, &reply).await.with_hint(NEEDS_WRITE)),
            _ => Err(self.refused(&call, &reply).await),
        }
    }

    async fn client(&self, what: &str) -> Result<management::ManagementClient<'_>, RequestError> {
        let token = self.authenticator.api_token().await?.ok_or_else(|| {
            let message = format!("{what} needs a GitHub token, and there is none");
            RequestError::new(ErrorKind::Credentials, message).with_hint(
                "set the registry's token variable, GITHUB_TOKEN unless the policy names another",
            )
        })?;
        Ok(management::ManagementClient { http: &self.http, token })
    }
}

/// The message, if GitHub keeps a version by a rule of its own; only the message shows that.
fn retained(reply: &Reply) -> Option<String> {
    let message = reply.explanation()?;
    let lower = message.to_lowercase();
    let is_last = lower.contains("last") && lower.contains("version");
    (is_last || lower.contains("downloads")).then_some(message)
}
