//! The result of an undo, for each manifest and tag.

use std::collections::BTreeMap;

use crate::change::journal::JournalStep;
use crate::change::result::{ChangeVerdict, FailureCause};
use crate::model::{Digest, EnvironmentName, Repository, TagName};

/// The result for a manifest or tag that was to be restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Restoration {
    /// It was restored.
    Restored,
    /// It existed already.
    AlreadyThere,
    /// The tag points to another manifest by now, and was not moved.
    TagElsewhere,
    /// It cannot be restored: its content was deleted.
    Lost,
    /// It failed.
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

/// A tag that was to be restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoneTag {
    /// The tag.
    pub tag: TagName,
    /// The result.
    pub result: Restoration,
    /// Who set it, if it was restored.
    pub setter: TagSetter,
    /// The result as a message.
    pub message: String,
}

/// Who set a restored tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagSetter {
    /// This run, by a push: if the registry has push times, the tag counts as new.
    Push,
    /// The registry, with its manifest; or the tag existed already, or was not restored; or it is a
    /// latest tag, whose push time does not count.
    Other,
}

/// A manifest that was to be restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoneManifest {
    /// Where it was.
    pub repository: Repository,
    /// Its digest.
    pub digest: Digest,
    /// The result.
    pub result: Restoration,
    /// The result as a message.
    pub message: String,
    /// The tags that were deleted with it.
    pub tags: Vec<UndoneTag>,
}

/// The result of an undo.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Undone {
    /// The manifests, by repository and digest; those that were not reached are missing.
    pub manifests: Vec<UndoneManifest>,
    /// Whether it was interrupted before the end.
    pub interrupted: bool,
    /// The environment whose latest tags were put back, if what was undone is a move.
    pub moved: Option<EnvironmentName>,
}

impl Undone {
    /// Whether a tag was restored by a push, so that the registry may report a new push time.
    #[must_use]
    pub fn has_pushed(&self) -> bool {
        let mut tags = self.manifests.iter().flat_map(|manifest| &manifest.tags);
        tags.any(|tag| tag.setter == TagSetter::Push)
    }

    /// The verdict.
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

/// For each manifest the step to restore it from, with the tags of all its steps.
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

/// A failure for every manifest and tag of a repository.
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
