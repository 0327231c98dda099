//! The error of an answer that is not a success: which permission is missing, or what else to do.

use std::fmt;

use crate::http::{Call, ErrorKind, Reply, RequestError, redacted_url};

/// A permission of a token. The words are those of `permissions` in a workflow, and of fine-grained tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Runs, jobs and logs may be read.
    ActionsRead,
    /// Deployments may be read.
    DeploymentsRead,
    /// Deployments may be created.
    DeploymentsWrite,
}

impl Permission {
    /// The name in `permissions` of a workflow.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ActionsRead => "actions",
            Self::DeploymentsRead | Self::DeploymentsWrite => "deployments",
        }
    }

    /// The scope of a classic token that includes it.
    fn classic(self) -> &'static str {
        match self {
            Self::ActionsRead => "repo",
            Self::DeploymentsRead | Self::DeploymentsWrite => "repo_deployment",
        }
    }

    /// How to give it to a token of each kind.
    #[must_use]
    pub fn hint(self) -> String {
        format!(
            "give the token `{self}`: in GitHub Actions by `permissions`, to a fine-grained token in its \
             settings; a classic token needs the scope {}",
            self.classic()
        )
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = if *self == Self::DeploymentsWrite { "write" } else { "read" };
        write!(f, "{}: {level}", self.name())
    }
}

/// The error of a reply that is not a success. `origin` is where the token was found, if there is one.
pub(super) fn refused(
    call: &Call,
    reply: &Reply,
    needed: Permission,
    origin: Option<&str>,
) -> RequestError {
    let status = reply.status;
    let explanation = reply.explanation().map(|text| format!(" ({text})")).unwrap_or_default();
    let kind = match status.as_u16() {
        401 | 403 => ErrorKind::Credentials,
        404 => ErrorKind::NotFound,
        _ => ErrorKind::Status,
    };
    let who = match (kind, origin) {
        (ErrorKind::Credentials, Some(origin)) => format!(" to the token from {origin}"),
        (ErrorKind::Credentials, None) => " to a request without a token".to_owned(),
        _ => String::new(),
    };
    let hint = match (status.as_u16(), origin) {
        (401 | 403, None) => no_token(needed),
        (401, _) => "check that the GitHub token is valid and has not expired".to_owned(),
        (403, _) => needed.hint(),
        (301..=399, _) => {
            "the repository may have a new name; set `repository` of `[github]` in the policy"
                .to_owned()
        }
        _ => "look at githubstatus.com, and try again".to_owned(),
    };
    let url = redacted_url(&call.url);
    RequestError::new(kind, format!("{url} answered {status}{who}{explanation}"))
        .with_status(status.as_u16())
        .with_hint(hint)
}

/// An error without an answer, or with one that says nothing about the request, with hints for GitHub.
pub(super) fn unanswered(error: RequestError) -> RequestError {
    match error.kind() {
        ErrorKind::Connect => error.with_hint(
            "check the network, `api-url` of `[github]` in the policy, and the proxy variables",
        ),
        ErrorKind::Status => error.with_hint("look at githubstatus.com, and try again"),
        _ => error,
    }
}

/// The same for a log, which is on another host.
pub(super) fn log_unanswered(error: RequestError) -> RequestError {
    match error.kind() {
        ErrorKind::Connect => error.with_hint(
            "let this machine reach the host in the message: GitHub keeps logs outside of its API",
        ),
        _ => unanswered(error),
    }
}

/// The error of a 404 for a repository: GitHub answers it for those that the token may not see.
pub(super) fn invisible(
    repository: &impl fmt::Display,
    needed: Permission,
    origin: Option<&str>,
) -> RequestError {
    let (who, hint) = match origin {
        Some(origin) => (
            format!("the token from {origin}"),
            format!(
                "check `repository` of `[github]` in the policy, and that the token may see it and has `{needed}`"
            ),
        ),
        None => ("a request without a token".to_owned(), no_token(needed)),
    };
    let message = format!("GitHub shows no repository {repository} to {who}");
    RequestError::new(ErrorKind::Credentials, message).with_status(404).with_hint(hint)
}

fn no_token(needed: Permission) -> String {
    format!(
        "set GITHUB_TOKEN, or the variable that `token-env` of `[github]` names, to a token with `{needed}`"
    )
}
