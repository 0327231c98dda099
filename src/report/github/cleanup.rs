//! `tags cleanup` and `tags apply` for GitHub Actions.

use super::super::{Cleanup, counted, escape, grouping};
use super::{SHOWN, annotation, output};
use crate::change::ApplyResult;

/// Annotations: what was refused, failed or damaged as errors, what was not read as warnings.
#[must_use]
pub fn cleanup(cleanup: &Cleanup<'_>) -> String {
    let text = limited("error", &errors(cleanup)) + &limited("warning", &warnings(cleanup));
    let totals = cleanup.figures();
    let (gone, kept) = match cleanup.application {
        Some(_) => ("deleted", "kept"),
        None => ("to delete", "to keep"),
    };
    let manifests = counted(totals.delete, "manifest");
    let message = format!("{manifests} {gone}, {} {kept}", totals.keep + totals.untag);
    let title = format!("tags {}: {}", cleanup.command.as_str(), cleanup.outcome().as_str());
    text + &annotation("notice", &title, &message)
}

/// A title and a message that are not escaped yet.
type Remark = (String, String);

fn errors(cleanup: &Cleanup<'_>) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for refusal in cleanup.refusals {
        remarks.push(("refused".to_owned(), format!("{refusal}. Hint: {}.", refusal.hint())));
    }
    let Some(application) = cleanup.application else {
        return remarks;
    };
    for group in grouping::left(application) {
        if matches!(group.result, ApplyResult::Failed(_)) {
            let count = counted(group.entries.len(), "manifest");
            remarks.push((format!("{count} failed"), group.message.to_owned()));
        }
    }
    for survivor in &application.survivors {
        if let Some(damage) = &survivor.damage {
            let title = format!("{}:{} is damaged", survivor.repository, survivor.tag);
            remarks.push((title, damage.clone()));
        }
    }
    remarks
}

fn warnings(cleanup: &Cleanup<'_>) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for coverage in &cleanup.plan.coverage {
        if let Some(why) = &coverage.unread {
            let title = format!("{} was not read to its end", coverage.repository);
            remarks.push((title, why.message.clone()));
        }
    }
    let survivors = cleanup.application.map_or(&[][..], |application| &application.survivors);
    for survivor in survivors {
        if let (None, Some(why)) = (&survivor.damage, &survivor.unread) {
            let title = format!("{}:{} was not checked", survivor.repository, survivor.tag);
            remarks.push((title, why.clone()));
        }
    }
    let warnings = cleanup.plan.warnings.iter();
    remarks.extend(warnings.map(|warning| ("tags cleanup".to_owned(), warning.clone())));
    remarks
}

fn limited(level: &str, remarks: &[Remark]) -> String {
    let line = |(title, message): &Remark| {
        annotation(level, &escape::terminal(title), &escape::terminal(message))
    };
    let mut text: String = remarks.iter().take(SHOWN).map(line).collect();
    if remarks.len() > SHOWN {
        let message = format!("{} more, see the job summary.", remarks.len() - SHOWN);
        text.push_str(&annotation(level, "tags cleanup", &message));
    }
    text
}

/// The outputs. `planned` is what the plan would delete; `deleted` what is deleted, 0 in a dry
/// run; `bytes` belongs to what is deleted, in a dry run to what would be.
#[must_use]
pub fn cleanup_outputs(cleanup: &Cleanup<'_>) -> String {
    let totals = cleanup.figures();
    let deleted = if cleanup.application.is_some() { totals.delete } else { 0 };
    let mut text = output("outcome", cleanup.outcome().as_str())
        + &output("planned", &cleanup.plan.totals().delete.to_string())
        + &output("deleted", &deleted.to_string())
        + &output("kept", &(totals.keep + totals.untag).to_string())
        + &output("bytes", &totals.bytes.to_string());
    if let Some(journal) = cleanup.journal {
        text.push_str(&output("journal", journal));
    }
    text
}
