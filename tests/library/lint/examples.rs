//! Each rule's own examples, and its one name in every spelling.

use tags::lint::rule;

use crate::lint::world::{lines, one, told, with_policy};

#[test]
fn every_bad_example_is_found_and_every_good_one_is_clean() {
    for about in rule::all() {
        let lint = |text: &str| match about.name {
            "missing-registry" => with_policy(&[("ci.yml", text)]),
            _ => one(text),
        };
        let (bad, good) = (lint(about.bad), lint(about.good));
        assert!(!lines(&bad, about.name).is_empty(), "{} misses its example", about.name);
        let severity = bad.iter().find(|f| f.rule == about.name).map(|f| f.severity);
        assert_eq!(severity, Some(about.severity), "{}", about.name);
        assert_eq!(told(&good), Vec::<String>::new(), "{}", about.name);
    }
}

#[test]
fn a_rule_has_one_name_in_every_spelling() {
    for about in rule::all() {
        let file = format!("src/lint/rule/{}.rs", about.name.replace('-', "_"));
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(&file);
        let text = std::fs::read_to_string(path).expect("a file of its own");
        let mut parts = about.name.split('-').map(|part| part[..1].to_uppercase() + &part[1..]);
        let name: String = parts.by_ref().collect();
        assert!(text.contains(&format!("    {name}, \"{}\"", about.name)), "{file}");
        assert!(about.why.trim_start().starts_with(&format!("# {}", about.name)), "{file}");
    }
}

#[test]
fn there_are_all_the_rules() {
    assert_eq!(rule::all().len(), 26);
}
