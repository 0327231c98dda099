//! DigitalOcean's container registry: tags, digests and push times are read by its control API, manifests
//! and content by the OCI API.
//!
//! The control API needs a DigitalOcean token from the registry's variable. Without one, credentials from
//! the Docker config may give access to the OCI API, which has no push times.

mod api;
mod delete;
mod diagnose;
mod garbage;
mod list;
mod wire;

use std::sync::Arc;

use super::auth::Authenticator;
use super::management;
use super::oci::OciRegistry;
use crate::http::{ErrorKind, HostBudget, Http, Reply, RequestError};
use crate::model::{Capabilities, PushTimes, SingleTags, StatementSource};
use crate::policy;

/// The control API accepts 250 requests a minute from one token.
/// <https://docs.digitalocean.com/reference/api/digitalocean/#section/Introduction/Rate-Limit>
const BUDGET: HostBudget = HostBudget { per_minute: 250, change: 1 };

/// A connection to one DigitalOcean registry.
pub struct DocrRegistry {
    oci: OciRegistry,
    http: Arc<Http>,
    authenticator: Arc<Authenticator>,
    api: api::Api,
}

impl DocrRegistry {
    pub(super) const CAPABILITIES: Capabilities = Capabilities {
        lists_manifests: true,
        listing: StatementSource::DocrTags,
        push_times: PushTimes::OfTags,
        lists_referrers: false,
        single_tags: SingleTags::Deleted,
        keeps_last_tagged: false,
        restores: false,
        collects_garbage: true,
    };

    /// A connection, if the policy has a URL and a namespace for the control API.
    pub(crate) fn new(
        http: Arc<Http>,
        authenticator: Arc<Authenticator>,
        oci: OciRegistry,
        registry: &policy::RegistrySettings,
    ) -> Option<Self> {
        let api_url = registry.api_url.as_ref()?;
        let api = api::Api::new(api_url, registry.namespace.as_ref()?);
        http.limit(api_url, BUDGET);
        Some(Self { oci, http, authenticator, api })
    }

    /// The OCI API, by which content is read and pushed.
    pub(super) fn oci(&self) -> &OciRegistry {
        &self.oci
    }

    /// The client for requests that need a token; `what` is the purpose, for the error without a token.
    async fn client(&self, what: &str) -> Result<management::ManagementClient<'_>, RequestError> {
        let token = self.authenticator.api_token().await?.ok_or_else(|| {
            let message = format!("{what} needs a DigitalOcean token, and there is none");
            RequestError::new(ErrorKind::Credentials, message).with_hint(
                "set the registry's token variable, DIGITALOCEAN_ACCESS_TOKEN unless the policy names another",
            )
        })?;
        Ok(management::ManagementClient { http: &self.http, token })
    }

    async fn refused(&self, url: &url::Url, reply: &Reply) -> RequestError {
        let origin = self.authenticator.origin().await;
        management::refused(url, reply, &origin).with_hint(match reply.status.as_u16() {
            401 => "check that the DigitalOcean token is valid and has not expired",
            403 => "give the DigitalOcean token the scope registry:read",
            404 => "check `namespace` and the repository's name in the policy",
            412 if is_about_several_registries(reply) => {
                "the team has several registries; check `namespace` in the policy"
            }
            409 | 412 => {
                "the registry's message says what must end or change first; then try again"
            }
            301..=399 => management::MOVED,
            _ => "check status.digitalocean.com, and try again",
        })
    }
}

/// Whether a 412 means that the account has several registries; it has other meanings too.
fn is_about_several_registries(reply: &Reply) -> bool {
    reply.explanation().is_some_and(|text| text.to_lowercase().contains("multiple registries"))
}
