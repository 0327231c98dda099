//! Reads and creates deployments.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::api::PAGE;
use super::{
    DeploymentEntry, DeploymentId, DeploymentPage, GitHub, NewDeployment, Permission, wire,
};
use crate::http::{Call, ErrorKind, Reply, RequestError, has_next, redacted_url};

/// More pages than the statuses of any deployment fill.
const MOST_PAGES: u32 = 100;

#[derive(Deserialize)]
struct DeploymentWire {
    id: u64,
    sha: String,
    task: String,
    environment: String,
    creator: Option<CreatorWire>,
    created_at: DateTime<Utc>,
    #[serde(default)]
    payload: serde_json::Value,
}

#[derive(Deserialize)]
struct CreatorWire {
    login: String,
}

#[derive(Deserialize)]
struct StatusWire {
    state: String,
}

#[derive(Deserialize)]
struct CreatedWire {
    id: u64,
}

impl GitHub {
    /// One page of the deployments to an environment, counted from 1.
    ///
    /// # Errors
    /// [`RequestError`] when the page cannot be read.
    pub async fn deployments(
        &self,
        environment: &str,
        page: u32,
    ) -> Result<DeploymentPage, RequestError> {
        let call = self.api.deployments(environment, page);
        let reply = self.read(&call, Permission::DeploymentsRead).await?;
        let list: Vec<DeploymentWire> = wire::parsed(&call.url, &reply, "a list of deployments")?;
        let has_next = follows(&reply, list.len());
        let of_environment = |wire: &DeploymentWire| wire.environment == environment;
        let deployments = list.into_iter().filter(of_environment).map(entry).collect();
        Ok(DeploymentPage { deployments, has_next })
    }

    /// Whether any status of a deployment was `success`; once it was, that is cached.
    ///
    /// # Errors
    /// [`RequestError`] when the statuses cannot be read.
    pub async fn succeeded(&self, deployment: DeploymentId) -> Result<bool, RequestError> {
        let name = format!("succeeded-{}", deployment.0);
        if self.cache.get(&name) == Some(deployment.0) {
            return Ok(true);
        }
        for page in 1..=MOST_PAGES {
            let call = self.api.statuses(deployment, page);
            let reply = self.read(&call, Permission::DeploymentsRead).await?;
            let list: Vec<StatusWire> = wire::parsed(&call.url, &reply, "a list of statuses")?;
            if list.iter().any(|status| status.state == "success") {
                self.cache.put(&name, &deployment.0);
                return Ok(true);
            }
            if !follows(&reply, list.len()) {
                return Ok(false);
            }
        }
        Err(wire::broken(&self.api.statuses(deployment, MOST_PAGES).url, "an end of the statuses"))
    }

    /// Creates a deployment. Nothing is merged and no check is required.
    ///
    /// # Errors
    /// [`RequestError`] when it is refused, or it is unknown whether it was created.
    pub async fn create_deployment(
        &self,
        deployment: &NewDeployment,
    ) -> Result<DeploymentId, RequestError> {
        let call = self.api.deployment_create(deployment);
        let reply = self.create(&call).await?;
        let created: CreatedWire = wire::parsed(&call.url, &reply, "the new deployment")?;
        Ok(DeploymentId(created.id))
    }

    /// Gives a deployment the status `success`.
    ///
    /// # Errors
    /// [`RequestError`] when it is refused.
    pub async fn succeed(&self, deployment: DeploymentId) -> Result<(), RequestError> {
        self.create(&self.api.success_create(deployment)).await.map(|_| ())
    }

    async fn read(&self, call: &Call, needed: Permission) -> Result<Reply, RequestError> {
        let reply = self.send(call).await?;
        match reply.status.as_u16() {
            200 => Ok(reply),
            _ => Err(self.refused(call, &reply, needed)),
        }
    }

    async fn create(&self, call: &Call) -> Result<Reply, RequestError> {
        let reply = self.send(call).await?;
        let explanation = reply.explanation().map(|text| format!(" ({text})")).unwrap_or_default();
        let url = redacted_url(&call.url);
        let refused = |hint: &str| {
            let message = format!("{url} answered {}{explanation}", reply.status);
            RequestError::new(ErrorKind::Status, message)
                .with_status(reply.status.as_u16())
                .with_hint(hint)
        };
        match reply.status.as_u16() {
            201 => Ok(reply),
            202 | 409 => Err(refused("GitHub created no deployment; try again")),
            422 => Err(refused("push the commit to the repository on GitHub first")),
            _ => Err(self.refused(call, &reply, Permission::DeploymentsWrite)),
        }
    }
}

fn entry(wire: DeploymentWire) -> DeploymentEntry {
    // What was sent as text comes back as text.
    let payload = match wire.payload {
        serde_json::Value::String(text) => {
            serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text))
        }
        other => other,
    };
    DeploymentEntry {
        id: DeploymentId(wire.id),
        sha: wire.sha,
        task: wire.task,
        environment: wire.environment,
        creator: wire.creator.map(|creator| creator.login),
        created: wire.created_at,
        payload,
    }
}

/// Whether another page follows. Some proxies remove the `Link` header; then a full page may have one.
fn follows(reply: &Reply, listed: usize) -> bool {
    let is_told = reply.headers.contains_key(reqwest::header::LINK);
    has_next(&reply.headers) || (!is_told && listed == PAGE)
}
