//! What the page about runs says is so.

use tags::lint::{Source, lint};
use tags::pipeline::RunCode;

const PAGE: &str = include_str!("../../../docs/runs.md");

/// The code of the first block in a language.
fn block(language: &str) -> &'static str {
    let (_, rest) = PAGE.split_once(&format!("```{language}\n")).expect("a block");
    rest.split_once("```").expect("an end").0
}

#[test]
fn the_page_tells_of_every_finding() {
    for code in RunCode::ALL {
        assert!(PAGE.contains(&format!("`{code}`")), "{code}");
    }
}

#[test]
fn its_policy_is_valid_and_its_limits_are_the_defaults() {
    let images = "version = 1\n[registry.ghcr]\nkind = \"ghcr\"\nnamespace = \"acme\"\n[image.app]\nrepositories = { ghcr = \"app\" }\n";
    let policy = tags::policy::parse("runs.md", &format!("{images}{}", block("toml")));
    let environment = policy.expect("a valid policy").environments.into_values().next();
    let limits = environment.expect("an environment").run_limits;
    assert_eq!(limits, tags::policy::RunLimits::default());
}

#[test]
fn its_workflow_has_nothing_that_lint_finds() {
    let source = Source {
        name: ".github/workflows/runs.yml".to_owned(),
        bytes: block("yaml").as_bytes().to_vec(),
    };
    let found = lint(&[source], None);
    assert!(found.is_empty(), "{found:?}");
}
