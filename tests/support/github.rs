//! An embedded GitHub, and the table of a policy for it.

use chrono::{DateTime, Utc};
use tags::sandbox::github::{EmbeddedGitHub, GitHubSettings, Pipeline};

/// The token of the embedded GitHub.
pub(crate) const TOKEN: &str = "ghs_0123456789abcdef";

/// The repository of the embedded GitHub.
pub(crate) const REPOSITORY: &str = "acme/app";

/// Every right, and these runs and deployments.
pub(crate) fn settings(pipeline: &Pipeline) -> GitHubSettings {
    GitHubSettings::new(REPOSITORY, TOKEN, pipeline.clone())
}

/// A GitHub on threads of its own.
pub(crate) fn start(settings: GitHubSettings, now: DateTime<Utc>) -> EmbeddedGitHub {
    let listen = ([127, 0, 0, 1], 0).into();
    EmbeddedGitHub::start_in_background(listen, settings, now).expect("a GitHub")
}

/// `[github]` of a policy, with this GitHub's address and the default variables for its token.
pub(crate) fn table(github: &EmbeddedGitHub) -> String {
    format!("\n[github]\nrepository = \"{REPOSITORY}\"\napi-url = \"{}\"\n", github.url())
}

/// The requests that the API got, as `METHOD target`.
pub(crate) fn asked(github: &EmbeddedGitHub) -> Vec<String> {
    let requests = github.api().requests().into_iter();
    requests.map(|request| format!("{} {}", request.method, request.target)).collect()
}
