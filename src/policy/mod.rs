//! Parses the policy file: into valid settings, or all problems at once.
//!
//! Reads no file, no environment and no clock; the binary passes the text and its name.
//! The steps: `read` and `scalar` walk the TOML document into the tables of `raw`,
//! `validate` resolves them into [`Policy`], and both add problems to `problem`.

mod github;
mod github_api;
mod github_remote;
mod kind;
mod lint;
mod part;
mod patterns;
mod problem;
mod raw;
mod read;
mod redact;
mod scalar;
mod schema;
mod settings;
mod shard;
mod suggest;
mod validate;

pub use github::{
    Deploys, GitHubRepository, GitHubSettings, InvalidGitHubRepository, InvalidTitle, RecordStore,
    RunLimits, SuccessBy, TitlePattern,
};
pub use github_api::{NotAnApi, commits_address};
pub use kind::RegistryKind;
pub use lint::LINT_RULES;
pub use patterns::{FoundImages, ImagePatterns};
pub use problem::{PolicyError, Position, Problem};
pub use schema::json_schema;
pub use settings::{
    Credentials, Environment, EnvironmentImage, Limits, LintSettings, Mirror, Mirrors, Policy,
    Protect, RegistrySettings, Retention, RetentionScope, RuleLevel, Span,
};

pub use shard::{InvalidShard, Shard};
pub use suggest::nearest;

use std::sync::Arc;

use patterns::PolicySource;
use problem::Problems;
use raw::RawPolicy;
use read::{KeyContext, Read as _};
use toml::de::{DeTable, DeValue};

/// Reads a policy file; `name` is what messages call it.
///
/// # Errors
/// [`PolicyError`] with every problem of the file, or with its syntax errors alone.
///
/// ```
/// let Err(error) = tags::policy::parse("tags.toml", "version = 1\n[limits]\nmax-shar = 1") else {
///     panic!("there is no such key");
/// };
/// let (position, problem) = error.problems().next().ok_or("no problem")?;
/// assert_eq!(position.to_string(), "3:1");
/// assert_eq!(problem.help.as_deref(), Some("did you mean `max-share`?"));
/// # Ok::<(), &str>(())
/// ```
pub fn parse(name: &str, text: &str) -> Result<Policy, PolicyError> {
    let mut policy = parse_with(name, text, None)?;
    if let Some(patterns) = &mut policy.patterns {
        patterns.source = Arc::new(PolicySource { name: name.to_owned(), text: text.to_owned() });
    }
    Ok(policy)
}

fn parse_with(name: &str, text: &str, found: Option<&FoundImages>) -> Result<Policy, PolicyError> {
    let mut problems = Problems::default();
    let policy = read_document(text, &mut problems)
        .and_then(|raw| validate::policy(&raw, (name, text), found, &mut problems))
        .filter(|_| problems.is_empty());
    policy.ok_or_else(|| PolicyError::new(name, text, problems))
}

impl Policy {
    /// The policy with the images that its patterns found; without patterns it stays as it is.
    ///
    /// # Errors
    /// [`PolicyError`] when it names an image that was not found, or contradicts one that was.
    pub fn with_images(self, found: &FoundImages) -> Result<Self, PolicyError> {
        let Some(patterns) = &self.patterns else { return Ok(self) };
        let PolicySource { name, text } = patterns.source.as_ref();
        let Self { environments, repositories, found, .. } = parse_with(name, text, Some(found))?;
        Ok(Self { environments, found, repositories, ..self })
    }
}

fn read_document(text: &str, problems: &mut Problems) -> Option<RawPolicy> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut last_line = None;
    for error in &errors {
        let span = error.span().unwrap_or_default();
        // Further errors on the same line mostly follow from the first.
        let line = Position::of(text, span.start).line;
        if last_line.replace(line) != Some(line) {
            problems.add(span, error.message());
        }
    }
    if !errors.is_empty() {
        return None;
    }
    let root = DeValue::Table(document.into_inner());
    RawPolicy::read(&root, &KeyContext { key: "policy", span: 0..0 }, problems)
}
