//! The findings of verification, each kind with a stable code.

use std::fmt;

pub use crate::model::Severity;
use crate::model::{ImageId, Place, TagName, Unread, UnreadCause};

/// The kinds of findings; the codes are part of the contract with users' scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum FindingCode {
    /// The registry does not have the SHA tag.
    ShaTagMissing,
    /// The registry does not have the latest tag.
    LatestTagMissing,
    /// The latest tag points to something else than the SHA tag.
    LatestTagElsewhere,
    /// The image has another digest in another registry.
    DigestDiffers,
    /// Content below the tag is missing.
    ContentMissing,
    /// The image lacks a platform that the policy requires.
    PlatformMissing,
    /// The image's label names another commit.
    RevisionDiffers,
    /// A running image was started by a moving tag.
    RunningUnpinned,
    /// A running image is another release.
    RunningElsewhere,
    /// An image runs that is in no registry of the environment.
    RunningUnknown,
    /// The SHA tag does not point any more to what was recorded of the release.
    ShaTagMoved,
    /// The registry could not be read.
    RegistryUnreadable,
}

impl FindingCode {
    /// The code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A problem of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its kind.
    pub code: FindingCode,
    /// Whether it fails the verification.
    pub severity: Severity,
    /// Where it is; none if not even the image is known.
    pub place: Option<Place>,
    /// The tag; empty if there is none.
    pub tag: String,
    /// What was found, with the name of the target.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Why the registry could not be read, if that is the finding.
    pub unread: Option<UnreadCause>,
}

impl Finding {
    pub(super) fn at(code: FindingCode, place: &Place, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            place: Some(place.clone()),
            tag: String::new(),
            message: message.into(),
            hint: None,
            unread: None,
        }
    }

    /// A place that could not be read.
    pub(super) fn unreadable(place: &Place, why: &Unread) -> Self {
        let message = format!("{place} could not be read: {}", why.message);
        Self {
            hint: why.hint.clone(),
            unread: Some(why.cause),
            ..Self::at(FindingCode::RegistryUnreadable, place, message)
        }
    }

    /// A running image that is in no registry of the environment.
    pub(super) fn unknown(id: &ImageId) -> Self {
        Self {
            code: FindingCode::RunningUnknown,
            severity: Severity::Error,
            place: None,
            tag: String::new(),
            message: format!("{id} is running, but no release in the registries has this image"),
            hint: Some(format!(
                "its tag moved and its release was deleted, or it belongs to another project; `docker inspect --format '{{{{.RepoTags}}}} {{{{.RepoDigests}}}}' {id}` may show which"
            )),
            unread: Some(UnreadCause::NotFound),
        }
    }

    pub(super) fn tag(mut self, tag: &TagName) -> Self {
        self.tag = tag.to_string();
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(super) fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}
