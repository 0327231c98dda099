//! The JSON form of a plan, for writing and for reading: the only file that knows the names of its
//! fields. The parent module checks what was read.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::plan::{Decision, EntryTotals, PlanEntry, RepositoryCoverage};
use crate::model::{TagName, UnreadCause};

/// The version of the format.
pub const VERSION: u64 = 1;

/// Whether a repository was read completely.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverageJson<'a> {
    /// `host/path`.
    pub repository: String,
    /// The registry's name in the policy.
    pub registry: Cow<'a, str>,
    /// Whether it was read completely.
    pub complete: bool,
    /// The kind of failure, if it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cow<'a, str>>,
    /// Why it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Cow<'a, str>>,
    /// What to try next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Cow<'a, str>>,
}

/// One manifest.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryJson<'a> {
    /// The image that the repository belongs to, if any.
    pub image: Option<Cow<'a, str>>,
    /// The registry's name in the policy.
    pub registry: Cow<'a, str>,
    /// `host/path`.
    pub repository: String,
    /// Its digest.
    pub digest: Cow<'a, str>,
    /// Its tags.
    pub tags: Vec<Cow<'a, str>>,
    /// `keep`, `untag` or `delete`.
    pub decision: Cow<'a, str>,
    /// The tags that it loses while it is kept.
    pub untag: Vec<Cow<'a, str>>,
    /// Why.
    pub reason: ReasonJson<'a>,
    /// Its size, as far as it is known.
    pub bytes: Option<u64>,
    /// When it was pushed or built, RFC 3339.
    pub time: Option<String>,
}

/// Why a manifest is kept or deleted.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonJson<'a> {
    /// The code.
    pub code: Cow<'a, str>,
    /// The rule that decides, if any.
    pub rule: Option<Cow<'a, str>>,
    /// The reason as a sentence.
    pub message: Cow<'a, str>,
}

/// Counts over the entries.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TotalsJson {
    /// Manifests that are kept as they are.
    pub keep: usize,
    /// Manifests that are kept and lose tags.
    pub untag: usize,
    /// Manifests that are deleted.
    pub delete: usize,
    /// How much the deletions free: content that several manifests share counts once, and none that stays.
    pub bytes: u64,
}

/// RFC 3339 in UTC, with fractions of a second only if they are not zero.
#[must_use]
pub fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// The words for the causes of an unread repository.
pub(super) const CAUSES: [(UnreadCause, &str); 3] = [
    (UnreadCause::Credentials, "credentials"),
    (UnreadCause::NotFound, "not-found"),
    (UnreadCause::Unreachable, "unreachable"),
];

fn cause(cause: UnreadCause) -> &'static str {
    match cause {
        UnreadCause::Credentials => CAUSES[0].1,
        UnreadCause::NotFound => CAUSES[1].1,
        UnreadCause::Unreachable => CAUSES[2].1,
    }
}

impl<'a> From<&'a RepositoryCoverage> for CoverageJson<'a> {
    fn from(coverage: &'a RepositoryCoverage) -> Self {
        let why = coverage.unread.as_ref();
        Self {
            repository: coverage.repository.to_string(),
            registry: coverage.repository.registry.as_str().into(),
            complete: why.is_none(),
            cause: why.map(|why| cause(why.cause).into()),
            message: why.map(|why| why.message.as_str().into()),
            hint: why.and_then(|why| why.hint.as_deref()).map(Cow::Borrowed),
        }
    }
}

impl<'a> From<&'a PlanEntry> for EntryJson<'a> {
    fn from(entry: &'a PlanEntry) -> Self {
        let names = |tags: &'a [TagName]| tags.iter().map(|tag| tag.as_str().into()).collect();
        Self {
            image: entry.image.as_ref().map(|image| image.as_str().into()),
            registry: entry.repository.registry.as_str().into(),
            repository: entry.repository.to_string(),
            digest: entry.digest.to_string().into(),
            tags: names(&entry.tags),
            decision: entry.decision.as_str().into(),
            untag: match &entry.decision {
                Decision::Untag(tags) => names(tags),
                Decision::Keep | Decision::Delete => Vec::new(),
            },
            reason: ReasonJson {
                code: entry.reason.code.as_str().into(),
                rule: entry.reason.rule.as_ref().map(|rule| rule.as_str().into()),
                message: entry.reason.message.as_str().into(),
            },
            bytes: entry.bytes,
            time: entry.time.map(time),
        }
    }
}

impl From<EntryTotals> for TotalsJson {
    fn from(totals: EntryTotals) -> Self {
        let EntryTotals { keep, untag, delete, bytes } = totals;
        Self { keep, untag, delete, bytes }
    }
}
