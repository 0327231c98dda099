//! Why a manifest stays or goes: the codes, which are part of the contract, with rule and words.

use std::fmt;

/// Why a manifest is kept, in the order in which one is shown when several apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeepCode {
    /// It could not be read, so that nobody knows what it refers to.
    Unreadable,
    /// Its repository could not be read to the end.
    PartialCoverage,
    /// A latest tag points to it.
    LatestTag,
    /// It belongs to the current release.
    CurrentRelease,
    /// It belongs to a release that a rollback would need.
    RollbackFloor,
    /// Something runs it.
    InUse,
    /// The policy protects its release.
    ProtectedSha,
    /// The policy protects its tag.
    ProtectedTag,
    /// It is younger than anything that is ever deleted.
    TooYoung,
    /// Nothing tells its age.
    TimeUnknown,
    /// A rule keeps it.
    KeptByRule,
    /// Its release is kept in another place.
    KeptElsewhere,
    /// It has a kept tag, and the registry deletes whole manifests only.
    DigestSharedWithKept,
    /// A kept index lists it.
    ChildOfKept,
    /// It is about a kept manifest, or a kept one is about it.
    ReferrerOfKept,
    /// The registry does not delete the last manifest that has a tag.
    LastTagged,
    /// No rule speaks of it.
    NoRule,
    /// It may go, but not in this run: it is left for a later batch, or is not in the plan that is
    /// applied.
    NotNow,
}

impl KeepCode {
    /// Every code, in the order in which one is shown.
    pub const ALL: [Self; 18] = [
        Self::Unreadable,
        Self::PartialCoverage,
        Self::LatestTag,
        Self::CurrentRelease,
        Self::RollbackFloor,
        Self::InUse,
        Self::ProtectedSha,
        Self::ProtectedTag,
        Self::TooYoung,
        Self::TimeUnknown,
        Self::KeptByRule,
        Self::KeptElsewhere,
        Self::DigestSharedWithKept,
        Self::ChildOfKept,
        Self::ReferrerOfKept,
        Self::LastTagged,
        Self::NoRule,
        Self::NotNow,
    ];

    /// The code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::PartialCoverage => "partial-coverage",
            Self::LatestTag => "latest-tag",
            Self::CurrentRelease => "current-release",
            Self::RollbackFloor => "rollback-floor",
            Self::InUse => "in-use",
            Self::ProtectedSha => "protected-sha",
            Self::ProtectedTag => "protected-tag",
            Self::TooYoung => "too-young",
            Self::TimeUnknown => "time-unknown",
            Self::KeptByRule => "kept-by-rule",
            Self::KeptElsewhere => "kept-elsewhere",
            Self::DigestSharedWithKept => "digest-shared-with-kept",
            Self::ChildOfKept => "child-of-kept",
            Self::ReferrerOfKept => "referrer-of-kept",
            Self::LastTagged => "last-tagged",
            Self::NoRule => "no-rule",
            Self::NotNow => "not-now",
        }
    }
}

/// Why a manifest is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeleteCode {
    /// Every tag on it expired.
    Expired,
    /// It has no tag, nothing kept reaches it, and it is old enough.
    UntaggedExpired,
    /// Only deleted indexes list it.
    ChildOfDeleted,
    /// It is about a deleted manifest.
    ReferrerOfDeleted,
}

impl DeleteCode {
    /// Every code.
    pub const ALL: [Self; 4] =
        [Self::Expired, Self::UntaggedExpired, Self::ChildOfDeleted, Self::ReferrerOfDeleted];

    /// The code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::UntaggedExpired => "untagged-expired",
            Self::ChildOfDeleted => "child-of-deleted",
            Self::ReferrerOfDeleted => "referrer-of-deleted",
        }
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
        let keep = KeepCode::ALL.into_iter().map(Self::Keep);
        let delete = DeleteCode::ALL.into_iter().map(Self::Delete);
        keep.chain(delete).find(|code| code.as_str() == text)
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
