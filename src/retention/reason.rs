//! Why a manifest is kept or deleted: the codes, which are part of the output format, and their texts.
//!
//! The code is the variant's name in kebab-case; `message` is its meaning, true of every manifest
//! with that code; `detailed_message` says what would change the decision.

use std::fmt;
use std::str::FromStr as _;

use strum::{EnumMessage as _, VariantArray as _};

/// Why a manifest is kept. Of several codes that apply, the first in this order is shown.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    strum::IntoStaticStr,
    strum::EnumString,
    strum::EnumMessage,
    strum::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum KeepCode {
    /// It could not be read, so what it refers to is unknown.
    #[strum(
        message = "could not be read, so what it refers to is unknown",
        detailed_message = "to delete it: it must be readable, listing and registry must agree on its tags, and each of its SHA tags must match exactly one release"
    )]
    Unreadable,
    /// Its repository could not be read completely.
    #[strum(
        message = "its repository was not read completely",
        detailed_message = "to delete it: its repository must be read completely"
    )]
    PartialCoverage,
    /// A latest tag points to it.
    #[strum(
        message = "a latest tag points to it",
        detailed_message = "to delete it: the latest tag must point elsewhere first"
    )]
    LatestTag,
    /// It belongs to the current release.
    #[strum(
        message = "part of a current release",
        detailed_message = "to delete it: another release must be current"
    )]
    CurrentRelease,
    /// It belongs to a release that a rollback would need.
    #[strum(
        message = "part of a release to roll back to",
        detailed_message = "to delete it: enough newer releases must be complete, or `protect.rollback-depth` smaller"
    )]
    RollbackFloor,
    /// It is in the list of what is running.
    #[strum(
        message = "in use",
        detailed_message = "to delete it: the list given with --in-use must no longer name it"
    )]
    InUse,
    /// The policy protects its release.
    #[strum(
        message = "part of a release that the policy protects",
        detailed_message = "to delete it: remove its SHA from `protect.shas`"
    )]
    ProtectedSha,
    /// The policy protects its tag.
    #[strum(
        message = "has a tag that the policy protects",
        detailed_message = "to delete it: no glob in `protect.tags` may match its tags"
    )]
    ProtectedTag,
    /// It is younger than `min-age`.
    #[strum(
        message = "younger than `min-age`",
        detailed_message = "to delete it: wait, or set a shorter `protect.min-age`; where a registry reports no push times, its age counts from when this machine first saw it"
    )]
    TooYoung,
    /// Its age is unknown.
    #[strum(
        message = "its age is unknown",
        detailed_message = "to delete it: use the registry's own tools, or run in a checkout whose git history has its commit; no trusted source gives its age"
    )]
    TimeUnknown,
    /// A rule keeps it.
    #[strum(
        message = "a rule keeps it",
        detailed_message = "to delete it: wait until neither `keep-last` nor `keep-within` keeps it, or set smaller values"
    )]
    KeptByRule,
    /// Its release is kept in another repository.
    #[strum(
        message = "its release is kept in another repository",
        detailed_message = "to delete it: run `tags explain` for its copy in the repository that keeps it; a release is deleted from all repositories or from none"
    )]
    KeptElsewhere,
    /// Another tag on it is kept, and the registry can only delete whole manifests.
    #[strum(
        message = "another tag on it is kept",
        detailed_message = "to delete it: the other tags on it must expire too; this registry cannot remove single tags"
    )]
    DigestSharedWithKept,
    /// A kept index lists it.
    #[strum(
        message = "listed by a kept index",
        detailed_message = "to delete it: every index that lists it must be deleted"
    )]
    ChildOfKept,
    /// It refers to a kept manifest as its subject, or a kept one refers to it.
    #[strum(
        message = "refers to a kept manifest, or a kept one refers to it",
        detailed_message = "to delete it: the manifest that it belongs to must be deleted"
    )]
    ReferrerOfKept,
    /// The registry refuses to delete the last tagged manifest.
    #[strum(
        message = "the registry refuses to delete the last tagged manifest",
        detailed_message = "to delete it: another manifest of the repository must have a tag"
    )]
    LastTagged,
    /// No rule covers it.
    #[strum(
        message = "no rule covers it",
        detailed_message = "to delete it: a rule in `[[retention]]` or `[untagged]` must cover it"
    )]
    NoRule,
    /// It can be deleted, but not in this run: it is left for a later batch, or is not in the plan
    /// that is applied.
    #[strum(message = "left for a later run", detailed_message = "to delete it: run again")]
    NotNow,
}

impl KeepCode {
    /// Every code, in the order in which they take precedence.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The meaning, true of every manifest that is kept for this code.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        self.get_message().unwrap_or_default()
    }

    /// What would have to change for the manifest to be deleted.
    #[must_use]
    pub fn to_delete(self) -> &'static str {
        self.get_detailed_message().unwrap_or_default()
    }
}

/// Why a manifest is deleted.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    strum::IntoStaticStr,
    strum::EnumString,
    strum::EnumMessage,
    strum::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum DeleteCode {
    /// Every tag on it expired.
    #[strum(
        message = "all of its tags expired, and nothing that is kept needs it",
        detailed_message = "to keep it: set a larger `keep-last` or `keep-within`, add it to `protect.tags` or `protect.shas`, or list it with --in-use"
    )]
    Expired,
    /// It has no tag, nothing kept refers to it, and it is old enough.
    #[strum(
        message = "it has no tag, nothing that is kept refers to it, and it is old enough",
        detailed_message = "to keep it: set a longer `untagged.keep-within`, tag it, or keep a manifest that refers to it"
    )]
    UntaggedExpired,
    /// Only deleted indexes list it.
    #[strum(
        message = "only indexes that are deleted list it",
        detailed_message = "to keep it: keep an index that lists it, or tag it"
    )]
    ChildOfDeleted,
    /// It refers to a deleted manifest.
    #[strum(
        message = "it refers to a manifest that is deleted",
        detailed_message = "to keep it: keep the manifest that it refers to"
    )]
    ReferrerOfDeleted,
}

impl DeleteCode {
    /// Every code.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The meaning, true of every manifest that is deleted for this code.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        self.get_message().unwrap_or_default()
    }

    /// What would have to change for the manifest to be kept.
    #[must_use]
    pub fn to_keep(self) -> &'static str {
        self.get_detailed_message().unwrap_or_default()
    }
}

/// A code of either kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonCode {
    /// It is kept.
    Keep(KeepCode),
    /// It is deleted.
    Delete(DeleteCode),
}

impl ReasonCode {
    /// The code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep(code) => code.as_str(),
            Self::Delete(code) => code.as_str(),
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let keep = KeepCode::from_str(text).map(Self::Keep);
        keep.or_else(|_| DeleteCode::from_str(text).map(Self::Delete)).ok()
    }
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The name of a rule of the policy, as output shows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleName(Box<str>);

impl RuleName {
    /// `retention[0]`: the rule by its index in the policy file, from 0.
    #[must_use]
    pub fn retention(index: usize) -> Self {
        Self(format!("retention[{index}]").into())
    }

    /// `untagged`.
    #[must_use]
    pub fn untagged() -> Self {
        Self("untagged".into())
    }

    /// A name read from a plan file.
    #[must_use]
    pub fn written(text: &str) -> Self {
        Self(text.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Why a manifest is kept or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The code.
    pub code: ReasonCode,
    /// The rule that keeps it or lets it expire, if there is one.
    pub rule: Option<RuleName>,
    /// The reason as a sentence.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_says_what_it_means_and_what_would_change_it() {
        for code in KeepCode::ALL {
            assert!(!code.meaning().is_empty() && !code.to_delete().is_empty(), "{code:?}");
            assert_eq!(ReasonCode::parse(code.as_str()), Some(ReasonCode::Keep(*code)));
        }
        for code in DeleteCode::ALL {
            assert!(!code.to_keep().is_empty(), "{code:?}");
            assert_eq!(ReasonCode::parse(code.as_str()), Some(ReasonCode::Delete(*code)));
        }
        assert_eq!(ReasonCode::parse("expire"), None);
    }
}
