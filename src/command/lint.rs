//! `lint`: checks the texts of workflows.

use std::num::NonZero;
use std::thread;

use super::CommandError;
use crate::lint::rule::{RULES, Rule};
use crate::lint::{ParsedFile, fixed, lint_parsed};
use crate::policy::Policy;
use crate::report::{self, Linting};

pub use crate::lint::Source;

/// Asks to check workflows.
pub struct Request<'a> {
    /// The files. Files of one set are checked together, like the workflows of one repository.
    pub sets: &'a [Vec<Source>],
    /// The policy, where there is one.
    pub policy: Option<&'a Policy>,
    /// Whether warnings count as errors.
    pub deny_warnings: bool,
}

/// Checks workflows.
#[must_use]
pub fn lint(request: &Request<'_>) -> Linting {
    let mut findings = Vec::new();
    for set in request.sets {
        findings.extend(lint_parsed(read(set), request.policy));
    }
    findings.sort_by(|a, b| {
        (&a.file, a.at, a.rule, &a.subject).cmp(&(&b.file, b.at, b.rule, &b.subject))
    });
    findings.dedup();
    Linting::new(findings, request.sets.iter().flatten(), request.deny_warnings)
}

/// A file that changes.
#[derive(Debug, Clone)]
pub struct FixedFile {
    /// Its name, as it was given.
    pub name: String,
    /// Its text.
    pub before: String,
    /// Its text after the change.
    pub after: String,
}

/// What to change in the files of a checked set: only what can be corrected in one way.
#[must_use]
pub fn fixes(request: &Request<'_>, linting: &Linting) -> Vec<FixedFile> {
    let of = |source: &Source| {
        let before = String::from_utf8(source.bytes.clone()).ok()?;
        let findings = linting.findings.iter().filter(|finding| finding.file == source.name);
        let after = fixed(&before, findings)?;
        Some(FixedFile { name: source.name.clone(), before, after })
    };
    request.sets.iter().flatten().filter_map(of).collect()
}

/// Checks the workflows as they are after their changes.
#[must_use]
pub fn lint_fixed(request: &Request<'_>, files: &[FixedFile]) -> Linting {
    let changed = |source: &Source| {
        let file = files.iter().find(|file| file.name == source.name);
        let bytes = file.map_or_else(|| source.bytes.clone(), |file| file.after.clone().into());
        Source { name: source.name.clone(), bytes }
    };
    let sets: Vec<Vec<Source>> =
        request.sets.iter().map(|set| set.iter().map(changed).collect()).collect();
    lint(&Request { sets: &sets, policy: request.policy, deny_warnings: request.deny_warnings })
}

/// Explains a rule by its name, or `all` of them.
///
/// # Errors
/// [`CommandError`] when there is no such rule.
pub fn explain_rule(name: &str) -> Result<String, CommandError> {
    let rules: Vec<&Rule> =
        RULES.iter().filter(|rule| name == "all" || rule.name == name).collect();
    if rules.is_empty() {
        let names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
        return Err(CommandError::usage(format!("no rule `{name}`"))
            .hint(format!("the rules are {}", names.join(", "))));
    }
    let texts: Vec<String> = rules.into_iter().map(report::rule_explanation).collect();
    Ok(texts.join("\n"))
}

/// Parses files in several threads; keeps their order.
fn read(files: &[Source]) -> Vec<ParsedFile> {
    let workers = thread::available_parallelism().map_or(2, NonZero::get);
    let share = files.len().div_ceil(workers).max(1);
    thread::scope(|scope| {
        let readers: Vec<_> = files
            .chunks(share)
            .map(|part| scope.spawn(|| part.iter().map(ParsedFile::parse).collect::<Vec<_>>()))
            .collect();
        let joined = readers.into_iter().flat_map(|reader| {
            reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        joined.collect()
    })
}
