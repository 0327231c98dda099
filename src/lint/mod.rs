//! `tags lint`: finds what workflows push, pull and deploy, and the mistakes in it.
//!
//! Text in, findings out. `yaml` reads a file, `workflow` finds its jobs and steps, `expression`
//! and `shell` fill values in (an unknown one is a symbol), `evaluate` goes through each job and
//! notes what it does, and each file of `rule` is one rule that looks at the outcome.

mod conventions;
mod evaluate;
mod expression;
mod finding;
mod fix;
mod ignore;
mod images;
mod overlap;
mod parsed_file;
mod position;
mod reference;
pub mod rule;
mod shell;
pub mod survey;
mod symbol;
mod symbol_kind;
mod workflow;
mod yaml;

use std::collections::BTreeMap;

pub use finding::{Finding, Fix, Severity};
pub use fix::fixed;
pub use parsed_file::{ParsedFile, Source};
pub use position::Position;

use crate::policy::Policy;
use conventions::Conventions;
use evaluate::{Budget, evaluate};
use rule::{Findings, RULES};
use symbol::Symbols;

/// Lints files that belong together: some may push what others pull.
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
    lint_parsed(sources.iter().map(ParsedFile::parse).collect(), policy)
}

/// The same for files that were parsed already.
#[must_use]
pub fn lint_parsed(parsed: Vec<ParsedFile>, policy: Option<&Policy>) -> Vec<Finding> {
    let (mut files, mut defects) = (Vec::new(), Vec::new());
    let mut ignores = BTreeMap::new();
    for parsed_file in parsed {
        let name = &parsed_file.name;
        match parsed_file.outcome {
            Ok(file) => files.extend(file),
            Err(found) => defects.extend(found.into_iter().map(|defect| (name.clone(), defect))),
        }
        ignores.insert(parsed_file.name, parsed_file.ignores);
    }
    let (symbols, budget) = (Symbols::default(), Budget::default());
    let mut workflows = evaluate(&files, Conventions { policy }, &symbols, &budget);
    workflows.complete &= defects.is_empty();
    workflows.defects = defects;
    let mut findings = Findings::default();
    let conventions = workflows.conventions;
    for rule in RULES {
        (rule.check)(&workflows, &mut findings.of(rule, conventions));
    }
    let mut findings = findings.sorted();
    findings.retain(|finding| {
        !ignores.get(&finding.file).is_some_and(|ignores| ignores.covers(finding))
    });
    findings
}
