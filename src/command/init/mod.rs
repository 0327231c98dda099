//! `init`: drafts a policy file from workflows, or from what a registry lists. Writes nothing.

mod listing;
mod origin;

use crate::draft::{Draft, DraftNote, Sightings, of_workflows};
use crate::lint::ParsedFile;
use crate::lint::survey::survey;
use crate::model::UnreadCause;
use crate::report::Drafted;

pub use crate::draft::RegistryAddress;
pub use crate::lint::Source;
pub use listing::from_registry;
pub use origin::{Origin, registry_policy};

/// Asks to draft a policy file from workflows.
pub struct Request<'a> {
    /// Where the workflows are, for people: `.github/workflows`.
    pub source: &'a str,
    /// The workflows of one repository.
    pub files: &'a [Source],
    /// The repository on GitHub, `owner/name`, if it is known.
    pub repository: Option<String>,
}

/// Drafts a policy file from what workflows push.
#[must_use]
pub fn from_workflows(request: &Request<'_>) -> Drafted {
    let parsed = request.files.iter().map(ParsedFile::parse).collect();
    let found = survey(parsed, request.repository.as_deref());
    let mut sightings = of_workflows(found, request.repository.clone());
    if sightings.is_empty() {
        let what = "no image was seen that they push under a tag of its own; `--from ghcr:OWNER`, `--from docr:NAME` and `--from https://HOST` read a registry instead";
        sightings.note(DraftNote::new(request.source, what));
    }
    drafted(request.source.to_owned(), sightings, None)
}

fn drafted(source: String, sightings: Sightings, unread: Option<UnreadCause>) -> Drafted {
    let (draft, text) = Draft::of(source, sightings).into_text();
    Drafted { draft: Box::new(draft), text, unread, file: None }
}
