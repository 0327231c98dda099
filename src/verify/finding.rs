//! What verification can find, each kind with a stable code.

use std::fmt;

pub use crate::model::Severity;
use crate::model::{ImageId, Place, TagName, Unread, UnreadCause};

/// The kinds of findings; the codes are part of the contract with users' scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum FindingCode {
    /// The registry was asked and has no such SHA tag.
    ShaTagMissing,
    /// The registry was asked and has no latest tag.
    LatestTagMissing,
    /// The latest tag points to something else than the SHA tag.
    LatestTagElsewhere,
    /// The image has another digest in another registry.
    DigestDiffers,
    /// Something below the tag is not there.
    ContentMissing,
    /// A platform that the policy wants is not in the image.
    PlatformMissing,
    /// The image says that it was built from another commit.
    RevisionDiffers,
    /// A running image was started by a moving tag.
    RunningUnpinned,
    /// A running image is another release.
    RunningElsewhere,
    /// Something runs of which no registry can tell what it is.
    RunningUnknown,
    /// The registry could not be asked.
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

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind.
    pub code: FindingCode,
    /// Whether it fails the verification.
    pub severity: Severity,
    /// Where it is; nowhere that is known, if not even the image can be told.
    pub place: Option<Place>,
    /// The tag, as it stands in the reference.
    pub tag: String,
    /// What was found, target named.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Why the registry could not be asked, if that is the finding.
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

    /// A place that could not be asked.
    pub(super) fn unreadable(place: &Place, why: &Unread) -> Self {
        let message = format!("{place} could not be read: {}", why.message);
        Self {
            hint: why.hint.clone(),
            unread: Some(why.cause),
            ..Self::at(FindingCode::RegistryUnreadable, place, message)
        }
    }

    /// An image that runs, and that no registry of the environment has.
    pub(super) fn unknown(id: &ImageId) -> Self {
        Self {
            code: FindingCode::RunningUnknown,
            severity: Severity::Error,
            place: None,
            tag: String::new(),
            message: format!("{id} runs, and no release that the registries have is this image"),
            hint: Some(format!(
                "its tag moved and its release was deleted, or it is of somebody else; `docker inspect --format '{{{{.RepoTags}}}} {{{{.RepoDigests}}}}' {id}` may tell"
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
