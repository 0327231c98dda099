//! What a rule is, and how it reports.

use std::collections::BTreeMap;

use crate::lint::evaluate::{Set, Task};
use crate::lint::finding::{Finding, Severity};
use crate::lint::place::Place;

/// A rule: what it says of itself, and how it looks for the mistake.
#[derive(Debug)]
pub struct Rule {
    /// Its name, in kebab case.
    pub name: &'static str,
    /// How much its findings matter, as a rule.
    pub severity: Severity,
    /// What it finds, in a line.
    pub summary: &'static str,
    /// Why it exists, and how it decides: lines, indented as they stand in its file.
    pub why: &'static str,
    /// A workflow with the mistake.
    pub bad: &'static str,
    /// The same without.
    pub good: &'static str,
    /// Looks at a set of workflows and reports.
    pub(crate) check: fn(&Set<'_>, &mut Reporter<'_>),
}

/// One finding for a file, a line, a rule and a subject.
type Key = (String, u32, &'static str, String);

/// All findings so far.
#[derive(Debug, Default)]
pub(crate) struct Out {
    found: BTreeMap<Key, Finding>,
}

impl Out {
    /// Takes the findings of one rule.
    pub(crate) fn of(&mut self, rule: &'static Rule) -> Reporter<'_> {
        Reporter { rule, out: self }
    }

    /// The findings by file, place and rule.
    pub(crate) fn findings(self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.found.into_values().collect();
        findings.sort_by(|a, b| {
            (&a.file, a.at, a.rule, &a.subject).cmp(&(&b.file, b.at, b.rule, &b.subject))
        });
        findings
    }
}

/// What a finding says.
pub(crate) struct Say {
    pub(crate) subject: String,
    pub(crate) message: String,
    pub(crate) help: String,
}

impl Say {
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
    out: &'a mut Out,
}

impl Reporter<'_> {
    /// Reports something at a place of a job's file.
    pub(crate) fn at(&mut self, task: &Task<'_>, at: Place, say: Say) {
        self.report(&task.file.name, at, say);
    }

    /// The same with a severity of its own.
    pub(crate) fn with(&mut self, severity: Severity, task: &Task<'_>, at: Place, say: Say) {
        self.add(severity, &task.file.name, at, say);
    }

    /// Reports something at a place of a file.
    pub(crate) fn report(&mut self, file: &str, at: Place, say: Say) {
        self.add(self.rule.severity, file, at, say);
    }

    fn add(&mut self, severity: Severity, file: &str, at: Place, say: Say) {
        let Say { subject, message, help } = say;
        let rule = self.rule.name;
        let key = (file.to_owned(), at.line, rule, subject.clone());
        let finding = Finding { file: file.to_owned(), at, rule, severity, subject, message, help };
        let known = self.out.found.entry(key).or_insert_with(|| finding.clone());
        // Of several contexts, the gravest counts, and the first place.
        if (finding.severity, finding.at) < (known.severity, known.at) {
            *known = finding;
        }
    }
}
