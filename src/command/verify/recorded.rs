//! Compares a verified release with its record, and records it.

use super::super::records::{self, ReadRecords, Store, Written, moved, tell_ignored, unread_text};
use super::super::{CommandError, Session};
use crate::model::{RecordKind, RecordedImage, ReleaseRecord, Severity, Sha, Unread, UnreadCause};
use crate::verify::{FindingCode, Verification, VerifyVerdict};

/// What the record of a release is asked for. A release without a record has no finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordUse {
    /// How grave it is that a SHA tag moved since it was recorded.
    pub moved: Severity,
    /// How grave it is that the records cannot be read.
    pub unread: Severity,
    /// Whether the release is recorded if all checks pass.
    pub write: Option<RecordedBy>,
}

/// Who records a release.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordedBy {
    /// The page of the run, if this runs in one.
    pub run: Option<String>,
}

impl Default for RecordUse {
    fn default() -> Self {
        Self { moved: Severity::Error, unread: Severity::Warning, write: None }
    }
}

/// Records a release that passed all checks.
///
/// # Errors
/// [`CommandError`] when the record could not be written.
pub(super) async fn write(
    session: &Session,
    by: &RecordedBy,
    (verification, sha, kind): (&Verification, &Sha, RecordKind),
) -> Result<(), CommandError> {
    let environment = &verification.environment;
    if verification.verdict() != VerifyVerdict::Passed {
        session.status(format!("not recorded, since a check of {environment} did not pass"));
        return Ok(());
    }
    if verification.findings.iter().any(|finding| finding.code == FindingCode::ShaTagMoved) {
        session.note("not recorded: the first record of the release stays".to_owned(), None);
        return Ok(());
    }
    let images = verification.sha_tags().map(|(place, reference, digest)| RecordedImage {
        place: place.clone(),
        reference: reference.clone(),
        digest: digest.clone(),
    });
    let record = ReleaseRecord {
        environment: environment.clone(),
        sha: sha.clone(),
        time: session.clock_reading().latest,
        run: by.run.clone(),
        images: images.collect(),
    };
    let text = match records::write(session, (&record, kind)).await? {
        Written::Now => format!("recorded {environment} {} ({})", record.sha, kind.task()),
        Written::Already => format!("{environment} {} is already recorded", record.sha),
    };
    session.status(text);
    Ok(())
}

/// Without a store there is nothing that could be asked for.
pub(super) fn check_store(session: &Session, wanted: &RecordUse) -> Result<(), CommandError> {
    let needs = wanted.write.is_some() || wanted.unread == Severity::Error;
    match Store::of(session) {
        Store::None if needs => Err(records::no_store(session)),
        _ => Ok(()),
    }
}

/// The verification with what the records say.
pub(super) async fn compared(
    session: &Session,
    wanted: &RecordUse,
    asked: &Sha,
    (verification, read): (Verification, ReadRecords),
) -> Verification {
    let environment = &verification.environment;
    let records = match read {
        ReadRecords::Unkept => return verification,
        ReadRecords::Read(records) => records,
        // The file is made by the record that is to be written.
        ReadRecords::Unread(Unread { cause: UnreadCause::NotFound, .. })
            if wanted.write.is_some() && matches!(Store::of(session), Store::File(_)) =>
        {
            return verification;
        }
        ReadRecords::Unread(why) => {
            let message = unread_text(environment, &why.message);
            let why = Unread { message, ..why };
            return verification.with_unread_records(&why, wanted.unread);
        }
    };
    tell_ignored(session, environment, &records);
    let sha = longer(Some(asked), &verification.sha).clone();
    if records.is_ambiguous(&sha) {
        let text = format!("records of several commits fit {sha}, so none is compared");
        session.warn(text, Some("give more digits".to_owned()));
    }
    let moved = moved(session.collector(), &records, (&sha, verification.sha_tags())).await;
    verification.with_moved(&moved, wanted.moved)
}

/// The SHA with more digits, if both name one commit.
pub(super) fn longer<'a>(asked: Option<&'a Sha>, found: &'a Sha) -> &'a Sha {
    asked.filter(|asked| found.is_prefix_of(asked)).unwrap_or(found)
}
