//! Near misses, for every rule: text that is not run, jobs that never run, other hosts, unknown values.
//!
//! The rows of a rule are in the file of its kind; a test here makes sure that each rule has some.

mod called;
mod hosts;
mod jobs;
mod legs;
mod metadata;
mod not_run;
mod step;
mod unknown;
mod unread;
mod yaml;

use std::collections::BTreeSet;

use tags::lint::rule::RULES;

use crate::lint::world::{count, lines, with_policy};

/// How often a rule finds something; the one that needs a policy has one.
fn found(text: &str, rule: &str) -> usize {
    match rule {
        "missing-registry" => lines(&with_policy(&[("ci.yml", text)]), rule).len(),
        _ => count(text, rule),
    }
}

/// Lines with something before each.
fn indented(before: &str, lines: impl Iterator<Item = impl AsRef<str>>) -> String {
    lines.fold(String::new(), |text, line| text + before + line.as_ref() + "\n")
}

/// Checks the findings of each row.
fn check_rows(rows: &[(&str, String, usize)]) {
    for (rule, text, expected) in rows {
        assert_eq!(found(text, rule), *expected, "{rule} in\n{text}");
    }
}

#[test]
fn every_rule_has_near_misses() {
    let of_steps = step::cases().into_iter().map(|case| case.rule);
    let of_jobs = jobs::cases().into_iter().map(|case| case.rule);
    let of_texts = yaml::rows().into_iter().map(|(rule, ..)| rule);
    // Their good, bad and nearly bad workflows are among the cases.
    let of_cases = [
        "latest-on-pull-request",
        "latest-from-several-branches",
        "invalid-tag",
        "digest-never-merged",
        "cache-overwrites-image",
        "environment-mismatch",
        "version-overwritten",
        "pull-request-deploy",
    ];
    let covered: BTreeSet<&str> = of_steps.chain(of_jobs).chain(of_texts).chain(of_cases).collect();
    let all: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(covered, all);
}
