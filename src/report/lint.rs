//! What `tags lint` reports: the findings, and the lines that they point to.

use std::collections::BTreeMap;

use crate::lint::{Finding, Severity, Source};

/// The outcome of `tags lint`.
#[derive(Debug)]
pub struct Linting {
    /// The findings, in the order of files and lines.
    pub findings: Vec<Finding>,
    /// The lines of each file.
    pub lines: BTreeMap<String, Vec<String>>,
    /// Whether warnings count as errors.
    pub deny_warnings: bool,
}

impl Linting {
    /// A report of findings in these files.
    #[must_use]
    pub fn new<'a>(
        findings: Vec<Finding>,
        sources: impl IntoIterator<Item = &'a Source>,
        deny_warnings: bool,
    ) -> Self {
        let lines = |source: &Source| {
            let text = String::from_utf8_lossy(&source.bytes);
            text.lines().map(str::to_owned).collect()
        };
        let lines =
            sources.into_iter().map(|source| (source.name.clone(), lines(source))).collect();
        Self { findings, lines, deny_warnings }
    }

    /// How many findings are of a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// Whether the run fails.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.count(Severity::Error) > 0 || (self.deny_warnings && !self.findings.is_empty())
    }

    /// The outcome in one word.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        if self.fails() { "failed" } else { "ok" }
    }

    /// `2 errors, 1 warning in 3 files`.
    #[must_use]
    pub fn summary(&self) -> String {
        let counted = |severity: Severity| super::counted(self.count(severity), severity.as_str());
        let files = super::counted(self.lines.len(), "file");
        if self.findings.is_empty() {
            return format!("no findings in {files}");
        }
        format!("{}, {} in {files}", counted(Severity::Error), counted(Severity::Warning))
    }

    /// The line of a finding, as in the file.
    #[must_use]
    pub fn line(&self, finding: &Finding) -> &str {
        let number = usize::try_from(finding.at.line).unwrap_or(1).saturating_sub(1);
        self.lines.get(&finding.file).and_then(|lines| lines.get(number)).map_or("", String::as_str)
    }
}
