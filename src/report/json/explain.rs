//! `tags explain` as JSON.

use schemars::JsonSchema;
use serde::Serialize;

use super::time;
use crate::model::{Deployment, DeploymentResult};
use crate::report::Explain;
use crate::report::document::subject;
use crate::retention::Explained;
use crate::retention::plan_file::wire::EntryJson;

#[derive(Serialize, JsonSchema)]
pub(super) struct ExplainJson<'a> {
    /// What was asked about.
    subject: String,
    /// Null where the policy does not say what deploys to the environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    deployments: Option<Vec<DeploymentJson<'a>>>,
    /// Each manifest, as in a plan, with what it hangs together with.
    manifests: Vec<ExplainedJson<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct DeploymentJson<'a> {
    /// When, RFC 3339.
    time: String,
    /// `ok`, `failed` or `unknown`.
    result: &'static str,
    /// `record` or `run`.
    source: &'static str,
    /// Its page.
    url: Option<&'a str>,
    /// How it ended, in words.
    message: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct ExplainedJson<'a> {
    #[serde(flatten)]
    entry: EntryJson<'a>,
    /// The manifests that it refers to, and that refer to it.
    edges: Vec<EdgeJson<'a>>,
    /// Digests that it names and that do not exist.
    gone: Vec<String>,
    /// What would change the decision.
    otherwise: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct EdgeJson<'a> {
    /// How they hang together.
    edge: &'static str,
    #[serde(flatten)]
    entry: EntryJson<'a>,
}

/// `tags explain` as JSON.
pub(super) fn explain(answer: &Explain) -> ExplainJson<'_> {
    let explanation = &answer.explanation;
    let deployments = answer.deployments.as_ref();
    ExplainJson {
        deployments: deployments.map(|all| all.iter().map(deployment).collect()),
        subject: subject(&explanation.subject),
        manifests: explanation.manifests.iter().map(explained).collect(),
    }
}

fn deployment(deployment: &Deployment) -> DeploymentJson<'_> {
    DeploymentJson {
        time: time(deployment.time),
        result: match deployment.result {
            DeploymentResult::Good => "ok",
            DeploymentResult::RunFailed | DeploymentResult::JobFailed => "failed",
            DeploymentResult::RunUnfinished
            | DeploymentResult::JobUnfinished
            | DeploymentResult::Disputed => "unknown",
        },
        source: deployment.source.as_str(),
        url: deployment.url.as_deref(),
        message: &deployment.detail,
    }
}

fn explained(explained: &Explained) -> ExplainedJson<'_> {
    let neighbours = explained.neighbours.iter();
    ExplainedJson {
        entry: EntryJson::from(&explained.entry),
        edges: neighbours
            .map(|neighbour| EdgeJson {
                edge: neighbour.edge.as_str(),
                entry: EntryJson::from(&neighbour.entry),
            })
            .collect(),
        gone: explained.missing.iter().map(ToString::to_string).collect(),
        otherwise: explained.otherwise,
    }
}
