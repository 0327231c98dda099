//! Each rule's own examples, and its one name in every spelling.

use std::collections::BTreeSet;

use tags::lint::rule::{Applies, RULES};
use tags::policy::LINT_RULES;

use crate::lint::world::{lines, one, rules_and_lines, with_policy};

#[test]
fn every_bad_example_is_found_and_every_good_one_is_clean() {
    for rule in RULES {
        // One file alone cannot show that another one of its set migrates.
        let needs_policy =
            rule.applies == Applies::WithPolicyOnly || rule.name == "missing-migrate-job";
        let lint = |text: &str| {
            if needs_policy { with_policy(&[("ci.yml", text)]) } else { one(text) }
        };
        let expected = if needs_policy { rule.severity } else { rule.severity_without_policy() };
        let (bad, good) = (lint(rule.bad), lint(rule.good));
        assert!(!lines(&bad, rule.name).is_empty(), "{} misses its example", rule.name);
        let severity = bad.iter().find(|f| f.rule == rule.name).map(|f| f.severity);
        assert_eq!(severity, Some(expected), "{}", rule.name);
        assert_eq!(rules_and_lines(&good), Vec::<String>::new(), "{}", rule.name);
    }
}

#[test]
fn a_rule_and_its_examples_have_one_name() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lint/rule");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a file of its own");
    let mut examples = BTreeSet::new();
    for rule in RULES {
        let name = rule.name.replace('-', "_");
        let code = read(&format!("{name}.rs"));
        assert!(code.contains(&format!("    name: \"{}\",", rule.name)), "{name}");
        for (kind, text) in [("bad", rule.bad), ("good", rule.good)] {
            let example = format!("{name}.{kind}.yml");
            assert_eq!(text, read(&example), "{name}");
            examples.insert(example);
        }
        assert!(!rule.why.trim().is_empty() && !rule.summary.is_empty(), "{name}");
    }
    for entry in std::fs::read_dir(&folder).expect("a folder") {
        let path = entry.expect("a file").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let is_example = path.extension().is_some_and(|extension| extension == "yml");
        assert!(!is_example || examples.contains(&name), "{name} belongs to no rule");
    }
}

#[test]
fn the_policy_knows_every_rule_by_its_name() {
    let names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names, LINT_RULES);
}
