//! `tags explain` as annotations: one a manifest.

use super::annotation;
use crate::report::human::tags_or_digest;
use crate::retention::Explanation;

/// A notice for each manifest.
#[must_use]
pub fn explain(explanation: &Explanation) -> String {
    let notice = |explained: &crate::retention::Explained| {
        let entry = &explained.entry;
        let (decision, code) = (entry.decision.as_str(), entry.reason.code);
        let title = format!("{decision}: {code}");
        let message =
            format!("{} {}: {}", entry.repository, tags_or_digest(entry), entry.reason.message);
        annotation("notice", &title, &message)
    };
    explanation.manifests.iter().map(notice).collect()
}
