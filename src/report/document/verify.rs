//! `tags verify`: one row per tag, then what is wrong and what to do about it.

use super::super::block::{Block, Note, Page, Reader, Rows, Text, Tone, Written};
use super::super::{counted, outcome};
use super::hints_once;
use crate::verify::{Finding, FindingCode, Severity, TagCheck, Verification, VerifyVerdict};

/// The whole report.
pub(super) fn verify(verification: &Verification, page: &mut Page<'_>) -> Written {
    let release = format!("{} {}", verification.environment, verification.sha);
    page.for_markdown(|| {
        let title = Text::from(format!("{} ", verification.environment));
        let title = title.and(Tone::Sha, &verification.sha);
        Block::Heading(title.plain(format!(": {}", outcome::verify(verification))))
    })?;
    let tag = |check: &TagCheck| match page.reader {
        Reader::Terminal(_) => Text::from(check.kind.as_str()),
        Reader::Markdown => Text::new(Tone::Code, &check.reference.tag),
    };
    let digest = |check: &TagCheck| match &check.digest {
        Some(digest) => Text::new(Tone::Digest, digest.short()),
        None => "-".into(),
    };
    let checks = Rows::of(&verification.checks)
        .word("image", |check| &check.place.image)
        .word("registry", |check| &check.place.registry)
        .word("tag", tag)
        .word("digest", digest)
        .word("status", |check| status(check, &verification.findings));
    page.put(checks.block())?;
    page.put_each(hints_once(verification.findings.iter().map(finding)).into_iter())?;
    if verification.running_ignored > 0 {
        let ignored = counted(verification.running_ignored, "running image");
        let text = format!("ignored: {ignored} not of this environment");
        page.put(Block::Paragraph(text.into()))?;
    }
    page.for_terminal(|_| Block::Paragraph(summary(verification, release)))
}

fn status(check: &TagCheck, findings: &[Finding]) -> Text {
    // A warning must not look like an error.
    let warned = findings.iter().any(|finding| {
        Some(finding.code) == check.problem
            && finding.severity == Severity::Warning
            && finding.place.as_ref() == Some(&check.place)
    });
    match check.problem {
        None => Text::new(Tone::Good, "ok"),
        Some(code) if warned => Text::new(Tone::Caution, format!("{code} (warning)")),
        Some(code) => Text::new(Tone::Bad, code),
    }
}

fn finding(finding: &Finding) -> Note {
    let tone = match finding.severity {
        Severity::Error => Tone::Bad,
        Severity::Warning => Tone::Caution,
    };
    Note {
        code: Some(finding.code.as_str()),
        hint: finding.hint.clone(),
        ..Note::new(tone, finding.severity.as_str(), &finding.message)
    }
}

fn summary(verification: &Verification, release: String) -> Text {
    let could_not_be_read = |finding: &&Finding| {
        finding.code == FindingCode::RegistryUnreadable && finding.severity == Severity::Error
    };
    let errors = verification.findings.iter().filter(|f| f.severity == Severity::Error).count();
    let (tone, verdict) = match verification.verdict() {
        VerifyVerdict::Passed => (Tone::Good, "ok".to_owned()),
        VerifyVerdict::Failed => (Tone::Bad, format!("failed ({})", counted(errors, "error"))),
        VerifyVerdict::Unknown(_) => {
            let unread = || verification.findings.iter().filter(could_not_be_read);
            // Only the records of the release have no place.
            let why = if unread().any(|finding| finding.place.is_some()) {
                "a registry could not be read"
            } else if unread().next().is_some() {
                "the records of the release could not be read"
            } else {
                "the running images could not be identified"
            };
            (Tone::Bad, format!("unknown ({why})"))
        }
    };
    let is_read = |check: &&TagCheck| check.problem != Some(FindingCode::RegistryUnreadable);
    let checks = counted(verification.checks.iter().filter(is_read).count(), "tag");
    Text::strong(release).plain(": ").and(tone, verdict).plain(format!(", {checks} checked"))
}
