//! DigitalOcean's container registry: tags, digests and push times come from its control API,
//! manifests and content over the OCI API.
//!
//! The control API takes the DigitalOcean token from the registry's variable. Without one, the
//! Docker config may still open the OCI side, which knows no push times.

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
use crate::http::{ErrorKind, Http, Reply, RequestError};
use crate::model::{Capabilities, PushTimes, SingleTags};
use crate::policy;

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
        push_times: PushTimes::OfTags,
        lists_referrers: false,
        single_tags: SingleTags::Deleted,
        keeps_last_tagged: false,
        restores: false,
        collects_garbage: true,
    };

    /// A connection, if the policy's registry has what the control API takes.
    pub(crate) fn new(
        http: Arc<Http>,
        authenticator: Arc<Authenticator>,
        oci: OciRegistry,
        registry: &policy::RegistrySettings,
    ) -> Option<Self> {
        let api = api::Api::new(registry.api_url.as_ref()?, registry.namespace.as_ref()?);
        Some(Self { oci, http, authenticator, api })
    }

    /// Where content is read and pushed.
    pub(super) fn oci(&self) -> &OciRegistry {
        &self.oci
    }

    /// Who asks for what needs a token; `what` is that.
    async fn caller(&self, what: &str) -> Result<management::ManagementClient<'_>, RequestError> {
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
            412 if of_several_registries(reply) => {
                "the team has several registries; check `namespace` in the policy"
            }
            409 | 412 => "something else has to end or be changed first; the answer says what",
            301..=399 => management::MOVED,
            _ => "look at status.digitalocean.com, and try again",
        })
    }
}

/// Several registries are one reason of many to say that a precondition failed.
fn of_several_registries(reply: &Reply) -> bool {
    reply.explanation().is_some_and(|said| said.to_lowercase().contains("multiple registries"))
}
