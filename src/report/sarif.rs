//! SARIF 2.1.0, which code scanning reads.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::io::{self, Write};

use serde_json::{Value, json};

use super::json::write;
use super::{Linting, Report, View};
use crate::lint::Finding;
use crate::lint::rule::{RULES, Rule};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The findings of `tags lint`; SARIF cannot express other reports.
pub(super) fn render(report: &Report, view: View, out: &mut dyn Write) -> io::Result<()> {
    match report {
        Report::Lint(linting) => write(&log(linting, view), out),
        _ => Err(io::Error::new(io::ErrorKind::Unsupported, "only `tags lint` writes SARIF")),
    }
}

fn log(linting: &Linting, view: View) -> Value {
    let rules: Vec<Value> = RULES.iter().map(descriptor).collect();
    let results: Vec<Value> =
        linting.findings.iter().map(|finding| result(finding, view)).collect();
    let driver = json!({ "name": "tags", "version": env!("CARGO_PKG_VERSION"), "rules": rules });
    json!({
        "version": "2.1.0",
        "$schema": SCHEMA,
        "runs": [{
            "tool": { "driver": driver },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn descriptor(rule: &Rule) -> Value {
    let why: Vec<&str> = rule.why.lines().map(str::trim).collect();
    json!({
        "id": rule.name,
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": why.join(" ").trim() },
        "defaultConfiguration": { "level": rule.severity.as_str() },
    })
}

fn result(finding: &Finding, view: View) -> Value {
    let region = json!({ "startLine": finding.at.line, "startColumn": finding.at.column });
    json!({
        "ruleId": finding.rule,
        "ruleIndex": RULES.iter().position(|rule| rule.name == finding.rule).unwrap_or(0),
        "level": finding.severity.as_str(),
        "message": { "text": format!("{}. Hint: {}.", finding.message, finding.help) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&view.path_for_github(&finding.file)) },
                "region": region,
            },
        }],
    })
}

/// A path as a URI reference, percent-encoded.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.trim_start_matches("./").replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}
