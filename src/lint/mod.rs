//! `tags lint`: what workflows push, pull and deploy, and which of it cannot be right.
//!
//! Text in, findings out. `yaml` reads, `workflow` names the parts, `expression` and `shell`
//! fill values in (unknown ones are symbols), `evaluate` carries each job out on paper, and each
//! file of `rule` is one rule that looks at the outcome.

mod evaluate;
mod expression;
mod finding;
mod ignore;
mod place;
mod reading;
mod reference;
pub mod rule;
mod setup;
mod shell;
mod symbol;
mod workflow;
mod yaml;

use std::collections::BTreeMap;

pub use finding::{Finding, Severity};
pub use place::Place;
pub use reading::Reading;

use crate::policy::Policy;
use evaluate::{Budget, evaluate};
use rule::{Out, RULES};
use setup::Setup;
use symbol::Symbols;

/// A file: its name, and its text.
#[derive(Debug, Clone)]
pub struct Source {
    /// What findings call it.
    pub name: String,
    /// Its bytes; what is not UTF-8 is a finding.
    pub bytes: Vec<u8>,
}

/// Files that belong together: who pushes what others pull.
///
/// ```
/// use tags::lint::{Source, lint};
///
/// let text = "on: push\njobs:\n  a:\n    steps: []\n  a:\n    steps: []\n";
/// let source = Source { name: "ci.yml".to_owned(), bytes: text.into() };
/// let findings = lint(&[source], None);
/// assert_eq!((findings[0].rule, findings[0].at.line), ("duplicate-key", 5));
/// ```
#[must_use]
pub fn lint(sources: &[Source], policy: Option<&Policy>) -> Vec<Finding> {
    judge(sources.iter().map(Reading::of).collect(), policy)
}

/// The same for files that were read already, in the order in which they are told.
#[must_use]
pub fn judge(readings: Vec<Reading>, policy: Option<&Policy>) -> Vec<Finding> {
    let (mut files, mut defects) = (Vec::new(), Vec::new());
    let mut ignores = BTreeMap::new();
    for reading in readings {
        let name = &reading.name;
        match reading.outcome {
            Ok(file) => files.extend(file),
            Err(found) => defects.extend(found.into_iter().map(|defect| (name.clone(), defect))),
        }
        ignores.insert(reading.name, reading.ignores);
    }
    let (symbols, budget) = (Symbols::default(), Budget::default());
    let mut set = evaluate(&files, Setup { policy }, &symbols, &budget);
    set.complete &= defects.is_empty();
    set.defects = defects;
    let mut out = Out::default();
    for rule in RULES {
        (rule.check)(&set, &mut out.of(rule));
    }
    let mut findings = out.findings();
    findings.retain(|finding| {
        !ignores.get(&finding.file).is_some_and(|ignores| ignores.silence(finding))
    });
    findings
}
