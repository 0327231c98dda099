//! SARIF 2.1.0, which code scanning reads.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>; structures of its own.

use std::io::{self, Write};

use serde::Serialize;

use super::{Linting, Report, View, json};
use crate::lint::rule::{RULES, Rule};
use crate::lint::{Finding, Severity};

#[derive(Serialize)]
struct Log {
    version: &'static str,
    #[serde(rename = "$schema")]
    schema: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<ResultObject>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    short_description: Message,
    full_description: Message,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultObject {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
}

/// The findings of `tags lint`; no other report has a place in SARIF.
pub(super) fn render(report: &Report, _: View, out: &mut dyn Write) -> io::Result<()> {
    match report {
        Report::Lint(linting) => json::write(&log(linting), out),
        _ => Err(io::Error::new(io::ErrorKind::Unsupported, "only `tags lint` writes SARIF")),
    }
}

fn log(linting: &Linting) -> Log {
    let results = linting.findings.iter().map(result).collect();
    let rules = RULES.iter().map(descriptor).collect();
    let version = env!("CARGO_PKG_VERSION");
    Log {
        version: "2.1.0",
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        runs: [Run {
            tool: Tool { driver: Driver { name: "tags", version, rules } },
            column_kind: "unicodeCodePoints",
            results,
        }],
    }
}

fn level(severity: Severity) -> &'static str {
    severity.as_str()
}

fn descriptor(rule: &Rule) -> Descriptor {
    let why: Vec<&str> = rule.why.lines().map(str::trim).collect();
    Descriptor {
        id: rule.name,
        short_description: Message { text: rule.summary.to_owned() },
        full_description: Message { text: why.join(" ").trim().to_owned() },
        default_configuration: Configuration { level: level(rule.severity) },
    }
}

fn result(finding: &Finding) -> ResultObject {
    let index = RULES.iter().position(|rule| rule.name == finding.rule).unwrap_or(0);
    let region = Region { start_line: finding.at.line, start_column: finding.at.column };
    ResultObject {
        rule_id: finding.rule,
        rule_index: index,
        level: level(finding.severity),
        message: Message { text: format!("{}. {}.", finding.message, finding.help) },
        locations: [Location {
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation { uri: uri(&finding.file) },
                region,
            },
        }],
    }
}

/// A path as a reference: what may not stand in one is percent-encoded.
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
