//! `tags gc`: how the collection ended, and what to do next.

use super::super::block::{Block, Note, Page, Text, Tone, Written};
use super::super::counted;
use super::super::words::bytes;
use crate::model::{Collection, CollectionState, IndexAtRisk};
use crate::report::{GarbageAction, GarbageOutcome, GarbageRun};

/// How many indexes a terminal shows; JSON and Markdown have all.
const SHOWN: usize = 10;

/// How it ended.
pub(super) fn gc(run: &GarbageRun, page: &mut Page<'_>) -> Written {
    let (name, outcome) = (&run.registry, run.outcome());
    let risks: Vec<Text> = match &run.end {
        GarbageOutcome::AtRisk(risks) => risks.iter().map(|risk| at_risk(risk).into()).collect(),
        _ => Vec::new(),
    };
    page.for_markdown(|| Block::Heading(format!("gc {name}: {outcome}").into()))?;
    page.for_markdown(|| Block::Paragraph(sentence(run).into()))?;
    if !page.is_terminal() {
        page.put(Block::List(risks))?;
        return hint(run).map_or(Ok(()), |hint| page.put(Block::Hint(hint)));
    }
    let tone = if matches!(outcome, "ok" | "idle") { Tone::Good } else { Tone::Bad };
    let text = Text::strong(name).plain(format!(": {} (", sentence(run)));
    let more = risks.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| format!("and {more} more").into());
    let risks = risks.into_iter().take(SHOWN).chain(more).collect();
    let ended = Block::Item(text.and(tone, outcome).plain(")"), vec![Block::List(risks)]);
    page.put(Block::Tight([ended].into_iter().chain(hint(run).map(Block::Hint)).collect()))
}

/// Why it was not started, if it was refused.
pub(super) fn refusal(run: &GarbageRun) -> Option<Block> {
    let text = format!("{}: {}", run.registry, sentence(run));
    let refused = Note { hint: hint(run), ..Note::new(Tone::Bad, "refused", text) };
    (run.outcome() == "refused").then_some(Block::Note(refused))
}

/// How it ended, in one sentence that is not escaped yet.
pub(in crate::report) fn sentence(run: &GarbageRun) -> String {
    match &run.end {
        GarbageOutcome::Over(collection) => over(collection),
        GarbageOutcome::Running(collection) => {
            format!("garbage collection {} is running: {}", collection.id, collection.state)
        }
        GarbageOutcome::Idle => "no garbage collection is running".to_owned(),
        GarbageOutcome::Active(collection) => format!(
            "not started, because garbage collection {} is running: {}",
            collection.id, collection.state
        ),
        GarbageOutcome::AtRisk(risks) => format!(
            "not started, because it may delete untagged children of {}",
            counted(risks.len(), "tagged index")
        ),
        GarbageOutcome::Unread(why, None) => why.message.clone(),
        GarbageOutcome::Unread(why, Some(collection)) => {
            let still = match run.action {
                GarbageAction::Cancel => "may still be running, or be cancelled",
                GarbageAction::Start { .. } | GarbageAction::Follow => "may still be running",
            };
            format!("{}; garbage collection {} {still}", why.message, collection.id)
        }
    }
}

fn over(collection: &Collection) -> String {
    let id = &collection.id;
    match collection.state {
        CollectionState::Succeeded => {
            let blobs = collection.blobs_deleted.map(|count| {
                let count = usize::try_from(count).unwrap_or(usize::MAX);
                format!("{} deleted", counted(count, "blob"))
            });
            let bytes = collection.freed_bytes.map(|count| format!("{} freed", bytes(count)));
            let figures: Vec<String> = blobs.into_iter().chain(bytes).collect();
            let figures = if figures.is_empty() { "done".to_owned() } else { figures.join(", ") };
            format!("garbage collection {id}: {figures}")
        }
        CollectionState::Failed => format!("garbage collection {id} failed"),
        CollectionState::Cancelled => format!("garbage collection {id} was cancelled"),
        CollectionState::Running(_) | CollectionState::Unknown(_) => {
            format!(
                "garbage collection {id} is not active any more; its last state was: {}",
                collection.state
            )
        }
    }
}

/// What to do next, if anything.
pub(in crate::report) fn hint(run: &GarbageRun) -> Option<String> {
    let name = &run.registry;
    let follow =
        format!("`tags gc {name} --follow` follows it, `tags gc {name} --cancel` cancels it");
    match &run.end {
        GarbageOutcome::Running(_) | GarbageOutcome::Active(_) | GarbageOutcome::Unread(_, Some(_)) => {
            Some(follow)
        }
        GarbageOutcome::AtRisk(_) => Some(
            "collect with --type unreferenced-blobs, or pass --may-break-multi-arch-images if those images may break"
                .to_owned(),
        ),
        GarbageOutcome::Unread(why, None) => why.hint.clone(),
        GarbageOutcome::Over(collection)
            if collection.state == CollectionState::Failed
                && run.action != GarbageAction::Cancel =>
        {
            Some("try again; if it fails again, ask DigitalOcean's support".to_owned())
        }
        GarbageOutcome::Over(_) | GarbageOutcome::Idle => None,
    }
}

/// Its tag, and how many of its children are untagged.
fn at_risk(risk: &IndexAtRisk) -> String {
    let children = if risk.untagged.len() == 1 { "child" } else { "children" };
    let count = risk.untagged.len();
    format!(
        "{}:{} ({}): {count} untagged {children}",
        risk.repository,
        risk.tag,
        risk.index.short()
    )
}
