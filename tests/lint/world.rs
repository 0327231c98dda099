//! Workflows to findings, and a policy.

use tags::lint::{Finding, Source, lint};
use tags::policy::Policy;

/// Lints one file.
pub(crate) fn one(text: &str) -> Vec<Finding> {
    set(&[("ci.yml", text)])
}

/// Lints files that belong together.
pub(crate) fn set(files: &[(&str, &str)]) -> Vec<Finding> {
    lint(&sources(files), None)
}

/// The same with the policy of a pipeline.
pub(crate) fn with_policy(files: &[(&str, &str)]) -> Vec<Finding> {
    lint(&sources(files), Some(&policy()))
}

pub(crate) fn policy() -> Policy {
    let text = include_str!("../../policies/projectmeats.toml");
    tags::policy::parse("projectmeats.toml", text).expect("a policy")
}

pub(crate) fn sources(files: &[(&str, &str)]) -> Vec<Source> {
    let source = |(name, text): &(&str, &str)| Source {
        name: format!(".github/workflows/{name}"),
        bytes: text.as_bytes().to_vec(),
    };
    files.iter().map(source).collect()
}

/// `rule line` of each finding.
pub(crate) fn told(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|finding| format!("{} {}", finding.rule, finding.at.line)).collect()
}

/// The lines of one rule's findings.
pub(crate) fn lines(findings: &[Finding], rule: &str) -> Vec<u32> {
    assert!(tags::lint::rule::by_name(rule).is_some(), "{rule} is a rule");
    findings.iter().filter(|finding| finding.rule == rule).map(|f| f.at.line).collect()
}
