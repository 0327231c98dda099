//! Facts about the access to the repository, all of them from reading; `tags doctor` judges them.

use std::collections::BTreeSet;

use secrecy::ExposeSecret as _;
use tokio::time::Instant;

use super::{GitHub, Permission, refusal};
use crate::http::{Call, Opened, Redirects, Reply, RequestError, ask, budget, scopes};
use crate::model::{CredentialFact, HostAnswer, JobId, Probe, RateLimit, Run, RunState, TokenKind};

/// Facts about the access to GitHub.
#[derive(Debug, Clone)]
pub struct GitHubDiagnosis {
    /// The API.
    pub api: HostAnswer,
    /// The token that is used, if there is one.
    pub credential: Option<CredentialFact>,
    /// Whether the token is accepted.
    pub accepted: Probe,
    /// Whether runs can be listed.
    pub runs: Probe,
    /// Whether the log of a job can be opened; none also where no run has ended yet.
    pub logs: Probe,
    /// Whether deployments can be listed.
    pub deployments: Probe,
    /// The scopes of the token, if it is a classic one.
    pub scopes: Option<BTreeSet<String>>,
    /// What is left of the rate limit.
    pub budget: Option<RateLimit>,
}

impl GitHub {
    /// The facts about the access to the repository. The runs of `workflow` are listed, or the workflows
    /// where it is none; deployments to `environment`.
    pub async fn diagnose(&self, workflow: Option<&str>, environment: &str) -> GitHubDiagnosis {
        let call = self.api.rate_limit();
        let prepared = self.prepared(call.clone());
        // A token that may not be sent there is told; that the API answers shows without it.
        let sent = prepared.as_ref().unwrap_or(&call).clone().redirects(Redirects::Refuse);
        let (api, reply) = ask(&self.http, &sent, Instant::now()).await;
        let answers = api.answer.is_ok();
        let read = reply.as_ref().ok();
        let mut found = GitHubDiagnosis {
            api,
            credential: self.credential_fact(),
            accepted: None,
            runs: None,
            logs: None,
            deployments: None,
            scopes: read.and_then(scopes),
            budget: read.and_then(|reply| budget(reply, "x-ratelimit")),
        };
        found.accepted = match prepared {
            Err(error) => Some(Err(error.to_unread())),
            Ok(_) => self.accepted(&call, reply),
        };
        if answers && !matches!(found.accepted, Some(Err(_))) {
            (found.runs, found.logs) = self.readable(workflow).await;
            let page = self.deployments(environment, 1).await;
            found.deployments = Some(page.map(|_| ()).map_err(|error| error.to_unread()));
        }
        found
    }

    /// Whether the API accepts the token. GitHub Enterprise without rate limits answers 404 here.
    fn accepted(&self, call: &Call, reply: Result<Reply, RequestError>) -> Probe {
        let reply = match reply {
            Ok(reply) => reply,
            Err(error) => return Some(Err(error.to_unread())),
        };
        match reply.status.as_u16() {
            200 => Some(Ok(())),
            404 => None,
            _ => {
                let origin = self.origin();
                let needed = Permission::ActionsRead;
                let error = refusal::refused(call, &reply, needed, origin.as_deref());
                Some(Err(error.to_unread()))
            }
        }
    }

    fn credential_fact(&self) -> Option<CredentialFact> {
        let token = self.token.as_ref()?;
        Some(CredentialFact {
            origin: token.origin(),
            sent_to_api: true,
            token: TokenKind::of(token.secret.expose_secret()),
        })
    }

    /// Whether runs can be listed, and the log of a job opened.
    async fn readable(&self, workflow: Option<&str>) -> (Probe, Probe) {
        let Some(workflow) = workflow else {
            let call = self.api.workflows();
            let listed = self.send(&call).await.and_then(|reply| match reply.status.as_u16() {
                200 => Ok(()),
                _ => Err(self.refused(&call, &reply, Permission::ActionsRead)),
            });
            return (Some(listed.map_err(|error| error.to_unread())), None);
        };
        let runs = match self.runs(workflow, 1).await {
            Ok(page) => page.runs,
            Err(error) => return (Some(Err(error.to_unread())), None),
        };
        let ended = runs.iter().find(|run| matches!(run.state, RunState::Completed(_)));
        let log = match ended {
            Some(run) => self.log_opens(run).await.map_err(|error| error.to_unread()).transpose(),
            None => None,
        };
        (Some(Ok(())), log)
    }

    /// Opens the log of a run's job, and reads nothing of it; none if the run has no job.
    async fn log_opens(&self, run: &Run) -> Result<Option<()>, RequestError> {
        let jobs = self.jobs(run).await?;
        let Some(job) = jobs.iter().find(|job| job.started.is_some()) else { return Ok(None) };
        self.opens(job.id).await.map(Some)
    }

    async fn opens(&self, job: JobId) -> Result<(), RequestError> {
        match self.open_log(job).await? {
            // One that has expired was found, and could have been read.
            Opened::Body(_) => Ok(()),
            Opened::Reply(reply) => self.log_refusal(job, &reply).map_or(Ok(()), Err),
        }
    }
}
