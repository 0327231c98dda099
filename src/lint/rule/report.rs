//! What a rule is, and how it reports.

use std::collections::BTreeMap;

use crate::lint::evaluate::{JobRun, Workflows};
use crate::lint::finding::{Finding, Severity};
use crate::lint::position::Position;

/// A rule: what `--explain` shows of it, and how it looks for the mistake.
#[derive(Debug)]
pub struct Rule {
    /// Its name, in kebab case.
    pub name: &'static str,
    /// How much its findings matter, as a rule.
    pub severity: Severity,
    /// What it finds, in a line.
    pub summary: &'static str,
    /// Why it exists, and how it decides: lines, indented as they are in its file.
    pub why: &'static str,
    /// A workflow with the mistake.
    pub bad: &'static str,
    /// The same workflow without it.
    pub good: &'static str,
    /// Reports its findings.
    pub(crate) check: fn(&Workflows<'_>, &mut Reporter<'_>),
}

/// Of several findings of a rule with the same subject in one line, one is kept.
type Key = (String, u32, &'static str, String);

/// All findings so far.
#[derive(Debug, Default)]
pub(crate) struct Findings(BTreeMap<Key, Finding>);

impl Findings {
    /// Takes the findings of one rule.
    pub(crate) fn of(&mut self, rule: &'static Rule) -> Reporter<'_> {
        Reporter { rule, findings: self }
    }

    /// The findings by file, position and rule.
    pub(crate) fn sorted(self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.0.into_values().collect();
        findings.sort_by(|a, b| {
            (&a.file, a.at, a.rule, &a.subject).cmp(&(&b.file, b.at, b.rule, &b.subject))
        });
        findings
    }
}

/// What a finding says.
pub(crate) struct Problem {
    subject: String,
    message: String,
    help: String,
}

impl Problem {
    pub(crate) fn new(
        subject: impl Into<String>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { subject: subject.into(), message: message.into(), help: help.into() }
    }
}

/// Takes the findings of one rule.
pub(crate) struct Reporter<'a> {
    rule: &'static Rule,
    findings: &'a mut Findings,
}

impl Reporter<'_> {
    /// Reports something at a position of a job's file.
    pub(crate) fn report(&mut self, run: &JobRun<'_>, at: Position, problem: Problem) {
        self.add(self.rule.severity, &run.file.name, at, problem);
    }

    /// The same with a severity of its own.
    pub(crate) fn report_as(
        &mut self,
        severity: Severity,
        run: &JobRun<'_>,
        at: Position,
        problem: Problem,
    ) {
        self.add(severity, &run.file.name, at, problem);
    }

    /// Reports something at a position of a file.
    pub(crate) fn report_in(&mut self, file: &str, at: Position, problem: Problem) {
        self.add(self.rule.severity, file, at, problem);
    }

    fn add(&mut self, severity: Severity, file: &str, at: Position, problem: Problem) {
        let Problem { subject, message, help } = problem;
        let rule = self.rule.name;
        let key = (file.to_owned(), at.line, rule, subject.clone());
        let finding = Finding { file: file.to_owned(), at, rule, severity, subject, message, help };
        let known = self.findings.0.entry(key).or_insert_with(|| finding.clone());
        // The most severe one is kept, and of those the first.
        if (finding.severity, finding.at) < (known.severity, known.at) {
            *known = finding;
        }
    }
}
