//! Merges the findings that callers, legs and events have in common.
//!
//! A mistake in a reusable workflow that is called for three environments is reported once. Findings that
//! differ only in the environment or the branch become one finding, which names them all.

use std::collections::{BTreeMap, BTreeSet};

use crate::lint::finding::Finding;

/// A finding in one leg, for one caller and one event.
#[derive(Debug)]
pub(super) struct Reported {
    finding: Finding,
    names: Vec<String>,
    /// The leg or the job.
    context: usize,
    /// The subject without environments and branches.
    shape: String,
}

/// Findings of one rule at one place that are reported as one.
struct Group {
    finding: Finding,
    names: BTreeSet<String>,
    subjects: BTreeSet<String>,
    contexts: BTreeSet<usize>,
    shape: String,
}

impl Reported {
    pub(super) fn new<'n>(
        finding: Finding,
        names: Vec<String>,
        context: usize,
        varying: impl Iterator<Item = &'n str>,
    ) -> Self {
        let varying: Vec<&str> = varying.collect();
        let shape = shape(&finding.subject, &varying);
        Self { finding, names, context, shape }
    }
}

/// A text with `*` for each word that is an environment or the branch of the run.
fn shape(subject: &str, varying: &[&str]) -> String {
    let mut shape = String::with_capacity(subject.len());
    let mut rest = subject;
    'words: while let Some(first) = rest.chars().next() {
        let begins = shape.chars().next_back().is_none_or(|c| !c.is_ascii_alphanumeric());
        for word in varying.iter().filter(|word| begins && !word.is_empty()) {
            let after = rest.strip_prefix(word);
            let ends = |after: &&str| !after.starts_with(|c: char| c.is_ascii_alphanumeric());
            if let Some(after) = after.filter(ends) {
                shape.push('*');
                rest = after;
                continue 'words;
            }
        }
        shape.push(first);
        rest = &rest[first.len_utf8()..];
    }
    shape
}

/// Merges the findings.
pub(super) fn merged(reported: Vec<Reported>) -> Vec<Finding> {
    let mut places: BTreeMap<(String, u32, &str), Vec<Group>> = BTreeMap::new();
    for report in reported {
        let place = (report.finding.file.clone(), report.finding.at.line, report.finding.rule);
        let groups = places.entry(place).or_default();
        let same_subject =
            groups.iter().position(|group| group.subjects.contains(&report.finding.subject));
        let like = |group: &Group| {
            group.shape == report.shape && !group.contexts.contains(&report.context)
        };
        match same_subject.or_else(|| groups.iter().position(like)) {
            Some(at) => groups[at].add(report),
            None => groups.push(Group::new(report)),
        }
    }
    places.into_values().flatten().map(Group::told).collect()
}

impl Group {
    fn new(report: Reported) -> Self {
        Self {
            names: report.names.into_iter().collect(),
            subjects: BTreeSet::from([report.finding.subject.clone()]),
            contexts: BTreeSet::from([report.context]),
            shape: report.shape,
            finding: report.finding,
        }
    }

    fn add(&mut self, report: Reported) {
        self.names.extend(report.names);
        self.subjects.insert(report.finding.subject.clone());
        self.contexts.insert(report.context);
        // The most severe one is kept, and of those the first.
        let fix = self.finding.fix.take().filter(|fix| report.finding.fix.as_ref() == Some(fix));
        let key = |finding: &Finding| (finding.severity, finding.at);
        if key(&report.finding) < key(&self.finding) {
            self.finding = report.finding;
        }
        // A change is kept only if all callers and legs need the same one.
        self.finding.fix = fix;
    }

    fn told(self) -> Finding {
        let mut finding = self.finding;
        if self.subjects.len() > 1 {
            let all = listed(&self.subjects);
            let one = format!("`{}`", finding.subject);
            finding.message = finding.message.replace(&one, &all);
        }
        let names = listed(&self.names);
        let several = self.names.len() > 1;
        let message = finding.message.replace("{are}", if several { "are" } else { "is" });
        finding.message = message.replace("{names}", &names);
        finding.help = finding.help.replace("{names}", &names);
        finding
    }
}

/// `a`, `b` and `c`.
fn listed(names: &BTreeSet<String>) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}
