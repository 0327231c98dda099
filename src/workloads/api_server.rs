//! The API server of a cluster, asked by the service account of this pod or by `kubectl`.

use super::answer::Answer;
use super::error::AskError;
use super::program::{ProgramCall, ProgramError, Programs};
use super::service_account::ServiceAccount;

/// A cluster, and how it is reached.
#[derive(Clone)]
pub enum Cluster {
    /// The cluster in which this runs, by the service account of the pod.
    ServiceAccount(ServiceAccount),
    /// By `kubectl`.
    Kubectl {
        /// The context of its configuration; by default the current one.
        context: Option<String>,
    },
}

impl Cluster {
    pub(super) fn name(&self) -> String {
        match self {
            Self::ServiceAccount(account) => {
                format!("kubernetes ({}, by this pod's service account)", account.address())
            }
            Self::Kubectl { context: Some(context) } => format!("kubernetes:{context}"),
            Self::Kubectl { context: None } => "kubernetes (the current context)".to_owned(),
        }
    }
}

/// Asks for a path with its query, by whatever the cluster is reached by.
pub(super) async fn get(
    cluster: &Cluster,
    programs: &dyn Programs,
    path: &str,
) -> Result<Answer, AskError> {
    let context = match cluster {
        Cluster::ServiceAccount(account) => return account.get(path).await,
        Cluster::Kubectl { context } => context.as_deref(),
    };
    let mut words = vec!["get", "--raw", path];
    if let Some(context) = context {
        words.splice(0..0, ["--context", context]);
    }
    // The answer is the same as that of the API, so it is read in the same way.
    match programs.run(ProgramCall::new("kubectl", &words)).await {
        Ok(body) => Ok(Answer::Page(body)),
        // kubectl prints the reason of the server's status: `Error from server (NotFound): ...`.
        Err(ProgramError::Failed { said, .. }) if has_reason(&said, "NotFound") => {
            Ok(Answer::NoSuchKind)
        }
        Err(ProgramError::Failed { said, .. })
            if has_reason(&said, "Expired") || has_reason(&said, "Gone") =>
        {
            Ok(Answer::Expired)
        }
        Err(error) => Err(error.into()),
    }
}

fn has_reason(said: &str, reason: &str) -> bool {
    said.contains(&format!("Error from server ({reason})"))
}
