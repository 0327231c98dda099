//! `tags explain`: each manifest with its decision, what belongs to it, and what would change the
//! decision.

use super::super::block::{Block, Page, Reader, Text, Tone, Written};
use super::super::words::bytes;
use crate::model::{Deployment, DeploymentResult, TagName};
use crate::report::Explain;
use crate::retention::{Decision, Explained, Neighbour, PlanEntry, RuleLabels, Subject};

/// How many neighbours a terminal shows; the rest are counted.
const NAMED: usize = 12;

/// The explanation.
pub(super) fn explain(answer: &Explain, page: &mut Page<'_>) -> Written {
    let explanation = &answer.explanation;
    let subject = subject(&explanation.subject);
    page.for_markdown(|| Block::Heading((&subject).into()))?;
    if explanation.manifests.is_empty() {
        let not_found = answer.not_found();
        page.for_markdown(|| Block::Paragraph(not_found.into()))?;
        return page.for_terminal(|_| {
            Block::Paragraph(Text::strong(&subject).plain(format!(": {not_found}")))
        });
    }
    if matches!(explanation.subject, Subject::Release(..)) {
        page.for_terminal(|_| Block::Paragraph(Text::strong(&subject)))?;
    }
    let deployments = answer.deployments.iter().flatten();
    page.put(Block::List(deployments.map(deployment).collect()))?;
    let groups = alike(&explanation.manifests);
    let reader = page.reader;
    let shared = groups.iter().all(|group| group[0].otherwise == groups[0][0].otherwise);
    page.put_each(groups.iter().map(|group| match reader {
        Reader::Terminal(_) => block(group, &answer.rules, !shared),
        Reader::Markdown => item(group, &answer.rules),
    }))?;
    let otherwise = groups.first().map(|group| group[0].otherwise).filter(|_| shared);
    let otherwise = otherwise.map(Text::from).unwrap_or_default();
    page.for_terminal(|_| Block::List(if shared { vec![otherwise] } else { Vec::new() }))
}

/// Manifests of which the same is to be said, in the order of their first.
fn alike(manifests: &[Explained]) -> Vec<Vec<&Explained>> {
    let same_entry = |a: &PlanEntry, b: &PlanEntry| {
        (&a.digest, &a.tags, &a.decision, &a.reason) == (&b.digest, &b.tags, &b.decision, &b.reason)
    };
    let same = |a: &Explained, b: &Explained| {
        let neighbours = a.neighbours.iter().zip(&b.neighbours);
        same_entry(&a.entry, &b.entry)
            && a.missing == b.missing
            && a.neighbours.len() == b.neighbours.len()
            && neighbours
                .into_iter()
                .all(|(a, b)| a.edge == b.edge && same_entry(&a.entry, &b.entry))
    };
    let mut groups: Vec<Vec<&Explained>> = Vec::new();
    for explained in manifests {
        match groups.iter_mut().find(|group| same(group[0], explained)) {
            Some(group) => group.push(explained),
            None => groups.push(vec![explained]),
        }
    }
    groups
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

fn item(group: &[&Explained], rules: &RuleLabels) -> Block {
    let explained = group[0];
    let (entry, reason) = (&explained.entry, &explained.entry.reason);
    let code = |entry: &PlanEntry| Text::new(Tone::Code, entry.reason.code);
    let rule = reason.rule.as_ref().map(|rule| format!(", {}", rules.label(rule)));
    let repositories = group.iter().map(|one| one.entry.repository.to_string());
    let places = repositories.collect::<Vec<_>>().join(", ");
    let head = Text::new(Tone::Strong, entry.decision.as_str())
        .plain(format!(" {places} "))
        .and(Tone::Code, tags_or_digest(entry))
        .plain(format!(": {} (", reason.message))
        .and(Tone::Code, reason.code)
        .plain(format!("{})", rule.unwrap_or_default()));
    let neighbour = |neighbour: &Neighbour| {
        let other = &neighbour.entry;
        let text = Text::from(format!("{} ", neighbour.edge.as_str()));
        let text = text.and(Tone::Code, tags_or_digest(other));
        Text::joined([text.plain(format!(" ({}, ", other.decision.as_str())), code(other)], "")
            .plain(")")
    };
    let mut below: Vec<Text> = explained.neighbours.iter().map(neighbour).collect();
    let missing = explained.missing.iter().map(|missing| {
        Text::from("lists ").and(Tone::Code, missing.short()).plain(", which does not exist")
    });
    below.extend(missing);
    below.push(explained.otherwise.into());
    Block::Item(head, vec![Block::List(below)])
}

/// What is said of some manifests, each once.
fn once(group: &[&Explained], say: impl Fn(&PlanEntry) -> Option<String>) -> Option<String> {
    let mut said: Vec<String> = group.iter().filter_map(|one| say(&one.entry)).collect();
    said.sort();
    said.dedup();
    (!said.is_empty()).then(|| said.join(", "))
}

fn block(group: &[&Explained], rules: &RuleLabels, tells_otherwise: bool) -> Block {
    let (explained, entry) = (group[0], &group[0].entry);
    let rule = entry.reason.rule.as_ref();
    let rule = rule.map(|rule| format!(", by {}", rules.label(rule))).unwrap_or_default();
    let mut lines = vec![
        decision(entry).plain(format!(": {}", entry.reason.message)),
        format!("reason {}{rule}", entry.reason.code).into(),
        format!("digest {}", entry.digest).into(),
    ];
    let utc = |entry: &PlanEntry| Some(entry.time?.format("%Y-%m-%d %H:%M UTC").to_string());
    let time = once(group, utc).map(|times| format!("time   {times}").into());
    let size = group.iter().filter_map(|one| one.entry.bytes).max();
    let size = size.map(|size| format!("size   {}", bytes(size)).into());
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
    lines.extend(tells_otherwise.then(|| explained.otherwise.into()));
    let names = group.iter().map(|one| Text::strong(named(&one.entry)));
    let mut names: Vec<Text> = names.collect();
    let last = names.pop().unwrap_or_default();
    Block::Tight(vec![Block::List(names), Block::Item(last, vec![Block::List(lines)])])
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
