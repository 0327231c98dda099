//! `tags gc` for people: what became of the collection, and what can be done about it.

use super::{BAD, GOOD, STRONG, hint_line, styled};
use crate::garbage::{GarbageAction, GarbageOutcome, GarbageRun};
use crate::model::{Collection, CollectionState, IndexAtRisk};
use crate::report::counted;
use crate::report::escape::terminal;

/// As many indexes are shown; JSON has them all.
const SHOWN: usize = 10;

/// How it ended.
#[must_use]
pub fn gc(run: &GarbageRun) -> String {
    let sentence = gc_sentence(run);
    let style = if matches!(run.outcome(), "ok" | "idle") { GOOD } else { BAD };
    let mut text = format!(
        "{}: {} ({})\n",
        styled(STRONG, run.registry.as_str()),
        terminal(&sentence),
        styled(style, run.outcome())
    );
    if let GarbageOutcome::AtRisk(risks) = &run.end {
        risks.iter().take(SHOWN).for_each(|risk| text.push_str(&format!("  {}\n", at_risk(risk))));
        if risks.len() > SHOWN {
            text.push_str(&format!("  and {} more\n", risks.len() - SHOWN));
        }
    }
    text.extend(gc_hint(run).map(|hint| hint_line(&hint)));
    text
}

/// How it ended, in one sentence that is not escaped yet.
#[must_use]
pub fn gc_sentence(run: &GarbageRun) -> String {
    match &run.end {
        GarbageOutcome::Over(collection) => over(collection),
        GarbageOutcome::Running(collection) => {
            format!("garbage collection {} goes on: {}", collection.id, collection.state)
        }
        GarbageOutcome::Idle => "no garbage collection goes on".to_owned(),
        GarbageOutcome::Active(collection) => format!(
            "none was started, since garbage collection {} goes on: {}",
            collection.id, collection.state
        ),
        GarbageOutcome::AtRisk(risks) => format!(
            "none was started, since it may delete untagged children of {}",
            counted(risks.len(), "tagged index").replace("indexs", "indexes")
        ),
        GarbageOutcome::Unread(why, None) => why.message.clone(),
        GarbageOutcome::Unread(why, Some(collection)) => {
            let still = match run.action {
                GarbageAction::Cancel => "may go on, or be cancelled",
                GarbageAction::Start { .. } | GarbageAction::Follow => "may go on",
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
                let noun = if count == 1 { "blob" } else { "blobs" };
                format!("{count} {noun} deleted")
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
                "garbage collection {id} is not active any more, its last state: {}",
                collection.state
            )
        }
    }
}

/// What to do next, if there is something to do.
#[must_use]
pub fn gc_hint(run: &GarbageRun) -> Option<String> {
    let name = &run.registry;
    let follow =
        format!("`tags gc {name} --follow` follows it, `tags gc {name} --cancel` cancels it");
    match &run.end {
        GarbageOutcome::Running(_) | GarbageOutcome::Active(_) | GarbageOutcome::Unread(_, Some(_)) => {
            Some(follow)
        }
        GarbageOutcome::AtRisk(_) => Some(
            "collect unreferenced-blobs only; or, if those images may break, say --may-break-multi-arch-images"
                .to_owned(),
        ),
        GarbageOutcome::Unread(why, None) => why.hint.clone(),
        GarbageOutcome::Over(collection)
            if collection.state == CollectionState::Failed
                && run.action != GarbageAction::Cancel =>
        {
            Some("try again; DigitalOcean's support can tell why".to_owned())
        }
        GarbageOutcome::Over(_) | GarbageOutcome::Idle => None,
    }
}

/// Its tag, and how many children have none.
pub(in crate::report) fn at_risk(risk: &IndexAtRisk) -> String {
    let children = if risk.untagged.len() == 1 { "child" } else { "children" };
    let count = risk.untagged.len();
    format!(
        "{}:{} ({}): {count} untagged {children}",
        risk.repository,
        risk.tag,
        risk.index.short()
    )
}

/// A number of bytes, as people read it.
pub(in crate::report) fn bytes(count: u64) -> String {
    let mut size = count;
    let mut rest = 0;
    for unit in ["bytes", "KiB", "MiB", "GiB"] {
        if size < 1024 {
            let tenths = rest * 10 / 1024;
            return if unit == "bytes" {
                format!("{size} {unit}")
            } else {
                format!("{size}.{tenths} {unit}")
            };
        }
        (size, rest) = (size / 1024, size % 1024);
    }
    format!("{size}.{} TiB", rest * 10 / 1024)
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn bytes_are_shown_in_the_unit_that_fits() {
        assert_eq!(bytes(667), "667 bytes");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(5 << 30), "5.0 GiB");
        assert_eq!(bytes(3 << 40), "3.0 TiB");
    }
}
