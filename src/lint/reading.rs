//! One file by itself: from text to a workflow, or to what keeps it from being one.
//!
//! Readings know nothing of each other, so that threads may make them; `judge` brings them together.

use super::Source;
use super::evaluate::File;
use super::ignore::Ignores;
use super::place::Place;
use super::workflow::Workflow;
use super::yaml::{self, Defect, DefectKind};

/// A file that was read.
#[derive(Debug)]
pub struct Reading {
    pub(super) name: String,
    /// The workflow, none in an empty file; or its defects.
    pub(super) outcome: Result<Option<File>, Vec<Defect>>,
    pub(super) ignores: Ignores,
}

impl Reading {
    /// Reads a file.
    #[must_use]
    pub fn of(source: &Source) -> Self {
        let ignores = Ignores::read(&String::from_utf8_lossy(&source.bytes));
        Self { name: source.name.clone(), outcome: read(source), ignores }
    }
}

fn read(source: &Source) -> Result<Option<File>, Vec<Defect>> {
    let syntax = |at: Place, message: &str| {
        vec![Defect { at, kind: DefectKind::Syntax(message.to_owned()) }]
    };
    let text = std::str::from_utf8(&source.bytes)
        .map_err(|_| syntax(Place::default(), "the file is not UTF-8 text"))?;
    let Some(root) = yaml::read(text)? else { return Ok(None) };
    if root.entries().is_empty() && root.text() != Some("") {
        return Err(syntax(root.at, "the file is no workflow: it has no keys"));
    }
    Ok(Some(File { name: source.name.clone(), workflow: Workflow::read(&root) }))
}
