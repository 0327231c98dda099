//! Each rule's own examples, and its one name in every spelling.

use std::collections::BTreeSet;

use tags::lint::rule::RULES;

use crate::lint::world::{lines, one, rules_and_lines, with_policy};

#[test]
fn every_bad_example_is_found_and_every_good_one_is_clean() {
    for rule in RULES {
        let lint = |text: &str| match rule.name {
            "missing-registry" => with_policy(&[("ci.yml", text)]),
            _ => one(text),
        };
        let (bad, good) = (lint(rule.bad), lint(rule.good));
        assert!(!lines(&bad, rule.name).is_empty(), "{} misses its example", rule.name);
        let severity = bad.iter().find(|f| f.rule == rule.name).map(|f| f.severity);
        assert_eq!(severity, Some(rule.severity), "{}", rule.name);
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
fn there_are_all_the_rules() {
    assert_eq!(RULES.len(), 26);
}
