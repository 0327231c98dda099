//! A plan file back to a plan: the JSON that `tags cleanup` writes, read strictly.
//!
//! A reviewed plan is applied as it stands, so that whatever is not understood to the last field
//! is refused. Limits, age and the policy's digest are not looked at here.

mod entry;
mod error;
pub mod wire;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::IgnoredAny;

pub use error::PlanFileError;

use super::plan::{Plan, RepositoryCoverage};
use crate::model::{Digest, Repository, Unread};
use crate::policy::Policy;
use wire::{CoverageJson, EntryJson, TotalsJson};

/// How a cleanup stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlanOutcome {
    /// Everything was read, and all that was to be done is done.
    Ok,
    /// It goes over a limit, and may not be applied.
    Refused,
    /// Something was not read or not done.
    Partial,
}

impl PlanOutcome {
    /// The word used in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Partial => "partial",
        }
    }
}

/// A plan with how it stood when it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFile {
    /// The plan, without summary and warnings.
    pub plan: Plan,
    /// How it stood.
    pub outcome: PlanOutcome,
    /// Why it was refused, if it was, in words.
    pub refusals: Vec<String>,
}

/// What tells whether the rest can be understood.
#[derive(Deserialize)]
struct Head {
    version: u64,
    command: String,
}

/// The whole file; what only reports on it is read over.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    #[serde(rename = "version")]
    _version: IgnoredAny,
    #[serde(rename = "command")]
    _command: IgnoredAny,
    outcome: PlanOutcome,
    created: String,
    policy: String,
    coverage: Vec<CoverageJson<'a>>,
    entries: Vec<EntryJson<'a>>,
    #[serde(rename = "totals")]
    _totals: TotalsJson,
    #[serde(rename = "applied")]
    _applied: Option<IgnoredAny>,
    #[serde(rename = "journal")]
    _journal: Option<IgnoredAny>,
    #[serde(default)]
    refusals: Vec<String>,
    #[serde(default, rename = "warnings")]
    _warnings: Option<IgnoredAny>,
    #[serde(default, rename = "survivors")]
    _survivors: Option<IgnoredAny>,
    #[serde(default, rename = "environments")]
    _environments: Option<IgnoredAny>,
    #[serde(default, rename = "interrupted")]
    _interrupted: Option<IgnoredAny>,
    #[serde(default, rename = "remaining")]
    _remaining: Option<IgnoredAny>,
}

/// The repositories of a policy by registry name and `host/path`.
type Repositories<'a> = HashMap<(&'a str, String), &'a Repository>;

/// Reads a plan file.
///
/// # Errors
/// [`PlanFileError`] when it is no plan in every part, or speaks of a repository that the policy
/// does not have.
pub fn read(text: &str, policy: &Policy) -> Result<PlanFile, PlanFileError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let head: Head = serde_json::from_str(text)?;
    if head.version != wire::VERSION {
        return Err(PlanFileError::Version(head.version));
    }
    if head.command != "cleanup" {
        return Err(PlanFileError::Command(head.command.chars().take(40).collect()));
    }
    let document: Document<'_> = serde_json::from_str(text)?;
    let repositories: Repositories<'_> = policy
        .repositories
        .keys()
        .map(|repository| ((repository.registry.as_str(), repository.to_string()), repository))
        .collect();
    let plan = plan(&document, &repositories)?;
    Ok(PlanFile { plan, outcome: document.outcome, refusals: document.refusals })
}

fn plan(document: &Document<'_>, repositories: &Repositories<'_>) -> Result<Plan, PlanFileError> {
    let created = moment("created", &document.created)?;
    let policy =
        Digest::parse(&document.policy).map_err(|error| invalid("policy", error.to_string()))?;
    let mut coverage = Vec::with_capacity(document.coverage.len());
    for (index, json) in document.coverage.iter().enumerate() {
        coverage.push(covered(&format!("coverage[{index}]"), json, repositories)?);
    }
    let mut entries = Vec::with_capacity(document.entries.len());
    for (index, json) in document.entries.iter().enumerate() {
        entries.push(entry::read(index, json, repositories)?);
    }
    once(coverage.iter().map(|coverage| &coverage.repository), |repository| {
        invalid("coverage", format!("{repository} stands there twice"))
    })?;
    once(
        entries.iter().map(|entry| (&entry.repository, &entry.digest)),
        |(repository, digest)| {
            invalid("entries", format!("{repository}@{digest} stands there twice"))
        },
    )?;
    // Guards count by repository, so that each must stand in one piece; otherwise the order stays.
    coverage.sort_by(|a, b| a.repository.cmp(&b.repository));
    entries.sort_by(|a, b| a.repository.cmp(&b.repository));
    Ok(Plan { created, policy, coverage, entries, environments: Vec::new(), warnings: Vec::new() })
}

/// The first that is there twice is an error.
fn once<T: Eq + std::hash::Hash + Copy>(
    items: impl Iterator<Item = T>,
    twice: impl Fn(T) -> PlanFileError,
) -> Result<(), PlanFileError> {
    let mut seen = HashSet::new();
    for item in items {
        if !seen.insert(item) {
            return Err(twice(item));
        }
    }
    Ok(())
}

fn covered(
    place: &str,
    json: &CoverageJson<'_>,
    repositories: &Repositories<'_>,
) -> Result<RepositoryCoverage, PlanFileError> {
    let repository = repository(place, (&json.registry, &json.repository), repositories)?;
    let unread = match (json.complete, json.cause.as_deref(), json.message.as_deref()) {
        (true, None, None) if json.hint.is_none() => None,
        (false, Some(word), Some(message)) => {
            let cause = wire::CAUSES.into_iter().find(|(_, known)| *known == word);
            let (cause, _) =
                cause.ok_or_else(|| invalid(place, format!("`{word}` is no cause")))?;
            let hint = json.hint.as_deref().map(str::to_owned);
            Some(Unread { cause, message: message.to_owned(), hint })
        }
        _ => return Err(invalid(place, "it says both that it is complete and that it is not")),
    };
    Ok(RepositoryCoverage { repository, unread })
}

/// A repository of the policy by its registry's name and `host/path`.
fn repository(
    place: &str,
    (registry, name): (&str, &str),
    repositories: &Repositories<'_>,
) -> Result<Repository, PlanFileError> {
    repositories.get(&(registry, name.to_owned())).map(|found| (*found).clone()).ok_or_else(|| {
        PlanFileError::UnknownRepository {
            place: place.to_owned(),
            registry: registry.to_owned(),
            repository: name.to_owned(),
        }
    })
}

fn moment(place: &str, text: &str) -> Result<DateTime<Utc>, PlanFileError> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.with_timezone(&Utc))
        .map_err(|_| invalid(place, format!("`{text}` is no RFC 3339 time")))
}

fn invalid(place: &str, message: impl Into<String>) -> PlanFileError {
    PlanFileError::Invalid { place: place.to_owned(), message: message.into() }
}
