//! A plan file back to a plan: the JSON that `tags cleanup` writes, read strictly.
//!
//! A reviewed plan is applied as it stands, so that whatever is not understood to the last field
//! is refused. Limits, age and the policy's digest are not looked at here.

pub mod wire;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::plan::{Decision, Plan, PlanEntry, RepositoryCoverage};
use super::reason::{Reason, ReasonCode, RuleName};
use crate::model::{Digest, ImageName, Repository, TagName, Unread};
use crate::policy::Policy;
use wire::{CoverageJson, EntryJson, ReasonJson, TotalsJson};

/// How a cleanup stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
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
        self.into()
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

/// The file is no plan that can be applied under this policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanFileError {
    /// It is not the JSON of a plan.
    #[error("line {line}, column {column}: {message}")]
    Json {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// It is JSON of another version.
    #[error("it is of version {0}; this program knows version 1")]
    Version(u64),
    /// It is JSON of another command.
    #[error("it is of `tags {0}`, not of `tags cleanup`")]
    Command(String),
    /// A part of it cannot be.
    #[error("{place}: {message}")]
    Invalid {
        /// Where.
        place: String,
        /// What is wrong there.
        message: String,
    },
    /// A repository that the policy does not have.
    #[error("{place}: {repository} in the registry `{registry}` is no repository of the policy")]
    UnknownRepository {
        /// Where.
        place: String,
        /// Its registry's name.
        registry: String,
        /// `host/path`.
        repository: String,
    },
}

impl PlanFileError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Json { .. } | Self::Command(_) | Self::Invalid { .. } => {
                "a plan is what `tags cleanup --out FILE` writes, unchanged"
            }
            Self::Version(_) => "apply it with the version of tags that made it, or plan anew",
            Self::UnknownRepository { .. } => {
                "apply a plan under the policy that it was made under, or plan anew"
            }
        }
    }
}

impl From<serde_json::Error> for PlanFileError {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let text = error.to_string();
        let place = format!(" at line {line} column {column}");
        let message = text.strip_suffix(&place).unwrap_or(&text).to_owned();
        Self::Json { line, column, message }
    }
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
        entries.push(entry(index, json, repositories)?);
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

/// Reads one entry; `index` names it in messages.
fn entry(
    index: usize,
    json: &EntryJson<'_>,
    repositories: &Repositories<'_>,
) -> Result<PlanEntry, PlanFileError> {
    let place = format!("entries[{index}]");
    let wrong = |message: String| invalid(&place, message);
    let image = json.image.as_deref().map(ImageName::parse).transpose();
    let image = image.map_err(|error| wrong(error.to_string()))?;
    let repository = repository(&place, (&json.registry, &json.repository), repositories)?;
    let digest = Digest::parse(&json.digest).map_err(|error| wrong(error.to_string()))?;
    let tags = tags(&json.tags).map_err(wrong)?;
    let reason = reason(&json.reason).map_err(wrong)?;
    let decision = decision(json, &tags, &reason).map_err(wrong)?;
    let time = json.time.as_deref().map(|text| moment(&place, text)).transpose()?;
    Ok(PlanEntry { image, repository, digest, tags, decision, reason, bytes: json.bytes, time })
}

/// Tags, sorted, each once.
fn tags(names: &[Cow<'_, str>]) -> Result<Vec<TagName>, String> {
    let tags: Result<Vec<_>, _> = names.iter().map(|name| TagName::parse(name)).collect();
    let mut tags = tags.map_err(|error| error.to_string())?;
    tags.sort();
    match tags.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!("the tag `{}` stands there twice", pair[0])),
        None => Ok(tags),
    }
}

fn reason(json: &ReasonJson<'_>) -> Result<Reason, String> {
    let code = ReasonCode::parse(&json.code)
        .ok_or_else(|| format!("`{}` is no reason code", json.code))?;
    let rule = json.rule.as_deref().map(RuleName::written);
    Ok(Reason { code, rule, message: json.message.clone().into_owned() })
}

/// The decision, if it agrees with its reason and its tags.
fn decision(json: &EntryJson<'_>, tags: &[TagName], reason: &Reason) -> Result<Decision, String> {
    let untag = self::tags(&json.untag)?;
    let decision = match &*json.decision {
        "keep" => Decision::Keep,
        "delete" => Decision::Delete,
        "untag" if untag.is_empty() => return Err("no tag is named to take off".to_owned()),
        "untag" => Decision::Untag(untag.clone()),
        other => return Err(format!("`{other}` is no decision")),
    };
    let goes = decision == Decision::Delete;
    if goes != matches!(reason.code, ReasonCode::Delete(_)) {
        return Err(format!("`{}` is no reason to {}", reason.code, decision.as_str()));
    }
    let is_untag = matches!(decision, Decision::Untag(_));
    if !is_untag && !untag.is_empty() {
        return Err(format!("to {} it, no tag is taken off by itself", decision.as_str()));
    }
    if let Some(tag) = untag.iter().find(|tag| !tags.contains(tag)) {
        return Err(format!("`{tag}` is to be taken off, and is none of its tags"));
    }
    if is_untag && untag.len() == tags.len() {
        return Err("it would lose all of its tags and stay".to_owned());
    }
    Ok(decision)
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
