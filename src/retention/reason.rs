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
        message = "could not be read, so that nobody knows what it refers to",
        detailed_message = "it goes only once it can be read, listing and registry agree on its tags, and its SHA tags fit one release each"
    )]
    Unreadable,
    /// Its repository could not be read to the end.
    #[strum(
        message = "its repository was not read to the end",
        detailed_message = "it goes only once its repository can be read to its end"
    )]
    PartialCoverage,
    /// A latest tag points to it.
    #[strum(
        message = "a latest tag points to it",
        detailed_message = "it goes only after the latest tag has moved on"
    )]
    LatestTag,
    /// It belongs to the current release.
    #[strum(
        message = "of a current release",
        detailed_message = "it goes only after another release is current"
    )]
    CurrentRelease,
    /// It belongs to a release that a rollback would need.
    #[strum(
        message = "of a release to roll back to",
        detailed_message = "it goes after enough newer releases are complete, or with a smaller `protect.rollback-depth`"
    )]
    RollbackFloor,
    /// Something runs it.
    #[strum(
        message = "something runs it",
        detailed_message = "it goes only when the list given with --in-use has it no more"
    )]
    InUse,
    /// The policy protects its release.
    #[strum(
        message = "of a release that the policy protects",
        detailed_message = "it goes only without its SHA in `protect.shas`"
    )]
    ProtectedSha,
    /// The policy protects its tag.
    #[strum(
        message = "has a tag that the policy protects",
        detailed_message = "it goes only when no glob in `protect.tags` matches it"
    )]
    ProtectedTag,
    /// It is younger than anything that is ever deleted.
    #[strum(
        message = "younger than anything that is deleted",
        detailed_message = "it goes when it is older, or with a shorter `protect.min-age`; where a registry tells no push times its age counts from when this machine saw it first"
    )]
    TooYoung,
    /// Nothing tells its age.
    #[strum(
        message = "nothing tells its age",
        detailed_message = "it goes only by hand, or once git history places its release: nothing that can be believed says how old it is"
    )]
    TimeUnknown,
    /// A rule keeps it.
    #[strum(
        message = "a rule keeps it",
        detailed_message = "it goes when the rule reaches it no more: by time, by newer ones, or with a smaller `keep-last` and `keep-within`"
    )]
    KeptByRule,
    /// Its release is kept in another place.
    #[strum(
        message = "its release is kept in another repository",
        detailed_message = "a release goes from all places or from none: explain its copy in the place that keeps it"
    )]
    KeptElsewhere,
    /// It has a kept tag, and the registry deletes whole manifests only.
    #[strum(
        message = "has a kept tag, and goes as a whole or not at all",
        detailed_message = "it goes when the other tags on it may go, too: this registry takes no single tag off"
    )]
    DigestSharedWithKept,
    /// A kept index lists it.
    #[strum(
        message = "part of a kept index",
        detailed_message = "it goes with the last index that lists it"
    )]
    ChildOfKept,
    /// It is about a kept manifest, or a kept one is about it.
    #[strum(
        message = "about something kept, or something kept is about it",
        detailed_message = "it goes with the manifest that it belongs to"
    )]
    ReferrerOfKept,
    /// The registry does not delete the last manifest that has a tag.
    #[strum(
        message = "the registry keeps the last one with a tag",
        detailed_message = "it goes when another manifest of the repository has a tag"
    )]
    LastTagged,
    /// No rule speaks of it.
    #[strum(
        message = "no rule speaks of it",
        detailed_message = "it goes only when a rule in `[[retention]]` or `[untagged]` speaks of it"
    )]
    NoRule,
    /// It may go, but not in this run: it is left for a later batch, or is not in the plan that is
    /// applied.
    #[strum(
        message = "may go, but not in this run",
        detailed_message = "it goes with the next run that may delete more"
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
        detailed_message = "it stays with a larger `keep-last` or `keep-within`, with `protect.tags` or `protect.shas`, or when --in-use names it"
    )]
    Expired,
    /// It has no tag, nothing kept reaches it, and it is old enough.
    #[strum(
        detailed_message = "it stays with a longer `untagged.keep-within`, with a tag, or when something kept refers to it"
    )]
    UntaggedExpired,
    /// Only deleted indexes list it.
    #[strum(detailed_message = "it stays when an index that lists it stays, or with a tag")]
    ChildOfDeleted,
    /// It is about a deleted manifest.
    #[strum(detailed_message = "it stays when the manifest that it is about stays")]
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
