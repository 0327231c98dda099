//! `tags explain` in Markdown.

use super::super::escape::markdown;
use super::super::human::{explain_subject, tags_or_digest};
use crate::retention::Explanation;

/// The explanation as a list.
#[must_use]
pub fn explain(explanation: &Explanation) -> String {
    let subject = markdown(&explain_subject(&explanation.subject));
    if explanation.manifests.is_empty() {
        return format!("### {subject}\n\nis not there\n");
    }
    let mut text = format!("### {subject}\n\n");
    for explained in &explanation.manifests {
        let entry = &explained.entry;
        let rule = entry.reason.rule.as_ref().map(|rule| format!(", {rule}")).unwrap_or_default();
        text.push_str(&format!(
            "- **{}** {} {}: {} (`{}`{rule})\n",
            entry.decision.as_str(),
            markdown(&entry.repository.to_string()),
            markdown(&tags_or_digest(entry)),
            markdown(&entry.reason.message),
            entry.reason.code,
        ));
        for neighbour in &explained.neighbours {
            let other = &neighbour.entry;
            let name = markdown(&tags_or_digest(other));
            let (edge, decision) = (neighbour.edge.as_str(), other.decision.as_str());
            text.push_str(&format!("  - {edge} {name} ({decision}, `{}`)\n", other.reason.code));
        }
        text.push_str(&format!("  - otherwise: {}\n", markdown(explained.otherwise)));
    }
    text
}
