//! GitHub's container registry: tags, digests and the times of first pushes are read by the packages API,
//! manifests and content by the OCI API.
//!
//! The packages API needs a token from the registry's variable. Without one the OCI API still answers for
//! public packages, without push times.

mod api;
mod delete;
mod diagnose;
mod list;
mod packages;
mod wire;

use std::sync::Arc;

use super::auth::{Authenticator, SingleFlight};
use super::management;
use super::oci::OciRegistry;
use super::pages::Page;
use crate::http::{Call, ErrorKind, HostBudget, Http, Reply, RequestError};
use crate::model::{Capabilities, PushTimes, RepositoryPath, SingleTags, StatementSource};
use crate::policy;

use api::OwnerKind;

/// A connection to the packages of one owner.
pub struct GhcrRegistry {
    oci: OciRegistry,
    http: Arc<Http>,
    authenticator: Arc<Authenticator>,
    api: api::Api,
    owner: SingleFlight<OwnerKind>,
}

impl GhcrRegistry {
    pub(super) const CAPABILITIES: Capabilities = Capabilities {
        lists_manifests: true,
        listing: StatementSource::GhcrVersions,
        push_times: PushTimes::OfDigests,
        lists_referrers: false,
        single_tags: SingleTags::Kept,
        keeps_last_tagged: true,
        restores: true,
        collects_garbage: false,
    };

    /// A connection, if the policy has a URL and a namespace for the packages API.
    pub(crate) fn new(
        http: Arc<Http>,
        authenticator: Arc<Authenticator>,
        oci: OciRegistry,
        registry: &policy::RegistrySettings,
    ) -> Option<Self> {
        let api_url = registry.api_url.as_ref()?;
        let api = api::Api::new(api_url, registry.namespace.as_ref()?);
        http.limit(api_url, HostBudget::GITHUB);
        Some(Self { oci, http, authenticator, api, owner: SingleFlight::default() })
    }

    /// The OCI API, by which content is read and pushed.
    pub(super) fn oci(&self) -> &OciRegistry {
        &self.oci
    }

    async fn page(
        &self,
        client: &management::ManagementClient<'_>,
        repository: &RepositoryPath,
        page: usize,
    ) -> Result<Page<wire::Version>, RequestError> {
        let owner = self.owner(client).await?;
        let call = self.api.versions(owner, repository, page);
        let reply = client.send(&call).await?;
        match reply.status.as_u16() {
            200 => wire::versions(&call.url, self.api.package(repository), &reply),
            404 => Err(self.not_found(&call, &reply, repository).await),
            _ => Err(self.refused(&call, &reply).await),
        }
    }

    /// Whether the owner is an organisation or a user: the URLs of their packages differ.
    async fn owner(
        &self,
        client: &management::ManagementClient<'_>,
    ) -> Result<OwnerKind, RequestError> {
        let ask = || async {
            let call = self.api.owner();
            let reply = client.send(&call).await?;
            match reply.status.as_u16() {
                200 => wire::owner_kind(&call.url, &reply),
                404 => Err(self
                    .refused(&call, &reply)
                    .await
                    .with_hint("no such user or organisation; check `namespace` in the policy")),
                _ => Err(self.refused(&call, &reply).await),
            }
        };
        self.owner.get(|_| true, ask).await
    }

    /// The packages API answers 404 for packages that the token has no right to see. If the OCI API
    /// shows the repository to the same token, a permission is missing.
    async fn not_found(
        &self,
        call: &Call,
        reply: &Reply,
        repository: &RepositoryPath,
    ) -> RequestError {
        let refused = self.refused(call, reply).await;
        if self.oci.one_page(repository).await.is_err() {
            return refused.with_hint(
                "check the package's name in the policy, and that the token has read:packages and may see it",
            );
        }
        let message = format!(
            "the token has no right to list {repository} by the packages API, although the registry shows it"
        );
        RequestError::new(ErrorKind::Credentials, message).with_status(404).with_hint(
            "give the token read:packages; in GitHub Actions, `permissions: packages: read` and access to the package",
        )
    }

    async fn refused(&self, call: &Call, reply: &Reply) -> RequestError {
        let origin = self.authenticator.origin().await;
        management::refused(&call.url, reply, &origin).with_hint(match reply.status.as_u16() {
            401 => "check that the GitHub token is valid and has not expired",
            403 => "give the token read:packages (a classic token: fine-grained ones cannot read packages)",
            301..=399 => management::MOVED,
            _ => "look at githubstatus.com, and try again",
        })
    }
}
