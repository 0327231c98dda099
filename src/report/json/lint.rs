//! `tags lint` as JSON.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::Linting;

#[derive(Serialize, JsonSchema)]
pub(super) struct LintJson {
    /// What is wrong, errors first.
    findings: Vec<LintFindingJson>,
}

#[derive(Serialize, JsonSchema)]
struct LintFindingJson {
    /// The workflow file.
    file: String,
    /// From 1.
    line: u32,
    /// From 1.
    column: u32,
    /// The rule.
    rule: &'static str,
    /// `error` or `warning`.
    severity: &'static str,
    /// What it is about.
    subject: String,
    /// What was found, in words.
    message: String,
    /// What to do about it.
    help: String,
}

/// `tags lint` as JSON.
pub(super) fn lint(linting: &Linting) -> LintJson {
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
