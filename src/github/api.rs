//! Builds the calls for one repository; sends nothing.
//!
//! <https://docs.github.com/rest/actions>, <https://docs.github.com/rest/deployments>

use reqwest::Method;
use reqwest::header::{ACCEPT, HeaderName};
use serde_json::{Value, json};
use url::Url;

use super::{DeploymentId, NewDeployment};
use crate::http::{Call, RetryPolicy, below};
use crate::model::{JobId, RunId};
use crate::policy::GitHubRepository;

/// The most entries that a page may have.
pub(super) const PAGE: usize = 100;

/// A page of 100 runs has about 2 MiB.
const PAGE_LIMIT: usize = 16 << 20;

const API_VERSION: HeaderName = HeaderName::from_static("x-github-api-version");

/// The URLs of one repository.
#[derive(Debug, Clone)]
pub(super) struct Api {
    pub(super) base: Url,
    pub(super) repository: GitHubRepository,
}

impl Api {
    /// A page of a workflow's runs. Pull requests are left out, since they are most of the bytes.
    pub(super) fn runs(&self, workflow: &str, page: u32) -> Call {
        let path = format!("actions/workflows/{workflow}/runs");
        self.get(&path, &[("exclude_pull_requests", "true")]).page(page)
    }

    /// The first of the workflows, to see whether the token may see the repository.
    pub(super) fn workflows(&self) -> Call {
        self.get("actions/workflows", &[("per_page", "1")])
    }

    /// The newest attempt of a run.
    pub(super) fn run(&self, run: RunId) -> Call {
        self.get(&format!("actions/runs/{run}"), &[("exclude_pull_requests", "true")])
    }

    /// One attempt of a run.
    pub(super) fn attempt(&self, run: RunId, attempt: u32) -> Call {
        let path = format!("actions/runs/{run}/attempts/{attempt}");
        self.get(&path, &[("exclude_pull_requests", "true")])
    }

    /// A page of the jobs of all attempts of a run.
    pub(super) fn jobs(&self, run: RunId, page: u32) -> Call {
        self.get(&format!("actions/runs/{run}/jobs"), &[("filter", "all")]).page(page)
    }

    /// The log of a job: a redirect to its storage.
    pub(super) fn log(&self, job: JobId) -> Call {
        self.get(&format!("actions/jobs/{job}/logs"), &[])
    }

    /// A page of the deployments to an environment.
    pub(super) fn deployments(&self, environment: &str, page: u32) -> Call {
        self.get("deployments", &[("environment", environment)]).page(page)
    }

    /// A page of a deployment's statuses.
    pub(super) fn statuses(&self, deployment: DeploymentId, page: u32) -> Call {
        self.get(&format!("deployments/{}/statuses", deployment.0), &[]).page(page)
    }

    /// Creates a deployment. By default GitHub would merge the default branch into the commit, and refuse
    /// while a check of the commit, such as this job, has not succeeded.
    pub(super) fn deployment_create(&self, deployment: &NewDeployment) -> Call {
        let body = json!({
            "ref": deployment.sha,
            "task": deployment.task,
            "environment": deployment.environment,
            "description": deployment.description,
            "payload": deployment.payload,
            "auto_merge": false,
            "required_contexts": [],
            "production_environment": false,
        });
        self.post("deployments", &body)
    }

    /// Gives a deployment the status `success`, and leaves earlier deployments as they are.
    pub(super) fn success_create(&self, deployment: DeploymentId) -> Call {
        let body = json!({"state": "success", "auto_inactive": false});
        self.post(&format!("deployments/{}/statuses", deployment.0), &body)
    }

    /// What remains of the token's rate limit. This request does not count.
    pub(super) fn rate_limit(&self) -> Call {
        call(Method::GET, below(&self.base, "rate_limit"))
    }

    fn get(&self, path: &str, query: &[(&str, &str)]) -> Call {
        let mut url = self.url(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        call(Method::GET, url)
    }

    fn post(&self, path: &str, body: &Value) -> Call {
        let call = call(Method::POST, self.url(path)).json(body.to_string());
        call.retry_policy(RetryPolicy::IfNoEffect)
    }

    fn url(&self, path: &str) -> Url {
        let (owner, name) = (self.repository.owner(), self.repository.name());
        below(&self.base, &format!("repos/{owner}/{name}/{path}"))
    }
}

fn call(method: Method, url: Url) -> Call {
    Call::new(method, url)
        .header(ACCEPT, "application/vnd.github+json")
        .header(API_VERSION, "2022-11-28")
        .body_limit(PAGE_LIMIT)
}

/// Asks for one page of a list.
trait Paged {
    fn page(self, number: u32) -> Self;
}

impl Paged for Call {
    fn page(mut self, number: u32) -> Self {
        self.url
            .query_pairs_mut()
            .append_pair("per_page", &PAGE.to_string())
            .append_pair("page", &number.to_string());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_urls_are_below_a_base_that_may_have_a_path() {
        let api = Api {
            base: Url::parse("https://ghe.example/api/v3").expect("a URL"),
            repository: GitHubRepository::parse("Acme/app").expect("a repository"),
        };
        assert_eq!(
            api.runs("main pipeline.yml", 2).url.as_str(),
            "https://ghe.example/api/v3/repos/Acme/app/actions/workflows/main%20pipeline.yml/runs\
             ?exclude_pull_requests=true&per_page=100&page=2"
        );
        assert_eq!(
            api.deployments("tags-prod", 1).url.as_str(),
            "https://ghe.example/api/v3/repos/Acme/app/deployments\
             ?environment=tags-prod&per_page=100&page=1"
        );
    }
}
