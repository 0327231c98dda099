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
mod problem;
mod raw;
mod read;
mod redact;
mod scalar;
mod schema;
mod settings;
mod suggest;
mod validate;

pub use github::{
    Deploys, GitHubRepository, GitHubSettings, InvalidGitHubRepository, InvalidTitle, RecordStore,
    RunLimits, SuccessBy, TitlePattern,
};
pub use github_api::{NotAnApi, commits_address};
pub use kind::RegistryKind;
pub use lint::LINT_RULES;
pub use problem::{PolicyError, Position, Problem};
pub use schema::json_schema;
pub use settings::{
    Credentials, Environment, EnvironmentImage, Limits, LintSettings, Mirror, Mirrors, Policy,
    Protect, RegistrySettings, Retention, RetentionScope, RuleLevel, Span,
};

pub use suggest::nearest;

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
/// let error = tags::policy::parse("tags.toml", "version = 1\n[limits]\nmax-shar = 1").unwrap_err();
/// let (position, problem) = error.problems().next().unwrap();
/// assert_eq!(position.to_string(), "3:1");
/// assert_eq!(problem.help.as_deref(), Some("did you mean `max-share`?"));
/// ```
pub fn parse(name: &str, text: &str) -> Result<Policy, PolicyError> {
    let mut problems = Problems::default();
    let policy = read_document(text, &mut problems)
        .and_then(|raw| validate::policy(&raw, (name, text), &mut problems))
        .filter(|_| problems.is_empty());
    policy.ok_or_else(|| PolicyError::new(name, text, problems))
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
