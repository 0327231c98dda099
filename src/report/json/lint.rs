//! `tags lint` as JSON.

use serde::Serialize;

use crate::report::Linting;

#[derive(Serialize)]
struct LintJson {
    findings: Vec<LintFindingJson>,
}

#[derive(Serialize)]
struct LintFindingJson {
    file: String,
    line: u32,
    column: u32,
    rule: &'static str,
    severity: &'static str,
    subject: String,
    message: String,
    help: String,
}

/// `tags lint` as JSON.
pub(super) fn lint(linting: &Linting) -> impl Serialize {
    let finding = |finding: &crate::lint::Finding| LintFindingJson {
        file: finding.file.clone(),
        line: finding.at.line,
        column: finding.at.column,
        rule: finding.rule,
        severity: finding.severity.as_str(),
        subject: finding.subject.clone(),
        message: finding.message.clone(),
        help: finding.help.clone(),
    };
    LintJson { findings: linting.findings.iter().map(finding).collect() }
}
