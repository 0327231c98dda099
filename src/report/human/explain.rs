//! `tags explain` for people: each manifest with its decision, what belongs to it, and what would
//! change the decision.

use super::super::escape::terminal;
use super::{BAD, CAUTION, GOOD, STRONG, bytes, styled};
use crate::model::TagName;
use crate::retention::{Decision, Explained, Explanation, PlanEntry, Subject};

/// More neighbours than this are counted, not named.
const NAMED: usize = 12;

/// The explanation.
#[must_use]
pub fn explain(explanation: &Explanation) -> String {
    let subject = styled(STRONG, &subject(&explanation.subject));
    if explanation.manifests.is_empty() {
        return format!("{subject} is not there\n");
    }
    let mut text = String::new();
    if matches!(explanation.subject, Subject::Release(..)) {
        text.push_str(&format!("{subject}\n\n"));
    }
    let manifests: Vec<String> = explanation.manifests.iter().map(manifest).collect();
    text.push_str(&manifests.join("\n"));
    text
}

/// What was asked about, in words.
pub(in crate::report) fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Tag(repository, tag) => format!("{repository}:{tag}"),
        Subject::Manifest(repository, digest) => format!("{repository}@{digest}"),
        Subject::Release(environment, sha) => format!("{environment} release {sha}"),
    }
}

fn manifest(explained: &Explained) -> String {
    let entry = &explained.entry;
    let mut text = format!("{}\n", styled(STRONG, &named(entry)));
    text.push_str(&format!("  {}: {}\n", decision(entry), terminal(&entry.reason.message)));
    text.push_str(&format!("  reason   {}", entry.reason.code));
    if let Some(rule) = &entry.reason.rule {
        text.push_str(&format!(", by {rule}"));
    }
    text.push_str(&format!("\n  digest   {}\n", entry.digest));
    if let Some(time) = entry.time {
        text.push_str(&format!("  time     {}\n", time.format("%Y-%m-%d %H:%M UTC")));
    }
    if let Some(size) = entry.bytes {
        text.push_str(&format!("  size     {}\n", bytes(size)));
    }
    for neighbour in explained.neighbours.iter().take(NAMED) {
        let (edge, entry) = (neighbour.edge.as_str(), &neighbour.entry);
        text.push_str(&format!(
            "  {edge} {} ({}, {})\n",
            tags_or_digest(entry),
            entry.decision.as_str(),
            entry.reason.code
        ));
    }
    let more = explained.neighbours.len().saturating_sub(NAMED);
    if more > 0 {
        text.push_str(&format!("  and {more} more\n"));
    }
    for gone in &explained.gone {
        let warning = styled(CAUTION, "warning");
        text.push_str(&format!("  {warning}: it lists {}, which is gone\n", gone.short()));
    }
    text.push_str(&format!("  otherwise: {}\n", explained.otherwise));
    text
}

/// The repository with the tags, or with the digest where there are none.
fn named(entry: &PlanEntry) -> String {
    let separator = if entry.tags.is_empty() { '@' } else { ':' };
    format!("{}{separator}{}", entry.repository, tags_or_digest(entry))
}

pub(in crate::report) fn tags_or_digest(entry: &PlanEntry) -> String {
    let tags: Vec<&str> = entry.tags.iter().take(6).map(TagName::as_str).collect();
    let more = entry.tags.len().saturating_sub(tags.len());
    match (tags.is_empty(), more) {
        (true, _) => entry.digest.short(),
        (false, 0) => tags.join(", "),
        (false, more) => format!("{} and {more} more", tags.join(", ")),
    }
}

fn decision(entry: &PlanEntry) -> String {
    match &entry.decision {
        Decision::Keep => styled(GOOD, "stays"),
        Decision::Delete => styled(BAD, "goes"),
        Decision::Untag(tags) => {
            let tags: Vec<&str> = tags.iter().map(TagName::as_str).collect();
            format!("{} and loses {}", styled(CAUTION, "stays"), tags.join(", "))
        }
    }
}
