//! The records of a journal, as values and as lines. Nothing here accesses a file.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::move_record::MoveLine;
use crate::change::result::ApplyResult;
use crate::model::{
    ByteCheck, Digest, Manifest, RegistryName, Repository, RepositoryPath, TagName, VersionId,
};

/// The version of the lines.
pub(super) const VERSION: u32 = 1;

/// The run that a journal belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalHeader {
    /// When the run began.
    pub created: DateTime<Utc>,
    /// The digest of the policy file's bytes.
    pub policy: Digest,
    /// The command, such as `cleanup --apply`.
    pub command: String,
}

/// What is done to a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepAction {
    /// It is deleted with all its tags.
    Delete,
    /// It loses these tags.
    Untag(Vec<TagName>),
}

/// A change of a manifest that is about to be made, with everything that is needed to undo it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalStep {
    /// Where it is.
    pub repository: Repository,
    /// Its digest.
    pub digest: Digest,
    /// What is done.
    pub action: StepAction,
    /// Its tags, all of them.
    pub tags: Vec<TagName>,
    /// Its media type.
    pub media_type: String,
    /// Its exact text.
    pub manifest: String,
    /// Its version number, if the registry has them.
    pub version: Option<VersionId>,
    /// When it was pushed, if the plan had the time.
    pub time: Option<DateTime<Utc>>,
    /// What the repository's latest tags pointed to right before; none in journals of earlier versions.
    pub latest: Option<LatestTagsSeen>,
}

/// What the latest tags of a repository pointed to at one time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LatestTagsSeen {
    /// Each with its digest; none if it did not exist.
    pub tags: BTreeMap<TagName, Option<Digest>>,
    /// How many of the repository's steps had been answered before, counted from the first without a gap. A
    /// tag that is missing later was not deleted with any of these.
    pub after: usize,
}

impl JournalStep {
    /// The manifest, read from its text.
    #[must_use]
    pub fn parsed(&self) -> Option<Manifest> {
        Manifest::parse(Some(&self.media_type), self.manifest.as_bytes()).ok()
    }

    /// The tags that are deleted.
    #[must_use]
    pub fn going(&self) -> &[TagName] {
        match &self.action {
            StepAction::Delete => &self.tags,
            StepAction::Untag(tags) => tags,
        }
    }
}

/// One line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "lowercase")]
pub(super) enum Line {
    /// The first.
    Begin { version: u32, created: DateTime<Utc>, policy: String, command: String },
    /// A manifest is about to be deleted.
    Delete(StepLine),
    /// A manifest is about to lose tags.
    Untag(StepLine),
    /// Latest tags are about to move.
    Move(MoveLine),
    /// The result of a step.
    Result(ResultLine),
    /// What a repository's latest tags pointed to after its last step.
    Latest(LatestLine),
    /// Every entry was done, skipped or retained.
    End {},
    /// Another run did what was left to do.
    Finished { by: String },
    /// It was undone, between these times.
    Undone { from: DateTime<Utc>, to: DateTime<Utc> },
}

/// A step as a line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct StepLine {
    registry: String,
    host: String,
    repository: String,
    digest: String,
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    untag: Vec<String>,
    media_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    latest: Option<SeenLine>,
    size: u64,
    manifest: String,
}

/// What latest tags pointed to, as a line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SeenLine {
    tags: BTreeMap<String, Option<String>>,
    after: usize,
}

/// The same with its repository.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct LatestLine {
    registry: String,
    host: String,
    repository: String,
    #[serde(flatten)]
    seen: SeenLine,
}

impl SeenLine {
    fn new(seen: &LatestTagsSeen) -> Self {
        let texts = |(tag, digest): (&TagName, &Option<Digest>)| {
            (tag.to_string(), digest.as_ref().map(Digest::to_string))
        };
        Self { tags: seen.tags.iter().map(texts).collect(), after: seen.after }
    }

    fn read(self) -> Result<LatestTagsSeen, String> {
        let one = |(tag, digest): (String, Option<String>)| -> Result<_, String> {
            let digest = digest.map(|text| Digest::parse(&text).map_err(said)).transpose()?;
            Ok((TagName::parse(&tag).map_err(said)?, digest))
        };
        let tags = self.tags.into_iter().map(one).collect::<Result<_, _>>()?;
        Ok(LatestTagsSeen { tags, after: self.after })
    }
}

impl LatestLine {
    /// Parses and checks the line.
    pub(super) fn read(self) -> Result<(Repository, LatestTagsSeen), String> {
        let repository = Repository {
            registry: RegistryName::parse(&self.registry).map_err(said)?,
            host: self.host,
            path: RepositoryPath::parse(&self.repository).map_err(said)?,
        };
        Ok((repository, self.seen.read()?))
    }
}

/// The result of a step, as a line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ResultLine {
    registry: String,
    host: String,
    repository: String,
    pub(super) digest: String,
    pub(super) result: String,
    message: String,
}

impl ResultLine {
    pub(super) fn new(
        repository: &Repository,
        digest: &Digest,
        result: ApplyResult,
        message: &str,
    ) -> Self {
        Self {
            registry: repository.registry.to_string(),
            host: repository.host.clone(),
            repository: repository.path.to_string(),
            digest: digest.to_string(),
            result: result.as_str().to_owned(),
            message: message.to_owned(),
        }
    }

    /// Whether this is the result of a step.
    pub(super) fn is_of(&self, step: &JournalStep) -> bool {
        self.registry == step.repository.registry.as_str()
            && self.host == step.repository.host
            && self.repository == step.repository.path.as_str()
            && self.digest == step.digest.to_string()
    }
}

impl Line {
    pub(super) fn begin(beginning: &JournalHeader) -> Self {
        Self::Begin {
            version: VERSION,
            created: beginning.created,
            policy: beginning.policy.to_string(),
            command: beginning.command.clone(),
        }
    }

    pub(super) fn latest(repository: &Repository, seen: &LatestTagsSeen) -> Self {
        Self::Latest(LatestLine {
            registry: repository.registry.to_string(),
            host: repository.host.clone(),
            repository: repository.path.to_string(),
            seen: SeenLine::new(seen),
        })
    }

    pub(super) fn step(step: &JournalStep) -> Self {
        let texts = |tags: &[TagName]| tags.iter().map(TagName::to_string).collect();
        let line = StepLine {
            registry: step.repository.registry.to_string(),
            host: step.repository.host.clone(),
            repository: step.repository.path.to_string(),
            digest: step.digest.to_string(),
            tags: texts(&step.tags),
            untag: match &step.action {
                StepAction::Delete => Vec::new(),
                StepAction::Untag(tags) => texts(tags),
            },
            media_type: step.media_type.clone(),
            version: step.version.map(|version| version.0),
            time: step.time,
            latest: step.latest.as_ref().map(SeenLine::new),
            size: step.manifest.len() as u64,
            manifest: step.manifest.clone(),
        };
        match step.action {
            StepAction::Delete => Self::Delete(line),
            StepAction::Untag(_) => Self::Untag(line),
        }
    }
}

impl StepLine {
    /// Parses and checks the line: the names by their grammar, the text by its digest.
    pub(super) fn read(self, untags: bool) -> Result<JournalStep, String> {
        let tags = |texts: Vec<String>| -> Result<Vec<TagName>, String> {
            texts.iter().map(|text| TagName::parse(text).map_err(said)).collect()
        };
        let digest = Digest::parse(&self.digest).map_err(said)?;
        if digest.check(self.manifest.as_bytes()) != ByteCheck::Match
            || self.size != self.manifest.len() as u64
        {
            return Err(format!("the manifest is not that of {}", digest.short()));
        }
        Ok(JournalStep {
            repository: Repository {
                registry: RegistryName::parse(&self.registry).map_err(said)?,
                host: self.host,
                path: RepositoryPath::parse(&self.repository).map_err(said)?,
            },
            digest,
            action: if untags { StepAction::Untag(tags(self.untag)?) } else { StepAction::Delete },
            tags: tags(self.tags)?,
            media_type: self.media_type,
            manifest: self.manifest,
            version: self.version.map(VersionId),
            time: self.time,
            latest: self.latest.map(SeenLine::read).transpose()?,
        })
    }
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}
