//! `tags explain`: each manifest with its decision, what belongs to it, and what would change the
//! decision.

use super::super::block::{Block, Page, Reader, Text, Tone, Written};
use super::super::words::bytes;
use crate::model::{Deployment, DeploymentResult, TagName};
use crate::report::Explain;
use crate::retention::{Decision, Explained, Neighbour, PlanEntry, Subject};

/// How many neighbours a terminal shows; the rest are counted.
const NAMED: usize = 12;

/// The explanation.
pub(super) fn explain(answer: &Explain, page: &mut Page<'_>) -> Written {
    let explanation = &answer.explanation;
    let subject = subject(&explanation.subject);
    page.for_markdown(|| Block::Heading((&subject).into()))?;
    if explanation.manifests.is_empty() {
        page.for_markdown(|| Block::Paragraph("not found".into()))?;
        return page
            .for_terminal(|_| Block::Paragraph(Text::strong(&subject).plain(": not found")));
    }
    if matches!(explanation.subject, Subject::Release(..)) {
        page.for_terminal(|_| Block::Paragraph(Text::strong(&subject)))?;
    }
    let deployments = answer.deployments.iter().flatten();
    page.put(Block::List(deployments.map(deployment).collect()))?;
    let reader = page.reader;
    page.put_each(explanation.manifests.iter().map(|explained| match reader {
        Reader::Terminal(_) => block(explained),
        Reader::Markdown => item(explained),
    }))
}

/// A deployment of the release, and how it ended.
fn deployment(deployment: &Deployment) -> Text {
    let when = deployment.time.format("%Y-%m-%d %H:%M UTC");
    let (tone, word) = match deployment.result {
        DeploymentResult::Good => (Tone::Good, "deployed"),
        DeploymentResult::RunFailed | DeploymentResult::JobFailed => (Tone::Bad, "deploy failed"),
        DeploymentResult::RunUnfinished
        | DeploymentResult::JobUnfinished
        | DeploymentResult::Disputed => (Tone::Caution, "deploy unknown"),
    };
    let page = deployment.url.as_ref().map(|url| format!(" ({url})")).unwrap_or_default();
    Text::new(tone, word).plain(format!(" {when}: {}{page}", deployment.detail))
}

/// The subject of the explanation.
pub(in crate::report) fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Tag(repository, tag) => format!("{repository}:{tag}"),
        Subject::Manifest(repository, digest) => format!("{repository}@{digest}"),
        Subject::Release(environment, sha) => format!("{environment} release {sha}"),
    }
}

fn item(explained: &Explained) -> Block {
    let (entry, reason) = (&explained.entry, &explained.entry.reason);
    let code = |entry: &PlanEntry| format!("`{}`", entry.reason.code);
    let (name, rule) = (tags_or_digest(entry), reason.rule.as_ref());
    let head = Text::strong(entry.decision.as_str())
        .plain(format!(" {} {name}: {} (", entry.repository, reason.message))
        .and(Tone::Markdown, code(entry))
        .plain(rule.map(|rule| format!(", {rule}")).unwrap_or_default())
        .plain(")");
    let neighbour = |neighbour: &Neighbour| {
        let other = &neighbour.entry;
        let (edge, name) = (neighbour.edge.as_str(), tags_or_digest(other));
        let text = Text::from(format!("{edge} {name} ({}, ", other.decision.as_str()));
        text.and(Tone::Markdown, code(other)).plain(")")
    };
    let mut below: Vec<Text> = explained.neighbours.iter().map(neighbour).collect();
    below.push(explained.otherwise.into());
    Block::Item(head, vec![Block::List(below)])
}

fn block(explained: &Explained) -> Block {
    let entry = &explained.entry;
    let rule = entry.reason.rule.as_ref().map(|rule| format!(", by {rule}")).unwrap_or_default();
    let mut lines = vec![
        decision(entry).plain(format!(": {}", entry.reason.message)),
        format!("reason   {}{rule}", entry.reason.code).into(),
        format!("digest   {}", entry.digest).into(),
    ];
    let time = entry.time.map(|time| time.format("time     %Y-%m-%d %H:%M UTC").into());
    let size = entry.bytes.map(|size| format!("size     {}", bytes(size)).into());
    lines.extend(time.into_iter().chain(size));
    for neighbour in explained.neighbours.iter().take(NAMED) {
        let (edge, other) = (neighbour.edge.as_str(), &neighbour.entry);
        let (name, decision) = (tags_or_digest(other), other.decision.as_str());
        lines.push(format!("{edge} {name} ({decision}, {})", other.reason.code).into());
    }
    let more = explained.neighbours.len().saturating_sub(NAMED);
    if more > 0 {
        lines.push(format!("and {more} more").into());
    }
    for missing in &explained.missing {
        let what = format!(": it lists {}, which does not exist", missing.short());
        lines.push(Text::new(Tone::Caution, "warning").plain(what));
    }
    lines.push(explained.otherwise.into());
    Block::Item(Text::strong(named(entry)), vec![Block::List(lines)])
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

fn decision(entry: &PlanEntry) -> Text {
    match &entry.decision {
        Decision::Keep => Text::new(Tone::Good, "keep"),
        Decision::Delete => Text::new(Tone::Bad, "delete"),
        Decision::Untag(tags) => {
            let tags: Vec<&str> = tags.iter().map(TagName::as_str).collect();
            Text::new(Tone::Caution, "untag").plain(format!(" {}", tags.join(", ")))
        }
    }
}
