//! Compares a release with its record.

use super::{CheckKind, Finding, FindingCode, Severity, Verification};
use crate::model::{Digest, MovedTag, Place, TagReference, Unread};

impl Verification {
    /// The SHA tags that exist, with what they point to.
    pub fn sha_tags(&self) -> impl Iterator<Item = (&Place, &TagReference, &Digest)> {
        let sha_tags = self.checks.iter().filter(|check| check.kind == CheckKind::Sha);
        sha_tags.filter_map(|check| Some((&check.place, &check.reference, check.digest.as_ref()?)))
    }

    /// Adds the SHA tags that moved since the release was recorded.
    #[must_use]
    pub fn with_moved(mut self, moved: &[MovedTag], severity: Severity) -> Self {
        for tag in moved {
            let finding = Finding::at(FindingCode::ShaTagMoved, &tag.place, tag.to_string());
            let finding = finding.tag(&tag.reference.tag).hint(tag.hint()).severity(severity);
            self.findings.push(finding);
            let check = self.checks.iter_mut().find(|check| check.reference == tag.reference);
            if let Some(check) = check.filter(|check| check.problem.is_none()) {
                check.problem = Some(FindingCode::ShaTagMoved);
            }
        }
        self
    }

    /// Adds that the records of the release could not be read.
    #[must_use]
    pub fn with_unread_records(mut self, why: &Unread, severity: Severity) -> Self {
        self.findings.push(Finding {
            code: FindingCode::RegistryUnreadable,
            severity,
            place: None,
            tag: String::new(),
            message: why.message.clone(),
            hint: why.hint.clone(),
            unread: Some(why.cause),
        });
        self
    }
}
