//! A rule as people look it up: its settings, and its place in the policy file.

use std::collections::BTreeMap;

use super::reason::RuleName;
use super::sentence::duration;
use crate::policy::{Policy, Retention};

/// The rules of a policy by their names.
#[derive(Debug, Clone, Default)]
pub struct RuleLabels(BTreeMap<RuleName, String>);

impl RuleLabels {
    /// The labels of a policy's rules.
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        let file = &policy.file;
        let rules = policy.retention.iter().enumerate().map(|(index, rule)| {
            let settings = settings(rule);
            (RuleName::retention(index), format!("{settings} ({file}:{})", rule.line))
        });
        let untagged =
            policy.untagged_keep_within.zip(policy.untagged_line).map(|(within, line)| {
                let within = duration(within);
                (RuleName::untagged(), format!("[untagged] keep-within {within} ({file}:{line})"))
            });
        Self(rules.chain(untagged).collect())
    }

    /// `keep-last 5 (tags.toml:45)`; the name of a rule that the policy does not have.
    #[must_use]
    pub fn label<'a>(&'a self, rule: &'a RuleName) -> &'a str {
        self.0.get(rule).map_or(rule.as_str(), String::as_str)
    }
}

fn settings(rule: &Retention) -> String {
    let last = rule.keep_last.map(|count| format!("keep-last {count}"));
    let within = rule.keep_within.map(|within| format!("keep-within {}", duration(within)));
    last.into_iter().chain(within).collect::<Vec<_>>().join(", ")
}
