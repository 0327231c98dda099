//! Reads facts about the token by GitHub's API: the scopes of a classic token, and the rate limit.

use tokio::time::Instant;

use super::GhcrRegistry;
use crate::http::{Call, Redirects, Reply, RequestError, ask, budget, scopes};
use crate::model::{Diagnosis, Probe, TagReference};
use crate::registry::management;

impl GhcrRegistry {
    /// The facts about this registry and its token.
    pub(in crate::registry) async fn diagnose(&self, probe: Option<&TagReference>) -> Diagnosis {
        let start = Instant::now();
        let mut diagnosis = self.oci.examine(probe, start).await;
        if self.authenticator.check_trust().await.is_err() {
            return diagnosis;
        }
        let (token, unusable) = match self.authenticator.api_token().await {
            Ok(token) => (token, None),
            Err(error) => (None, Some(error.to_unread())),
        };
        let call = self.api.rate_limit();
        let sent = call.clone().authorization(token.clone()).redirects(Redirects::Refuse);
        let (host, reply) = ask(&self.http, &sent, start).await;
        let answers = host.answer.is_ok();
        diagnosis.api = Some(host);
        diagnosis.budget = reply.as_ref().ok().and_then(|reply| budget(reply, "x-ratelimit"));
        diagnosis.scopes = reply.as_ref().ok().and_then(scopes);
        diagnosis.list = match token {
            None if unusable.is_some() => {
                diagnosis.accepted = unusable.clone().map(Err);
                unusable.map(Err)
            }
            None if diagnosis.registry.answer.is_ok() => self.oci.listable(probe).await,
            Some(token) if answers => {
                diagnosis.accepted = self.accepted(&call, reply).await;
                self.first_page(&management::ManagementClient { http: &self.http, token }, probe)
                    .await
            }
            _ => None,
        };
        diagnosis
    }

    /// Whether the API accepts the token. GitHub Enterprise without rate limits answers 404 here.
    async fn accepted(&self, call: &Call, reply: Result<Reply, RequestError>) -> Probe {
        match reply {
            Err(error) => Some(Err(error.to_unread())),
            Ok(reply) => match reply.status.as_u16() {
                200 => Some(Ok(())),
                404 => None,
                _ => Some(Err(self.refused(call, &reply).await.to_unread())),
            },
        }
    }

    async fn first_page(
        &self,
        client: &management::ManagementClient<'_>,
        probe: Option<&TagReference>,
    ) -> Probe {
        let path = &probe?.repository.path;
        let page = self.page(client, path, 1).await;
        Some(page.map(|_| ()).map_err(|error| error.to_unread()))
    }
}
