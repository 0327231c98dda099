//! `tags init`: the environments that were found, what is not known, the file, and the next command.

use super::super::block::{Block, Note, Page, Rows, Text, Tone, Written};
use super::super::{Drafted, counted};
use crate::draft::{DraftBranch, DraftEnvironment, one_line};

/// How many notes are shown; the file has them all.
const MOST_NOTES: usize = 5;

/// The draft.
pub(super) fn init(drafted: &Drafted, page: &mut Page<'_>) -> Written {
    let draft = &drafted.draft;
    page.for_markdown(|| Block::Heading(format!("A policy from {}", draft.source).into()))?;
    let table = Rows::of(&draft.environments)
        .word("environment", |one| one.name.as_str())
        .word("branch", branch)
        .word("SHA tag", |one| one.sha_tag.to_string())
        .word("latest tag", latest);
    page.put(table.block())?;
    let notes = draft.notes.iter().take(MOST_NOTES).map(|note| {
        let about = Some(one_line(&note.place));
        Note { about, ..Note::new(Tone::Caution, "not known", one_line(&note.what)) }.block()
    });
    page.put(Block::Tight(notes.collect()))?;
    if let Some(more) = draft.notes.len().checked_sub(MOST_NOTES).filter(|more| *more > 0) {
        page.put(Block::Paragraph(format!("and {more} more; the file lists them").into()))?;
    }
    page.put(Block::Tight(vec![
        Block::Paragraph(Text::strong(sum(drafted))),
        Block::Paragraph(format!("next: {}", drafted.next_steps()).into()),
    ]))
}

fn branch(environment: &DraftEnvironment) -> &str {
    match &environment.branch {
        DraftBranch::One(name) => name,
        DraftBranch::Several(_) => "several",
        DraftBranch::Unnamed | DraftBranch::Unknown => "not known",
    }
}

fn latest(environment: &DraftEnvironment) -> String {
    let tag = environment.latest.tag();
    if environment.latest.is_seen() { tag.to_string() } else { format!("{tag} (not seen)") }
}

/// `wrote tags.toml: 2 registries, 3 images, 2 environments; 1 thing is not known`
fn sum(drafted: &Drafted) -> String {
    let draft = &drafted.draft;
    let what = match &drafted.file {
        Some(file) => format!("wrote {}", file.name),
        None => "a policy".to_owned(),
    };
    let found = [
        counted(draft.registries.len(), "registry"),
        counted(draft.images.len(), "image"),
        counted(draft.environments.len(), "environment"),
    ];
    let notes = match draft.notes.len() {
        0 => String::new(),
        1 => "; its last lines say what is not known".to_owned(),
        count => format!("; its last lines say what is not known ({count} things)"),
    };
    format!("{what} from {}: {}{notes}", draft.source, found.join(", "))
}
