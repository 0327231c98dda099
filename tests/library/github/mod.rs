//! The connection to GitHub, against the embedded one.

mod caching;
mod deploying;
mod logs;
mod reading;
mod refused;

use std::path::PathBuf;
use std::time::Duration;

use tags::command::{PolicyFile, Session, SessionSettings, VariableToken};
use tags::github::GitHub;
use tags::sandbox::github::{EmbeddedGitHub, GitHubSettings, Pipeline};

use crate::connect::now;
use crate::support::{github, policy};
use tags::policy::RegistryKind;

pub(crate) const WORKFLOW: &str = "main-pipeline.yml";

/// A commit, by one digit.
pub(crate) fn sha(digit: char) -> String {
    digit.to_string().repeat(40)
}

/// An embedded GitHub, and sessions with it.
pub(crate) struct World {
    pub(crate) github: EmbeddedGitHub,
    cache: Option<PathBuf>,
    token: Option<&'static str>,
}

impl World {
    pub(crate) fn new(pipeline: &Pipeline) -> Self {
        Self::with(github::settings(pipeline))
    }

    pub(crate) fn with(settings: GitHubSettings) -> Self {
        let github = github::start(settings, now());
        Self { github, cache: None, token: Some(github::TOKEN) }
    }

    pub(crate) fn caching_in(self, directory: PathBuf) -> Self {
        Self { cache: Some(directory), ..self }
    }

    pub(crate) fn token(self, token: Option<&'static str>) -> Self {
        Self { token, ..self }
    }

    /// A new session, as another run of the program has.
    pub(crate) fn session(&self) -> Session {
        let text = policy::one("it", RegistryKind::Oci, "http://127.0.0.1:1");
        let text = text + &github::table(&self.github);
        let mut settings = SessionSettings::anonymous(now);
        settings.cache_directory.clone_from(&self.cache);
        settings.retry_within = Duration::from_secs(3);
        settings.github_token = self.token.map(|token| VariableToken {
            variable: "GITHUB_TOKEN".to_owned(),
            secret: token.into(),
        });
        let file = PolicyFile::parse("tags.toml", &text).expect("a policy");
        Session::without_images(file, settings)
    }

    pub(crate) fn fault(&self, text: &str) {
        self.github.api().faults().add(text.parse().expect("a fault"));
    }

    /// What the API was asked, since the last time.
    pub(crate) fn asked(&self) -> Vec<String> {
        let asked = github::asked(&self.github);
        self.github.api().clear_requests();
        asked
    }
}

/// The connection of a session.
pub(crate) fn of(session: &Session) -> &GitHub {
    session.github().expect("a repository")
}
