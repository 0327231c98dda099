//! The API server of a cluster, asked by the service account of this pod or by `kubectl`.

use super::program::{ProgramCall, ProgramError, Programs};
use super::{AskError, Cluster};

/// An answer of the API server.
pub(super) enum Answer {
    /// The body of a page.
    Page(Vec<u8>),
    /// The server has no objects of this kind at all: it does not know the path.
    NoSuchKind,
    /// The list changed too much since its first page.
    Expired,
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
