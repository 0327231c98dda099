//! `tags verify` for people: a row a tag, then what is wrong and what to do about it.

use super::table::columns;
use super::{BAD, CAUTION, GOOD, STRONG, hint_line, styled};
use crate::model::Digest;
use crate::report::{counted, escape};
use crate::verify::{Finding, FindingCode, Severity, TagCheck, Verification, VerifyVerdict};

/// The whole report.
#[must_use]
pub fn verify(verification: &Verification) -> String {
    let mut text = columns(
        &["IMAGE", "REGISTRY", "TAG", "DIGEST", "STATUS"],
        verification.checks.iter().map(|check| row(check, &verification.findings)).collect(),
    );
    for finding in &verification.findings {
        text.push('\n');
        text.push_str(&describe(finding));
    }
    if verification.running_ignored > 0 {
        let ignored = counted(verification.running_ignored, "running image");
        text.push_str(&format!("\n{ignored} not of this environment ignored\n"));
    }
    text.push('\n');
    text.push_str(&summary(verification));
    text
}

fn row(check: &TagCheck, findings: &[Finding]) -> Vec<String> {
    let digest = check.digest.as_ref().map_or_else(|| "-".to_owned(), Digest::short);
    // A problem that is only warned about must not look like one that fails.
    let warned = findings.iter().any(|finding| {
        Some(finding.code) == check.problem
            && finding.severity == Severity::Warning
            && finding.place.as_ref() == Some(&check.place)
    });
    let status = match check.problem {
        None => "ok".to_owned(),
        Some(code) if warned => format!("{code} (warning)"),
        Some(code) => code.to_string(),
    };
    vec![
        check.place.image.to_string(),
        check.place.registry.to_string(),
        check.kind.as_str().to_owned(),
        digest,
        status,
    ]
}

fn describe(finding: &Finding) -> String {
    let style = match finding.severity {
        Severity::Error => BAD,
        Severity::Warning => CAUTION,
    };
    let label = format!("{}[{}]", finding.severity.as_str(), finding.code);
    let mut text = format!("{}: {}\n", styled(style, &label), escape::terminal(&finding.message));
    if let Some(hint) = &finding.hint {
        text.push_str(&hint_line(hint));
    }
    text
}

fn summary(verification: &Verification) -> String {
    let release = format!("{} {}", verification.environment, verification.sha);
    let checks = counted(verification.checks.len(), "tag");
    let errors = verification.findings.iter().filter(|f| f.severity == Severity::Error).count();
    let verdict = match verification.verdict() {
        VerifyVerdict::Passed => styled(GOOD, "holds"),
        VerifyVerdict::Failed => {
            styled(BAD, &format!("does not hold ({})", counted(errors, "error")))
        }
        VerifyVerdict::Unknown(_) if verification.findings.iter().any(could_not_be_read) => {
            styled(BAD, "unknown, since a registry could not be read")
        }
        VerifyVerdict::Unknown(_) => styled(BAD, "unknown, since nobody can tell what runs"),
    };
    format!("{} {verdict}, {checks} checked\n", styled(STRONG, &release))
}

fn could_not_be_read(finding: &Finding) -> bool {
    finding.code == FindingCode::RegistryUnreadable
}
