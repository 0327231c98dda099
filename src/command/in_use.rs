//! What runs, which `cleanup`, `apply` and `explain` keep: lists of images, clusters and Docker hosts.

use super::{CommandError, Session};
use crate::collect::FoundById;
use crate::model::{Contents, ImageId};
use crate::report::Exit;
use crate::retention::{InUse, InUseError, InUseFound, InUseReference, in_use};
use crate::workloads::{AskError, NamedImage, Programs, Source};

/// Running images, by each list that names some; by default there is none.
#[derive(Debug, Clone, Default)]
pub struct InUseList {
    lists: Vec<Listed>,
    empty: EmptyList,
}

/// What one list names.
#[derive(Debug, Clone)]
struct Listed {
    /// Where it was asked for; none for a list that was given.
    source: Option<String>,
    in_use: InUse,
}

/// What to do with a list that names none of the policy's images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EmptyList {
    /// Refuse it: it is probably the wrong list, and would protect nothing.
    #[default]
    Refuse,
    /// Go on.
    Accept,
}

impl InUseList {
    /// No list yet.
    #[must_use]
    pub fn new(empty: EmptyList) -> Self {
        Self { lists: Vec::new(), empty }
    }

    /// Reads a list of image references, as docker or kubectl print them.
    ///
    /// # Errors
    /// [`CommandError`] when something in the list cannot be understood, or when it protects
    /// nothing and that is not accepted.
    pub fn parse(session: &Session, text: &str, empty: EmptyList) -> Result<Self, CommandError> {
        let mut list = Self::new(empty);
        list.add(session, text)?;
        Ok(list)
    }

    /// Adds another list.
    ///
    /// # Errors
    /// As for [`InUseList::parse`].
    pub fn add(&mut self, session: &Session, text: &str) -> Result<(), CommandError> {
        self.extend(session, None, in_use::parse(text, &session.policy))
            .map_err(|error| unusable(&error, None))
    }

    /// Asks a cluster or a Docker host for what runs there, and adds it.
    ///
    /// # Errors
    /// [`CommandError`] when not everything could be read there (exit code 3), or when nothing there
    /// is an image of the policy and that is not accepted.
    pub async fn ask(
        &mut self,
        session: &Session,
        source: &Source,
        programs: &dyn Programs,
    ) -> Result<(), CommandError> {
        let name = source.name();
        session.status(format!("in use: asking {name}"));
        let images = source.images(programs).await.map_err(|error| unknown(&name, &error))?;
        let texts = images.iter().map(|image| image.text.as_str());
        let read = in_use::parse_items(texts, &session.policy);
        self.extend(session, Some(&name), read).map_err(|error| match error {
            InUseError::NotAReference { line, text } => {
                not_a_reference(&name, &images, line, &text)
            }
            error => unusable(&error, Some(&name)),
        })
    }

    fn extend(
        &mut self,
        session: &Session,
        source: Option<&str>,
        read: Result<InUse, InUseError>,
    ) -> Result<(), InUseError> {
        let in_use = match read {
            Ok(in_use) => in_use,
            Err(error) if error.protects_nothing() && self.empty == EmptyList::Accept => {
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        for warning in &in_use.warnings {
            session.warn(warning.clone(), None);
        }
        self.lists.push(Listed { source: source.map(str::to_owned), in_use });
        Ok(())
    }

    /// The IDs in the lists.
    pub(super) fn ids(&self) -> Vec<ImageId> {
        self.lists.iter().flat_map(|list| list.in_use.ids()).collect()
    }

    /// What is to be known about references that seem to be to a repository of the policy.
    pub(super) fn warnings(&self) -> impl Iterator<Item = &String> {
        self.lists.iter().flat_map(|list| &list.in_use.warnings)
    }

    /// What the lists name in the repositories that were read.
    pub(super) fn found(&self, contents: &Contents, by_id: &FoundById) -> Found {
        let found: Vec<InUseFound> =
            self.lists.iter().map(|list| list.in_use.found(contents, by_id)).collect();
        let references = found.iter().flat_map(|list| list.references.iter().cloned()).collect();
        Found { lists: found, references }
    }

    /// Reports how many images of each list were found. A list of image IDs can be compared only
    /// once the registries were read; it is refused here if nothing matches.
    pub(super) fn check(&self, session: &Session, found: &Found) -> Result<(), CommandError> {
        for (Listed { source, in_use }, found) in self.lists.iter().zip(&found.lists) {
            // What it names of the policy may be in another shard.
            let is_elsewhere = session.policy.shard.is_some() && !in_use.references.is_empty();
            if let Err(error) = found.checked()
                && !is_elsewhere
                && self.empty == EmptyList::Refuse
            {
                return Err(unusable(&error, source.as_deref()));
            }
            let InUseFound { known, others, .. } = found;
            let by = source.as_ref().map(|source| format!(" by {source}")).unwrap_or_default();
            if *others > 0 || source.is_some() {
                let text =
                    format!("in use{by}: {known} of the policy's images, {others} of others");
                session.status(text);
            }
        }
        Ok(())
    }
}

/// What the lists name in the repositories that were read.
pub(super) struct Found {
    lists: Vec<InUseFound>,
    /// What they name together.
    pub(super) references: Vec<InUseReference>,
}

fn unusable(error: &InUseError, source: Option<&str>) -> CommandError {
    let exit = if error.protects_nothing() { Exit::Refused } else { Exit::Usage };
    let (message, hint) = match (source, error) {
        (None, _) => (error.to_string(), error.hint()),
        (Some(name), InUseError::Empty) => (format!("nothing runs at {name}"), ASKED),
        (Some(name), _) => (format!("{name}: {error}"), ASKED),
    };
    CommandError::new(exit, message).hint(hint)
}

const ASKED: &str = "look whether this is the right cluster or host, and add mirrors to the policy; if nothing of the policy is to run there, pass --allow-empty-in-use";

/// What runs is not known, and neither is what may be deleted.
fn unknown(name: &str, error: &AskError) -> CommandError {
    let exit = if error.is_untrusted() { Exit::Credentials } else { Exit::Unreadable };
    let failed = CommandError::new(exit, format!("cannot read what runs at {name}: {error}"));
    match error.hint() {
        Some(hint) => failed.hint(hint),
        None => failed,
    }
}

fn not_a_reference(name: &str, images: &[NamedImage], line: usize, text: &str) -> CommandError {
    let by = images.get(line.saturating_sub(1)).map_or("", |image| image.by.as_str());
    let message = format!("{name}: {by} names `{text}`, which is not an image reference or ID");
    CommandError::new(Exit::Unreadable, message)
        .hint("correct or delete it there: as long as its image is not known, nothing is deleted")
}
