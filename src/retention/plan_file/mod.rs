//! Reads a plan file: the JSON that `tags cleanup` writes, back to a plan.
//!
//! What was reviewed must be understood completely, so a file with any unknown or inconsistent field is
//! refused. Limits, age and the policy's digest are checked elsewhere.

pub mod wire;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::plan::{Decision, Plan, PlanEntry, RepositoryCoverage};
use super::reason::{Reason, ReasonCode, RuleName};
use crate::model::{Digest, ImageName, RegistryName, Repository, RepositoryPath, TagName, Unread};
use crate::policy::{FoundImages, ImagePatterns, InvalidShard, Policy, Shard};
use wire::{CoverageJson, EntryJson, ReasonJson, TotalsJson};

/// The outcome of a cleanup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum PlanOutcome {
    /// Everything was read, and everything planned is done.
    Ok,
    /// It exceeds a limit, and must not be applied.
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

/// A plan with its outcome when it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFile {
    /// The plan, without summary and warnings.
    pub plan: Plan,
    /// The outcome.
    pub outcome: PlanOutcome,
    /// Why it was refused, if it was.
    pub refusals: Vec<String>,
}

/// Why the file is not a plan that can be applied with this policy.
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
    /// It has another version of the format.
    #[error("it has version {0}; this program reads version 1")]
    Version(u64),
    /// It is the output of another command.
    #[error("it was written by `tags {0}`, not by `tags cleanup`")]
    Command(String),
    /// A part of it is invalid.
    #[error("{place}: {message}")]
    Invalid {
        /// Where.
        place: String,
        /// What is wrong there.
        message: String,
    },
    /// A repository that the policy does not have.
    #[error("{place}: {repository} in the registry `{registry}` is not a repository of the policy")]
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
                "give a file that `tags cleanup --out FILE` wrote, unchanged"
            }
            Self::Version(_) => {
                "apply it with the version of tags that made it, or make a new plan"
            }
            Self::UnknownRepository { .. } => {
                "apply a plan with the policy that it was made with, or make a new plan"
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

/// What decides whether the rest can be read.
#[derive(Deserialize)]
struct Head {
    version: u64,
    command: String,
}

/// The whole file; fields that only report are accepted and ignored.
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
    #[serde(default)]
    images: Vec<Cow<'a, str>>,
    #[serde(default)]
    shard: Option<Cow<'a, str>>,
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

/// The shard that a plan is about: the policy has to be that of the shard before the file is read. None
/// for a plan about all repositories, and for what is no plan.
#[must_use]
pub fn shard(text: &str) -> Option<Shard> {
    #[derive(Deserialize)]
    struct Named<'a> {
        #[serde(borrow)]
        shard: Cow<'a, str>,
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str::<Named<'_>>(text).ok()?.shard.parse().ok()
}

/// What of a plan file says which images it is about.
#[derive(Deserialize)]
struct Named<'a> {
    #[serde(default, borrow)]
    images: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    coverage: Vec<CoverageJson<'a>>,
}

/// The images that a plan file names, with those of its repositories that fit the policy's patterns: the
/// policy has to know them before the file is read.
///
/// # Errors
/// [`PlanFileError`] when the file is no plan.
pub fn images(text: &str, patterns: &ImagePatterns) -> Result<FoundImages, PlanFileError> {
    let named: Named<'_> = serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text))?;
    let mut found = FoundImages::new();
    for covered in &named.coverage {
        let path = covered.repository.split_once('/').map(|(_, path)| RepositoryPath::parse(path));
        let (Ok(registry), Some(Ok(path))) = (RegistryName::parse(&covered.registry), path) else {
            continue;
        };
        // A name that is too long would not be in the list either.
        let _ = patterns.add_fitting(&registry, &[path], &mut found);
    }
    found.retain(|name, _| named.images.iter().any(|known| known == name.as_str()));
    Ok(found)
}

/// The repositories of a policy by registry name and `host/path`.
type Repositories<'a> = HashMap<(&'a str, String), &'a Repository>;

/// Reads a plan file.
///
/// # Errors
/// [`PlanFileError`] when any part is invalid, or a repository is not in the policy.
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
    let created = time("created", &document.created)?;
    let policy =
        Digest::parse(&document.policy).map_err(|error| invalid("policy", error.to_string()))?;
    let images =
        document.images.iter().map(|name| ImageName::parse(name)).collect::<Result<_, _>>();
    let images = images.map_err(|error| invalid("images", error.to_string()))?;
    let shard = document.shard.as_deref().map(str::parse).transpose();
    let shard = shard.map_err(|error: InvalidShard| invalid("shard", error.to_string()))?;
    let mut coverage = Vec::with_capacity(document.coverage.len());
    for (index, json) in document.coverage.iter().enumerate() {
        coverage.push(covered(&format!("coverage[{index}]"), json, repositories)?);
    }
    let mut entries = Vec::with_capacity(document.entries.len());
    for (index, json) in document.entries.iter().enumerate() {
        entries.push(entry(index, json, repositories)?);
    }
    refuse_duplicates(coverage.iter().map(|coverage| &coverage.repository), |repository| {
        invalid("coverage", format!("{repository} is listed twice"))
    })?;
    refuse_duplicates(
        entries.iter().map(|entry| (&entry.repository, &entry.digest)),
        |(repository, digest)| invalid("entries", format!("{repository}@{digest} is listed twice")),
    )?;
    // Limits are counted by repository, so the entries of each must be adjacent; within one, the
    // order of the file is kept.
    coverage.sort_by(|a, b| a.repository.cmp(&b.repository));
    entries.sort_by(|a, b| a.repository.cmp(&b.repository));
    let (environments, warnings) = (Vec::new(), Vec::new());
    Ok(Plan { created, policy, coverage, entries, images, shard, environments, warnings })
}

/// An error for the first item that occurs twice.
fn refuse_duplicates<T: Eq + std::hash::Hash + Copy>(
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
                cause.ok_or_else(|| invalid(place, format!("unknown cause `{word}`")))?;
            let hint = json.hint.as_deref().map(str::to_owned);
            Some(Unread { cause, message: message.to_owned(), hint })
        }
        _ => return Err(invalid(place, "`complete` contradicts the fields beside it")),
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
    let time = json.time.as_deref().map(|text| time(&place, text)).transpose()?;
    Ok(PlanEntry { image, repository, digest, tags, decision, reason, bytes: json.bytes, time })
}

/// Tags, sorted; a duplicate is an error.
fn tags(names: &[Cow<'_, str>]) -> Result<Vec<TagName>, String> {
    let tags: Result<Vec<_>, _> = names.iter().map(|name| TagName::parse(name)).collect();
    let mut tags = tags.map_err(|error| error.to_string())?;
    tags.sort();
    match tags.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!("the tag `{}` is listed twice", pair[0])),
        None => Ok(tags),
    }
}

fn reason(json: &ReasonJson<'_>) -> Result<Reason, String> {
    let code = ReasonCode::parse(&json.code)
        .ok_or_else(|| format!("unknown reason code `{}`", json.code))?;
    let rule = json.rule.as_deref().map(RuleName::written);
    Ok(Reason { code, rule, message: json.message.clone().into_owned() })
}

/// The decision, if it is consistent with its reason and its tags.
fn decision(json: &EntryJson<'_>, tags: &[TagName], reason: &Reason) -> Result<Decision, String> {
    let untag = self::tags(&json.untag)?;
    let decision = match &*json.decision {
        "keep" => Decision::Keep,
        "delete" => Decision::Delete,
        "untag" if untag.is_empty() => return Err("`untag` names no tag".to_owned()),
        "untag" => Decision::Untag(untag.clone()),
        other => return Err(format!("unknown decision `{other}`")),
    };
    let is_deleted = decision == Decision::Delete;
    if is_deleted != matches!(reason.code, ReasonCode::Delete(_)) {
        return Err(format!("`{}` is not a reason to {}", reason.code, decision.as_str()));
    }
    let is_untag = matches!(decision, Decision::Untag(_));
    if !is_untag && !untag.is_empty() {
        return Err(format!("`untag` must be empty when the decision is `{}`", decision.as_str()));
    }
    if let Some(tag) = untag.iter().find(|tag| !tags.contains(tag)) {
        return Err(format!("`untag` names `{tag}`, which is not one of its tags"));
    }
    if is_untag && untag.len() == tags.len() {
        return Err("`untag` names all of its tags, and would leave it without one".to_owned());
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

fn time(place: &str, text: &str) -> Result<DateTime<Utc>, PlanFileError> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.with_timezone(&Utc))
        .map_err(|_| invalid(place, format!("`{text}` is not an RFC 3339 time")))
}

fn invalid(place: &str, message: impl Into<String>) -> PlanFileError {
    PlanFileError::Invalid { place: place.to_owned(), message: message.into() }
}
