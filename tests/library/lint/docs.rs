//! `docs/lint-rules.md` is made of the rules' own texts; `TAGS_UPDATE_DOCS=1` writes it.

use std::fmt::Write as _;
use std::path::Path;

use tags::lint::rule::{Applies, RULES, Rule};

use crate::lint::search::asked;

fn page() -> String {
    let mut page = String::from(
        "# The rules of `tags lint`\n\nEach section is what `tags lint --explain RULE` prints. A policy file may set the level of a rule \
         in its table `[lint]`, and `# tags: ignore[RULE]` on a line, or the one above, silences it there.\n\n\
         | rule | with a policy | without | finds |\n|---|---|---|---|\n",
    );
    for rule in RULES {
        let (with, without) = (rule.severity.as_str(), without_policy(rule));
        let name = rule.name;
        let _ = writeln!(page, "| [`{name}`](#{name}) | {with} | {without} | {} |", rule.summary);
    }
    for rule in RULES {
        page.push_str(&section(rule));
    }
    page
}

fn without_policy(rule: &Rule) -> &'static str {
    match rule.applies {
        Applies::Always => rule.severity.as_str(),
        Applies::MilderWithoutPolicy => "warning",
        Applies::ByConvention => "warning, where the workflows show the convention",
        Applies::WithPolicyOnly => "-",
    }
}

fn section(rule: &Rule) -> String {
    let why: Vec<&str> = rule.why.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let (name, summary, why) = (rule.name, rule.summary, why.join("\n"));
    let mut summary = summary.to_owned();
    if let Some(first) = summary.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    format!(
        "\n## {name}\n\n{summary}.\n\n{why}\n\nReported:\n\n```yaml\n{}```\n\nNot reported:\n\n```yaml\n{}```\n",
        rule.bad, rule.good
    )
}

#[test]
fn the_page_of_rules_says_what_the_rules_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/lint-rules.md");
    let page = page();
    if asked("TAGS_UPDATE_DOCS") == Some(1) {
        std::fs::write(&path, &page).expect("a page");
    }
    let written = std::fs::read_to_string(&path).expect("docs/lint-rules.md");
    assert!(written == page, "docs/lint-rules.md differs; TAGS_UPDATE_DOCS=1 writes it anew");
}
