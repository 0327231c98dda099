//! `tags rollback-target`: only the SHA on stdout, for scripts; the explanation on stderr, for people.

use super::super::block::{Block, Head, Note, Page, Reader, Rows, Text, Tone, Written};
use super::super::words::{ago, moment};
use super::super::{RollbackTarget, outcome};
use super::{hints_once, unread, warning};
use crate::model::ReleaseOrder;
use crate::report::{RollbackVerdict, TargetImage};

/// How many skipped releases are listed.
const SHOWN: usize = 20;

/// On a terminal only the SHA of the target; in Markdown everything.
pub(super) fn rollback_target(rollback: &RollbackTarget, page: &mut Page<'_>) -> Written {
    if let Reader::Terminal(_) = page.reader {
        let target = rollback.target.as_ref().map(|target| Block::Paragraph((&target.sha).into()));
        return target.map_or(Ok(()), |target| page.put(target));
    }
    let environment = &rollback.environment;
    if let Some(target) = &rollback.target {
        let title = Text::from(format!("{environment}: roll back to "));
        page.put(Block::Heading(title.and(Tone::Sha, &target.sha)))?;
        let images = Rows::of(&target.images)
            .word("image", |image| &image.place.image)
            .word("registry", |image| &image.place.registry)
            .word("reference", |image| Text::new(Tone::Code, reference(image)));
        page.put(images.block())?;
        let time = ago(target.time, rollback.now);
        page.put(Block::Paragraph(format!("Target: {time}").into()))?;
    } else {
        let outcome = outcome::rollback_target(rollback);
        let title = format!("{environment}: no rollback target ({outcome})");
        page.put(Block::Heading(title.into()))?;
    }
    if let Some(current) = &rollback.current {
        let (time, source) = (ago(current.time, rollback.now), current.current.source);
        let text = Text::from("Current: ").and(Tone::Sha, &current.sha);
        page.put(Block::Paragraph(text.plain(format!(", {time} ({source})"))))?;
    }
    if let Some(message) = &rollback.message {
        page.put(Block::Paragraph(message.into()))?;
    }
    for (name, why) in &rollback.unread {
        page.put(unread(page.reader, name.as_str(), why))?;
    }
    let skipped = rollback.skipped.iter().map(|skipped| {
        let text = Text::sha(&skipped.sha).plain(" ").and(Tone::Code, skipped.code);
        text.plain(format!(": {}", skipped.message))
    });
    if !rollback.skipped.is_empty() {
        page.put(Block::Paragraph("Skipped:".into()))?;
    }
    page.put(Block::List(skipped.collect()))
}

fn reference(image: &TargetImage) -> String {
    format!("{}@{}", image.reference, image.digest)
}

/// Why this is the target, for stderr.
pub(super) fn why(rollback: &RollbackTarget) -> Block {
    let unread = rollback.unread.iter().map(|(name, why)| warning(name.as_str(), why));
    let mut blocks = hints_once(unread);
    let mut rows: Vec<(&str, Text, String)> = Vec::new();
    if let Some(current) = &rollback.current {
        let (time, source) = (moment(current.time, rollback.now), current.current.source);
        rows.push(("current", Text::sha(&current.sha), format!("{time}; {source}")));
    }
    for skipped in rollback.skipped.iter().take(SHOWN) {
        let why = format!("{}: {}", skipped.code, skipped.message);
        rows.push(("skipped", Text::sha(&skipped.sha), why));
    }
    let more = rollback.skipped.len().saturating_sub(SHOWN);
    if more > 0 {
        let all = "--format json lists them all".to_owned();
        rows.push(("", format!("and {more} more").into(), all));
    }
    if let Some(target) = &rollback.target {
        let time = moment(target.time, rollback.now);
        rows.push(("target", Text::sha(&target.sha), time));
    }
    let tone = |label: &str| match label {
        "current" => Tone::Current,
        "target" => Tone::Good,
        _ => Tone::Plain,
    };
    let table = Rows::of(&rows)
        .column(Head::None, |(label, ..)| Text::new(tone(label), label))
        .column(Head::None, |(_, sha, _)| Text(sha.0.clone()))
        .column(Head::None, |(.., why)| why);
    blocks.push(table.block());
    let notes = rollback.current.iter().flat_map(|current| &current.current.notes);
    blocks.extend(notes.map(|note| Note::new(Tone::Caution, "note", note).block()));
    match &rollback.target {
        Some(target) => {
            let images = target.images.iter().map(|image| format!("         {}", reference(image)));
            blocks.push(Block::List(images.map(Text::from).collect()));
        }
        None => blocks.push(no_target(rollback)),
    }
    Block::Tight(blocks)
}

fn no_target(rollback: &RollbackTarget) -> Block {
    let environment = &rollback.environment;
    let message = rollback.message.as_deref();
    let from = "name the current release with --from SHA";
    let missing = format!("`tags list {environment}` shows every release and what is missing");
    let by_push = "`--order pushed` uses push times, and ignores what was deployed";
    if rollback.deployments_unread.is_some() {
        let why = message.unwrap_or("what was deployed could not be read");
        let what = format!("the rollback target of {environment} cannot be determined: {why}");
        let unread = rollback.deployments_unread.as_ref().and_then(|why| why.hint.as_deref());
        let hint = unread.map_or(by_push.to_owned(), |hint| format!("{hint}; {by_push}"));
        return Note::new(Tone::Bad, "error", what).hint(hint).block();
    }
    let (what, hint) = match (rollback.verdict(), message) {
        (RollbackVerdict::Unknown(_), _) => {
            let why = message.map(|message| format!(": {message}")).unwrap_or_default();
            let what = format!("the rollback target of {environment} cannot be determined{why}");
            let hint = if rollback.unread.is_empty() {
                from
            } else if rollback.current.is_none() {
                "try again when the registry answers, or name the current release with --from SHA"
            } else {
                "try again when the registry answers; `tags list` shows what could be read"
            };
            (what, hint)
        }
        (_, None) if rollback.order == ReleaseOrder::Deployed => {
            let what = format!(
                "{environment} has no earlier release that is known to have been deployed well"
            );
            (what, by_push)
        }
        (_, Some(message)) => (message.to_owned(), from),
        (_, None) => {
            let what = format!("{environment} has no release to roll back to");
            (what, missing.as_str())
        }
    };
    Note::new(Tone::Bad, "error", what).hint(hint).block()
}
