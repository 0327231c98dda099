//! `tags doctor` for people: a block a registry, a line a check, and what to do about it.

use super::{BAD, CAUTION, GOOD, STRONG, hint_line, styled};
use crate::doctor::{Check, CheckStatus, DoctorReport};
use crate::report::escape::terminal;

/// All registries with their checks.
#[must_use]
pub fn doctor(examination: &DoctorReport) -> String {
    let mut text = String::new();
    for (name, registry) in &examination.registries {
        let (kind, host) = (registry.kind.as_str(), terminal(&registry.host));
        text.push_str(&format!("{} ({kind}, {host})\n", styled(STRONG, name.as_str())));
        registry.checks.iter().for_each(|check| text.push_str(&line(check)));
        text.push('\n');
    }
    text + match examination.missing() {
        None => "nothing that is needed is missing\n",
        Some(_) => "something that is needed is missing or could not be told\n",
    }
}

fn line(check: &Check) -> String {
    let style = match check.status {
        CheckStatus::Ok => GOOD,
        CheckStatus::Missing => BAD,
        CheckStatus::Warning | CheckStatus::Unknown => CAUTION,
    };
    let status = styled(style, &format!("{:<7}", check.status.as_str()));
    let mut text = format!("  {status}  {:<13}  {}\n", check.name, terminal(&check.detail));
    if !check.blocks.is_empty() {
        let blocks = check.blocks.join(", ");
        text.push_str(&format!("           {}: {blocks}\n", check.blocking_word()));
    }
    if let Some(hint) = &check.hint {
        text.push_str(&format!("         {}", hint_line(hint)));
    }
    text
}
