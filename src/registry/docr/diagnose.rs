//! Reads facts about the account and the token by DigitalOcean's control API.

use tokio::time::Instant;

use super::{DocrRegistry, wire};
use crate::http::{Redirects, Reply, RequestError, ask, budget};
use crate::model::{Diagnosis, Probe, TagReference};
use crate::registry::{ListedTag, management};

impl DocrRegistry {
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
        let call = self.api.registries().authorization(token.clone());
        let (host, reply) = ask(&self.http, &call.redirects(Redirects::Refuse), start).await;
        let answers = host.answer.is_ok();
        diagnosis.api = Some(host);
        if let Some(why) = unusable {
            diagnosis.accepted = Some(Err(why.clone()));
            diagnosis.list = Some(Err(why));
            return diagnosis;
        }
        diagnosis.list = match token {
            None if diagnosis.registry.answer.is_ok() => self.oci.listable(probe).await,
            Some(token) if answers => {
                self.first_page(&management::ManagementClient { http: &self.http, token }, probe)
                    .await
            }
            _ => None,
        };
        let fact = diagnosis.credential.as_ref().ok().and_then(Option::as_ref);
        if !answers || !fact.is_some_and(|fact| fact.sent_to_api) {
            return diagnosis;
        }
        diagnosis.budget = reply.as_ref().ok().and_then(|reply| budget(reply, "ratelimit"));
        let names = self.names(reply).await;
        let unread = |error: &RequestError| error.to_unread();
        diagnosis.accepted = Some(names.as_ref().map(|_| ()).map_err(unread));
        diagnosis.registries = Some(names.map_err(|error| error.to_unread()));
        diagnosis
    }

    async fn names(&self, reply: Result<Reply, RequestError>) -> Result<Vec<String>, RequestError> {
        let (reply, url) = (reply?, self.api.registries().url);
        match reply.status.as_u16() {
            200 => wire::registries(&url, &reply),
            _ => Err(self.refused(&url, &reply).await),
        }
    }

    async fn first_page(
        &self,
        client: &management::ManagementClient<'_>,
        probe: Option<&TagReference>,
    ) -> Probe {
        let page = self.page::<ListedTag>(client, &probe?.repository.path, 1).await;
        Some(page.map(|_| ()).map_err(|error| error.to_unread()))
    }
}
