//! What every command works with: the policy, the registries, a clock, and a listener.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;

use super::found_images::Images;
use super::git_refusal::GitRefusal;
use super::{CommandError, NoRecordFiles, RecordFiles};
use crate::collect::{Collector, NoProgress, Progress};
use crate::github::{GitHub, GitHubConnection};
use crate::http::{LocalTime, TransportSettings, Trust, VariableToken};
use crate::model::{
    ClockReading, Digest, EnvironmentName, RegistryName, Unread, UnreadCause, now_by_servers,
};
use crate::policy::{self, Environment, Policy, PolicyError};
use crate::registry::{ConnectSettings, Connections, ContentCache, Keychain, anonymous};
use crate::secrets::Secrets;

/// This machine's clock. Any function that returns the time implements it.
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> DateTime<Utc>;

    /// Waits.
    fn sleep(&self, pause: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(pause))
    }
}

impl<F: Fn() -> DateTime<Utc> + Send + Sync> Clock for F {
    fn now(&self) -> DateTime<Utc> {
        self()
    }
}

/// A message of a command while it runs; not part of its report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// What the command is doing.
    Status(String),
    /// Something to know about the report.
    Note {
        /// What to know.
        text: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// Something that should be fixed.
    Warning {
        /// What is wrong.
        text: String,
        /// What to do about it.
        hint: Option<String>,
    },
}

/// Receives the messages and the progress of a command.
pub trait Listener: Progress {
    /// A message.
    fn message(&self, message: &Message);

    /// No more steps follow for now: remove a progress bar.
    fn finish_progress(&self);
}

/// Ignores all messages.
impl Listener for NoProgress {
    fn message(&self, _: &Message) {}

    fn finish_progress(&self) {}
}

/// A policy file after parsing.
#[derive(Debug, Clone)]
pub struct PolicyFile {
    /// The policy.
    pub policy: Policy,
    /// The name of the file, for messages.
    pub name: String,
    /// The digest of the file's bytes: a plan belongs to one policy.
    pub digest: Digest,
}

impl PolicyFile {
    /// Reads the text of a policy file.
    ///
    /// # Errors
    /// [`PolicyError`] with every problem in the text.
    pub fn parse(name: &str, text: &str) -> Result<Self, PolicyError> {
        let policy = policy::parse(name, text)?;
        Ok(Self { policy, name: name.to_owned(), digest: Digest::of(text.as_bytes()) })
    }
}

/// How a session reaches registries, and where its messages go.
pub struct SessionSettings {
    /// How long one request may take, its body included.
    pub timeout: Duration,
    /// How long retries of one request may go on.
    pub retry_within: Duration,
    /// The hosts that may get credentials.
    pub trust: Trust,
    /// The secrets to redact; tokens that registries issue are added.
    pub secrets: Secrets,
    /// Where content is cached; without a directory it is kept in memory.
    pub cache_directory: Option<PathBuf>,
    /// Where credentials come from.
    pub keychain: Keychain,
    /// The token for GitHub's API, from a variable that `[github]` names.
    pub github_token: Option<VariableToken>,
    /// Why git did not tell the remote of the checkout, if it was asked and refused.
    pub github_refusal: Option<GitRefusal>,
    /// This machine's clock.
    pub clock: Arc<dyn Clock>,
    /// Receives messages and progress.
    pub listener: Arc<dyn Listener>,
    /// Opens the file of records, if the policy names one.
    pub record_files: Arc<dyn RecordFiles>,
}

impl SessionSettings {
    /// Settings for anonymous access, with a cache in memory, and without a listener.
    pub fn anonymous(clock: impl Clock + 'static) -> Self {
        let TransportSettings { timeout, retry_within, trust, secrets, .. } =
            TransportSettings::default();
        Self {
            timeout,
            retry_within,
            trust,
            secrets,
            cache_directory: None,
            keychain: anonymous(),
            github_token: None,
            github_refusal: None,
            clock: Arc::new(clock),
            listener: Arc::new(NoProgress),
            record_files: Arc::new(NoRecordFiles),
        }
    }
}

/// What every command works with.
pub struct Session {
    /// The policy.
    pub policy: Policy,
    /// The name of the policy file, for messages.
    pub policy_name: String,
    /// The digest of the policy file's bytes: a plan belongs to one policy.
    pub policy_digest: Digest,
    /// The registries of the policy.
    pub connections: Connections,
    /// The repository whose pipeline deploys, if it is known.
    pub github: Option<GitHub>,
    /// Why git did not tell which repository that is.
    github_refusal: Option<GitRefusal>,
    /// This machine's clock.
    pub clock: Arc<dyn Clock>,
    /// Receives messages and progress.
    pub listener: Arc<dyn Listener>,
    /// Opens the file of records, if the policy names one.
    pub record_files: Arc<dyn RecordFiles>,
    /// What the patterns of the policy found.
    pub(super) images: Images,
}

impl Session {
    /// A session for anonymous access to the registries of a policy, given as text. Any function
    /// that returns the time, such as `chrono::Utc::now`, serves as the clock.
    ///
    /// # Errors
    /// [`CommandError`] with every problem in the text, or as for [`Session::find_images`].
    pub async fn new(policy: &str, clock: impl Clock + 'static) -> Result<Self, CommandError> {
        let file = PolicyFile::parse("the policy", policy)
            .map_err(|error| CommandError::usage(error.to_string().trim_end()))?;
        Self::connect(file, SessionSettings::anonymous(clock)).await
    }

    /// A session with these settings. If the policy has `[images]`, they are looked for; else nothing is
    /// sent yet.
    ///
    /// # Errors
    /// As for [`Session::find_images`].
    pub async fn connect(
        file: PolicyFile,
        settings: SessionSettings,
    ) -> Result<Self, CommandError> {
        let mut session = Self::without_images(file, settings);
        session.find_images().await?;
        Ok(session)
    }

    /// The same for what depends on no image, or may not fail: the images of `[images]` are not looked
    /// for. Nothing is sent.
    #[must_use]
    pub fn without_images(file: PolicyFile, settings: SessionSettings) -> Self {
        let SessionSettings { clock, listener, keychain, record_files, .. } = settings;
        let local = Arc::clone(&clock);
        let transport = TransportSettings {
            timeout: settings.timeout,
            retry_within: settings.retry_within,
            trust: settings.trust,
            secrets: settings.secrets,
            local_time: Some(LocalTime(Arc::new(move || local.now()))),
            ..TransportSettings::default()
        };
        let cache_directory = settings.cache_directory;
        let cache = cache_directory
            .clone()
            .map_or_else(ContentCache::in_memory, ContentCache::in_directory);
        let PolicyFile { policy, name: policy_name, digest: policy_digest } = file;
        let connections = Connections::new(&policy, ConnectSettings { transport, keychain, cache });
        let connection = GitHubConnection {
            http: Arc::clone(connections.http()),
            token: settings.github_token,
            cache_directory,
        };
        let github = policy.github.as_ref().and_then(|settings| GitHub::new(settings, connection));
        Self {
            policy,
            policy_name,
            policy_digest,
            connections,
            github,
            github_refusal: settings.github_refusal,
            clock,
            listener,
            record_files,
            images: Images::default(),
        }
    }

    /// An environment of the policy by its name.
    ///
    /// # Errors
    /// [`CommandError`] with a suggestion when the policy has no such environment.
    pub fn environment(&self, name: &str) -> Result<&Environment, CommandError> {
        self.check_images()?;
        let known = EnvironmentName::parse(name).ok();
        known.and_then(|name| self.policy.environments.get(&name)).ok_or_else(|| {
            let names = self.policy.environments.keys().map(EnvironmentName::as_str);
            CommandError::usage(format!("no environment `{name}` in {}", self.policy_name)).suggest(
                name,
                names,
                "environments",
            )
        })
    }

    /// The repository whose pipeline deploys.
    ///
    /// # Errors
    /// [`CommandError`] when the policy has no `[github]`, or the repository is not known.
    pub fn github(&self) -> Result<&GitHub, CommandError> {
        self.github.as_ref().ok_or_else(|| match self.policy.github {
            None => CommandError::usage(format!("{} has no table `[github]`", self.policy_name))
                .hint("add it; it may be empty where $GITHUB_REPOSITORY or the remote `origin` names the repository"),
            Some(_) => self.no_repository(),
        })
    }

    /// The same where a command goes on without it: why it cannot be asked.
    pub(crate) fn readable_github(&self) -> Result<&GitHub, Unread> {
        self.github.as_ref().ok_or_else(|| {
            let CommandError { message, hint, .. } = self.no_repository();
            Unread { cause: UnreadCause::Unreachable, message, hint }
        })
    }

    /// The error of a repository on GitHub that is not known.
    pub(crate) fn no_repository(&self) -> CommandError {
        let unknown = "the repository on GitHub is not known";
        match &self.github_refusal {
            Some(GitRefusal { message, hint }) => {
                CommandError::usage(format!("{unknown}, since git refuses: {message}")).hint(hint)
            }
            None => CommandError::usage(unknown).hint(
                "set `repository` of `[github]` in the policy, or $GITHUB_REPOSITORY, or run this in a checkout whose remote `origin` is on GitHub",
            ),
        }
    }

    /// The name of a registry of the policy.
    ///
    /// # Errors
    /// [`CommandError`] with a suggestion when the policy has no such registry.
    pub fn registry_name(&self, name: &str) -> Result<RegistryName, CommandError> {
        let registries = &self.policy.registries;
        let known = RegistryName::parse(name).ok().filter(|name| registries.contains_key(name));
        known.ok_or_else(|| {
            CommandError::usage(format!("no registry `{name}` in {}", self.policy_name)).suggest(
                name,
                registries.keys().map(RegistryName::as_str),
                "registries",
            )
        })
    }

    /// The hint for a command that needs an environment: their names.
    #[must_use]
    pub fn environment_hint(&self) -> String {
        let names: Vec<&str> =
            self.policy.environments.keys().map(EnvironmentName::as_str).collect();
        if names.is_empty() {
            return "the policy has no environments; add one as [environment.NAME]".to_owned();
        }
        format!("pass one of {}", names.join(", "))
    }

    /// Reads from the registries, and reports progress to the listener.
    #[must_use]
    pub fn collector(&self) -> Collector<'_> {
        Collector { connections: &self.connections, progress: self.listener.as_ref() }
    }

    /// The current time, by the clocks of the servers that answered so far.
    #[must_use]
    pub fn clock_reading(&self) -> ClockReading {
        now_by_servers(self.clock.now(), &self.connections.http().clock_samples())
    }

    /// Ends the progress, warns where clocks differ, and logs how much was sent and received. Every
    /// command calls this after its last request, also after a failure.
    pub fn finish_requests(&self) {
        self.clear_progress();
        for warning in self.clock_reading().warnings {
            self.warn(warning.to_string(), Some(warning.hint().to_owned()));
        }
        let traffic = self.connections.http().meter().traffic();
        tracing::info!(
            requests = traffic.requests,
            retries = traffic.retries,
            bytes = traffic.bytes,
            "traffic"
        );
    }

    /// Removes the progress from the terminal, so that something can be shown and asked there.
    pub fn clear_progress(&self) {
        self.listener.finish_progress();
    }

    /// Sends a status message.
    pub(crate) fn status(&self, text: impl Into<String>) {
        self.listener.message(&Message::Status(text.into()));
    }

    /// Sends a note about the report.
    pub(crate) fn note(&self, text: impl Into<String>, hint: Option<String>) {
        self.listener.message(&Message::Note { text: text.into(), hint });
    }

    /// Sends a warning.
    pub(crate) fn warn(&self, text: impl Into<String>, hint: Option<String>) {
        self.listener.message(&Message::Warning { text: text.into(), hint });
    }
}
