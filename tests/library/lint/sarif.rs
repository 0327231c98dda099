//! SARIF against the schema of its standard: every rule, every kind of text, any number of files.

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;
use tags::lint::rule::RULES;
use tags::lint::{Finding, Severity, Source, lint};
use tags::report::{Detail, Format, Linting, Report, View};

use crate::lint::properties::PIPELINES;
use crate::lint::world::{policy, set, sources};

const SCHEMA: &str = include_str!("schema/sarif-schema-2.1.0.json");

struct Standard {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Standard {
    fn read() -> Self {
        let schema = serde_json::from_str(SCHEMA).expect("JSON");
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.enable_format_assertions();
        compiler.add_resource("sarif.json", schema).expect("a schema");
        let index = compiler.compile("sarif.json", &mut schemas).expect("a schema");
        Self { schemas, index }
    }

    fn refuses(&self, log: &Value) -> Option<String> {
        self.schemas.validate(log, self.index).err().map(|error| format!("{error:#}"))
    }

    /// Writes findings and holds them against the schema; gives what was written.
    fn holds(&self, findings: Vec<Finding>, sources: &[Source]) -> Value {
        let report = Report::Lint(Linting::new(findings, sources, false));
        let view = View { width: None, detail: Detail::Short, commits: None, checkout: None };
        let text = Format::Sarif.text(&report, view).expect("text");
        let log = serde_json::from_str(&text).expect("JSON");
        assert_eq!(self.refuses(&log), None, "{text}");
        log
    }
}

#[test]
fn what_the_standard_does_not_allow_is_refused_here_too() {
    let standard = Standard::read();
    let mut log = standard.holds(Vec::new(), &[]);
    assert_eq!(log["runs"][0]["results"], Value::Array(Vec::new()));
    log["runs"][0]["results"] = serde_json::json!([{ "ruleId": "x", "level": "bad" }]);
    assert!(standard.refuses(&log).is_some());
}

#[test]
fn findings_of_every_rule_are_valid() {
    let standard = Standard::read();
    for rule in RULES {
        let sources = sources(&[("ci.yml", rule.bad)]);
        let findings = lint(
            &sources,
            Some(&policy())
                .filter(|_| matches!(rule.name, "missing-registry" | "missing-migrate-job")),
        );
        let log = standard.holds(findings, &sources);
        let results = log["runs"][0]["results"].as_array().expect("results");
        assert!(results.iter().any(|result| result["ruleId"] == rule.name), "{}", rule.name);
    }
}

#[test]
fn findings_of_many_files_are_valid() {
    let files: Vec<(String, &str)> =
        (0..).map(|n| format!("{n}.yml")).zip(PIPELINES.into_iter().cycle()).take(300).collect();
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let log = Standard::read().holds(set(&files), &sources(&files));
    assert!(log["runs"][0]["results"].as_array().is_some_and(|results| results.len() > 200));
}

#[test]
fn hostile_names_and_texts_are_valid() {
    let standard = Standard::read();
    let texts = [
        "",
        " ",
        "\0",
        "\u{1b}[31m",
        "\u{202e}",
        "\u{feff}",
        "::error::x",
        "{0} {1}",
        "[a](b)",
        "%",
        "%zz",
        "\\\\host\\share",
        "C:\\a b\\ci.yml",
        "//host/a",
        "a:b",
        "é/ü#?&",
        "\u{f0000}",
        "<script>",
        "\"}],",
        "../../etc",
        "./ci.yml",
        "/abs/ci.yml",
    ];
    let sources = sources(&[("ci.yml", "on: push\n")]);
    for text in texts {
        let finding = Finding {
            file: text.to_owned(),
            at: tags::lint::Position::default(),
            rule: "yaml-syntax",
            severity: Severity::Error,
            subject: text.to_owned(),
            message: text.to_owned(),
            help: text.to_owned(),
            fix: None,
        };
        standard.holds(vec![finding], &sources);
    }
    let long = "x".repeat(100_000);
    let workflow =
        format!("on: push\njobs:\n  a:\n    steps:\n      - run: docker push ghcr.io/A{long}\n");
    let findings = set(&[("ci.yml", &workflow)]);
    assert!(!findings.is_empty());
    standard.holds(findings, &sources);
}
