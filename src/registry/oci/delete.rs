//! Deletes tags and manifests by the OCI API, and distinguishes the refusals.
//!
//! <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#deleting-manifests>.
//! Both a disabled deletion and an unsupported kind of deletion are 400 or 405; the error code shows which.

use super::{OciRegistry, wire};
use crate::http::{Call, ErrorKind, Reply, RequestError, SendPermit, redacted_url};
use crate::model::RepositoryPath;
use crate::registry::auth::{Authorization, Scope};
use crate::registry::{DeletionAnswer, DeletionTarget, ManifestSelector, ReadyDeletion};

/// The message for a registry that cannot delete single tags; the registry's own (`DIGEST_INVALID`) does
/// not explain it.
const NO_SINGLE_TAGS: &str =
    "this registry cannot delete single tags: the tag stays until its manifest is deleted";

/// A deletion that is ready to be sent.
struct Prepared<'a> {
    oci: &'a OciRegistry,
    call: Call,
    scope: Scope,
    access: Authorization,
    permission: SendPermit,
    target: DeletionTarget<'a>,
}

impl OciRegistry {
    pub(in crate::registry) async fn deletion_prepare<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        target: DeletionTarget<'a>,
    ) -> Result<ReadyDeletion<'a>, RequestError> {
        let selector = match target {
            DeletionTarget::Tag(tag) => ManifestSelector::Tag(tag),
            DeletionTarget::Manifest(manifest) => ManifestSelector::Digest(manifest.digest),
        };
        let scope = Scope::delete(repository);
        let access = self.authenticator.access(&scope).await?;
        let call = self.api.manifest_delete(repository, selector);
        let permission = self.http.permission(&call, &[call.cost]).await;
        let call = call.authorization(access.header());
        let prepared = Prepared { oci: self, call, scope, access, permission, target };
        Ok(ReadyDeletion { tags: None, send: Box::pin(prepared.send()) })
    }
}

impl Prepared<'_> {
    async fn send(self) -> Result<DeletionAnswer, RequestError> {
        let Self { oci, call, .. } = &self;
        let reply = oci.http.send_now(call, &self.permission).await?;
        match reply.status.as_u16() {
            401 => self.refused(reply).await,
            403 => Ok(DeletionAnswer::Refused(forbidden(
                oci.authenticator.denied_error(call.url.path(), &reply).await,
            ))),
            _ => self.answer(&reply),
        }
    }

    /// Renews the token if possible. The deletion is not sent again here.
    async fn refused(&self, reply: Reply) -> Result<DeletionAnswer, RequestError> {
        let Self { oci, call, scope, access, .. } = self;
        oci.authenticator.handle_unauthorized(scope, access, &reply).await?;
        if oci.authenticator.access(scope).await? == *access {
            // Sending the same password again could lock the account.
            return Err(oci.authenticator.denied_error(call.url.path(), &reply).await);
        }
        Ok(DeletionAnswer::Renewed)
    }

    fn answer(&self, reply: &Reply) -> Result<DeletionAnswer, RequestError> {
        let call = &self.call;
        let of_tag = matches!(self.target, DeletionTarget::Tag(_));
        Ok(match (reply.status.as_u16(), reply.error_code().as_deref()) {
            (200 | 202 | 204, _) => DeletionAnswer::Accepted,
            (404, _) => DeletionAnswer::NotFound,
            // distribution 2.8 parses the tag as a digest; Harbor has its own code.
            (405, _) | (400, Some("UNSUPPORTED" | "DIGEST_INVALID")) if of_tag => {
                DeletionAnswer::Unsupported(NO_SINGLE_TAGS.to_owned())
            }
            // zot keeps the children of an index, Harbor has immutable tags.
            (405, Some("DENIED")) | (412, _) => DeletionAnswer::Retained(words(reply)),
            (405, _) | (400, Some("UNSUPPORTED")) => {
                DeletionAnswer::Refused(switched_off(call, reply))
            }
            (409, _) => DeletionAnswer::Refused(wire::unexpected(&call.url, reply)),
            _ => return Err(wire::unexpected(&call.url, reply)),
        })
    }
}

fn forbidden(error: RequestError) -> RequestError {
    if error.to_string().contains("referenced") {
        return error.with_hint(
            "another manifest in the registry still refers to it; delete that one first",
        );
    }
    error.with_hint("give the token the right to delete in this repository")
}

/// The registry's message, else its status.
fn words(reply: &Reply) -> String {
    reply.explanation().unwrap_or_else(|| format!("the registry answered {}", reply.status))
}

fn switched_off(call: &Call, reply: &Reply) -> RequestError {
    let message = format!(
        "{}: deletion is disabled in this registry ({})",
        redacted_url(&call.url),
        words(reply)
    );
    RequestError::new(ErrorKind::Credentials, message)
        .with_status(reply.status.as_u16())
        .with_hint("its administrator can enable it; for the distribution registry: REGISTRY_STORAGE_DELETE_ENABLED=true")
}
