//! `tags doctor` as JSON.

use std::io::{self, Write};

use serde::Serialize;

use super::write;
use crate::report::outcome;
use crate::report::{Check, DoctorReport};

#[derive(Serialize)]
struct DoctorJson<'a> {
    version: u8,
    command: &'static str,
    outcome: &'static str,
    registries: Vec<RegistryJson<'a>>,
}

#[derive(Serialize)]
struct RegistryJson<'a> {
    registry: &'a str,
    kind: &'static str,
    host: &'a str,
    checks: Vec<CheckJson<'a>>,
}

#[derive(Serialize)]
struct CheckJson<'a> {
    check: &'static str,
    status: &'static str,
    detail: &'a str,
    blocks: &'a [&'static str],
    hint: Option<&'a str>,
}

/// `tags doctor` as JSON.
pub(super) fn doctor(examination: &DoctorReport, out: &mut dyn Write) -> io::Result<()> {
    let registries = examination.registries.iter().map(|(name, registry)| RegistryJson {
        registry: name.as_str(),
        kind: registry.kind.as_str(),
        host: &registry.host,
        checks: registry.checks.iter().map(check).collect(),
    });
    write(
        &DoctorJson {
            version: 1,
            command: "doctor",
            outcome: outcome::doctor(examination),
            registries: registries.collect(),
        },
        out,
    )
}

fn check(check: &Check) -> CheckJson<'_> {
    CheckJson {
        check: check.name,
        status: check.status.as_str(),
        detail: &check.detail,
        blocks: &check.blocks,
        hint: check.hint.as_deref(),
    }
}
