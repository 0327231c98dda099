//! Why a manifest stays or goes: the codes, which are part of the contract, with rule and words.
//!
//! Each code is one row: the code is the name in kebab-case, `message` says it for a group of
//! manifests, `detailed_message` says what would change the decision.

use std::fmt;
use std::str::FromStr as _;

use strum::{EnumMessage as _, VariantArray as _};

/// Why a manifest is kept, in the order in which one is shown when several apply.
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
    /// It could not be read, so that nobody knows what it refers to.
    #[strum(
        message = "could not be read, so what it refers to is unknown",
        detailed_message = "to delete it: it must be readable, listing and registry must agree on its tags, and each of its SHA tags must fit one release"
    )]
    Unreadable,
    /// Its repository could not be read to the end.
    #[strum(
        message = "its repository was not read to the end",
        detailed_message = "to delete it: its repository must be read to its end"
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
    /// Something runs it.
    #[strum(
        message = "in use",
        detailed_message = "to delete it: the list given with --in-use must not name it any more"
    )]
    InUse,
    /// The policy protects its release.
    #[strum(
        message = "part of a release that the policy protects",
        detailed_message = "to delete it: take its SHA out of `protect.shas`"
    )]
    ProtectedSha,
    /// The policy protects its tag.
    #[strum(
        message = "has a tag that the policy protects",
        detailed_message = "to delete it: no glob in `protect.tags` may match it"
    )]
    ProtectedTag,
    /// It is younger than anything that is ever deleted.
    #[strum(
        message = "younger than `min-age`",
        detailed_message = "to delete it: wait, or set a shorter `protect.min-age`; where a registry reports no push times, its age counts from when this machine saw it first"
    )]
    TooYoung,
    /// Nothing tells its age.
    #[strum(
        message = "its age is unknown",
        detailed_message = "to delete it: delete it by hand, or let git history place its release; no trusted source says how old it is"
    )]
    TimeUnknown,
    /// A rule keeps it.
    #[strum(
        message = "a rule keeps it",
        detailed_message = "to delete it: wait for time or newer ones to pass, or set a smaller `keep-last` and `keep-within`"
    )]
    KeptByRule,
    /// Its release is kept in another place.
    #[strum(
        message = "its release is kept in another repository",
        detailed_message = "to delete it: explain its copy in the place that keeps it; a release is deleted from all places or from none"
    )]
    KeptElsewhere,
    /// It has a kept tag, and the registry deletes whole manifests only.
    #[strum(
        message = "has a kept tag too, and cannot be deleted in part",
        detailed_message = "to delete it: the other tags on it must expire, too; this registry cannot remove single tags"
    )]
    DigestSharedWithKept,
    /// A kept index lists it.
    #[strum(
        message = "part of a kept index",
        detailed_message = "to delete it: the last index that lists it must be deleted"
    )]
    ChildOfKept,
    /// It is about a kept manifest, or a kept one is about it.
    #[strum(
        message = "a referrer of something kept, or its subject",
        detailed_message = "to delete it: the manifest that it belongs to must be deleted"
    )]
    ReferrerOfKept,
    /// The registry does not delete the last manifest that has a tag.
    #[strum(
        message = "the registry keeps the last tagged one",
        detailed_message = "to delete it: another manifest of the repository must have a tag"
    )]
    LastTagged,
    /// No rule speaks of it.
    #[strum(
        message = "no rule covers it",
        detailed_message = "it goes only when a rule in `[[retention]]` or `[untagged]` speaks of it"
    )]
    NoRule,
    /// It may go, but not in this run: it is left for a later batch, or is not in the plan that is
    /// applied.
    #[strum(
        message = "left for a later run",
        detailed_message = "to delete it: run again; it is left for a later run"
    )]
    NotNow,
}

impl KeepCode {
    /// Every code, in the order in which one is shown.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The reason in words that are true of every manifest that is kept for it.
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
        detailed_message = "to keep it: a larger `keep-last` or `keep-within`, `protect.tags` or `protect.shas`, or name it with --in-use"
    )]
    Expired,
    /// It has no tag, nothing kept reaches it, and it is old enough.
    #[strum(
        detailed_message = "to keep it: a longer `untagged.keep-within`, a tag, or something kept that refers to it"
    )]
    UntaggedExpired,
    /// Only deleted indexes list it.
    #[strum(detailed_message = "to keep it: keep an index that lists it, or tag it")]
    ChildOfDeleted,
    /// It is about a deleted manifest.
    #[strum(detailed_message = "to keep it: keep the manifest that it refers to")]
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

    /// What would have to change for the manifest to be kept.
    #[must_use]
    pub fn to_keep(self) -> &'static str {
        self.get_detailed_message().unwrap_or_default()
    }
}

/// A code of either kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonCode {
    /// It stays.
    Keep(KeepCode),
    /// It goes.
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

/// A rule of the policy by its name in output.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleName(Box<str>);

impl RuleName {
    /// `retention[0]`: the rule's place in the policy file, from 0.
    #[must_use]
    pub fn retention(index: usize) -> Self {
        Self(format!("retention[{index}]").into())
    }

    /// `untagged`.
    #[must_use]
    pub fn untagged() -> Self {
        Self("untagged".into())
    }

    /// A name as a plan file has it.
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

/// Why, in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The code.
    pub code: ReasonCode,
    /// The rule that keeps or expires it, if one does.
    pub rule: Option<RuleName>,
    /// A sentence for a tired person.
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
