//! Why a manifest is kept, in a few bytes: the code, the rule, and what it is about. `sentence`
//! makes words of it.

use super::graph::Node;
use super::reason::{DeleteCode, KeepCode, RuleName};
use super::role::ReleaseId;

/// A rule by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rule {
    /// `[[retention]]`, from 0.
    Retention(u16),
    /// `[untagged]`.
    Untagged,
}

impl Rule {
    pub(super) fn name(self) -> RuleName {
        match self {
            Self::Retention(place) => RuleName::retention(usize::from(place)),
            Self::Untagged => RuleName::untagged(),
        }
    }
}

/// What a cause is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CauseSubject {
    /// The manifest itself.
    Itself,
    /// One of its tags, by number.
    Tag(u32),
    /// A release that it is a copy of.
    Release(ReleaseId),
    /// Another manifest.
    Node(Node),
    /// A repository that was not read, by its place.
    Repository(u32),
    /// A reference in use, by its place in the list.
    Reference(u32),
}

/// Why a manifest is kept. Of several causes the least is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KeepCause {
    pub(super) code: KeepCode,
    pub(super) rule: Option<Rule>,
    pub(super) about: CauseSubject,
}

impl KeepCause {
    pub(super) fn new(code: KeepCode, about: CauseSubject) -> Self {
        Self { code, rule: None, about }
    }

    pub(super) fn by(self, rule: Rule) -> Self {
        Self { rule: Some(rule), ..self }
    }
}

/// Why a manifest goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DeleteCause {
    pub(super) code: DeleteCode,
    pub(super) rule: Option<Rule>,
    pub(super) about: CauseSubject,
}
