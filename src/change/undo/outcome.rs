//! What became of an undoing, manifest by manifest and tag by tag.

use std::collections::BTreeMap;

use crate::change::journal::JournalStep;
use crate::change::result::{ChangeVerdict, FailureCause};
use crate::model::{Digest, Repository, TagName};

/// What became of a manifest or a tag that was to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Restoration {
    /// It is back.
    Restored,
    /// It was there already.
    AlreadyThere,
    /// The tag points to another manifest by now, and was left alone.
    TagElsewhere,
    /// It cannot come back: what it is made of is gone.
    Lost,
    /// It could not be done.
    Failed(FailureCause),
}

impl Restoration {
    /// The word used in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Restored => "restored",
            Self::AlreadyThere => "already-there",
            Self::TagElsewhere => "tag-elsewhere",
            Self::Lost => "lost",
            Self::Failed(_) => "failed",
        }
    }
}

/// A tag that was to come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoneTag {
    /// The tag.
    pub tag: TagName,
    /// What became of it.
    pub result: Restoration,
    /// Who set it, if it is back.
    pub setter: TagSetter,
    /// The same in words.
    pub message: String,
}

/// Who set a tag that is back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagSetter {
    /// This run, by a push: where the registry tells push times, the tag counts as new.
    Push,
    /// The registry, which restored its manifest; or it was there, or is not back; or it is a latest
    /// tag, of which no push time counts.
    Other,
}

/// A manifest that was to come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoneManifest {
    /// Where it was.
    pub repository: Repository,
    /// Its digest.
    pub digest: Digest,
    /// What became of it.
    pub result: Restoration,
    /// The same in words.
    pub message: String,
    /// The tags that went with it.
    pub tags: Vec<UndoneTag>,
}

/// What became of an undoing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Undone {
    /// The manifests, by repository and digest; those that were not reached are missing.
    pub manifests: Vec<UndoneManifest>,
    /// Whether it was interrupted before the end.
    pub interrupted: bool,
}

impl Undone {
    /// Whether a tag came back by a push, which the registry may date as new.
    #[must_use]
    pub fn has_pushed(&self) -> bool {
        let mut tags = self.manifests.iter().flat_map(|manifest| &manifest.tags);
        tags.any(|tag| tag.setter == TagSetter::Push)
    }

    /// What it comes to.
    #[must_use]
    pub fn verdict(&self) -> ChangeVerdict {
        let all = || {
            let of = |manifest: &UndoneManifest| {
                let tags: Vec<Restoration> = manifest.tags.iter().map(|tag| tag.result).collect();
                std::iter::once(manifest.result).chain(tags)
            };
            self.manifests.iter().flat_map(of)
        };
        let has = |wanted: Restoration| all().any(|result| result == wanted);
        let rights = has(Restoration::Failed(FailureCause::Rights));
        if self.interrupted {
            ChangeVerdict::Interrupted
        } else if rights || has(Restoration::Failed(FailureCause::Registry)) {
            match (has(Restoration::Restored), rights) {
                (true, _) => ChangeVerdict::Partial,
                (false, true) => ChangeVerdict::Rights,
                (false, false) => ChangeVerdict::Unread,
            }
        } else if has(Restoration::Lost) {
            ChangeVerdict::Damaged
        } else {
            ChangeVerdict::Done
        }
    }
}

/// What is to come back of one manifest: one step, with the tags of all steps about it.
pub(super) fn joined<'a>(
    steps: &[&'a JournalStep],
) -> BTreeMap<&'a Digest, (&'a JournalStep, Vec<&'a TagName>)> {
    let mut joined: BTreeMap<&Digest, (&JournalStep, Vec<&TagName>)> = BTreeMap::new();
    for step in steps {
        let (latest, tags) = joined.entry(&step.digest).or_insert_with(|| (step, Vec::new()));
        *latest = step;
        tags.extend(step.going());
        tags.sort();
        tags.dedup();
    }
    joined
}

/// Everything of a repository that cannot be reached.
pub(super) fn all_failed(
    repository: &Repository,
    steps: &[&JournalStep],
    why: &str,
) -> Vec<UndoneManifest> {
    let result = Restoration::Failed(FailureCause::Registry);
    let tag_failed = |tag: &TagName| UndoneTag {
        tag: tag.clone(),
        result,
        setter: TagSetter::Other,
        message: why.to_owned(),
    };
    joined(steps)
        .into_iter()
        .map(|(digest, (_, tags))| UndoneManifest {
            repository: repository.clone(),
            digest: digest.clone(),
            result,
            message: why.to_owned(),
            tags: tags.into_iter().map(tag_failed).collect(),
        })
        .collect()
}
