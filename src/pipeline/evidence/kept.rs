//! The evidence of a log in a form that can be kept, so that the log need not be read again.

use serde::{Deserialize, Serialize};

use super::reader::{Evidence, EvidenceKind, LogEvidence};
use super::reference::LogReference;
use crate::model::Digest;

/// What was read of a log, to be written and read again. It holds nothing else of the log.
#[derive(Debug, Serialize, Deserialize)]
pub struct KeptEvidence {
    images: Vec<KeptImage>,
    already_exists: u64,
    first_already_exists: Option<u64>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptImage {
    is_push: bool,
    reference: String,
    digest: Option<String>,
}

impl From<&LogEvidence> for KeptEvidence {
    fn from(evidence: &LogEvidence) -> Self {
        let image = |image: &Evidence| KeptImage {
            is_push: image.kind == EvidenceKind::Push,
            reference: image.reference.to_string(),
            digest: image.digest.as_ref().map(ToString::to_string),
        };
        Self {
            images: evidence.images.iter().map(image).collect(),
            already_exists: evidence.already_exists,
            first_already_exists: evidence.first_already_exists,
        }
    }
}

impl KeptEvidence {
    /// The evidence; none if something in it is not what was kept.
    #[must_use]
    pub fn evidence(self) -> Option<LogEvidence> {
        let image = |image: KeptImage| {
            let digest = image.digest.map(|digest| Digest::parse(&digest)).transpose().ok()?;
            Some(Evidence {
                kind: if image.is_push { EvidenceKind::Push } else { EvidenceKind::Pull },
                reference: LogReference::parse(&image.reference)?,
                digest,
            })
        };
        Some(LogEvidence {
            images: self.images.into_iter().map(image).collect::<Option<_>>()?,
            already_exists: self.already_exists,
            first_already_exists: self.first_already_exists,
        })
    }
}
