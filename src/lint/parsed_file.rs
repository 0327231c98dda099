//! Parses one file to a workflow, or to its defects.
//!
//! Each file is parsed by itself, so that threads may do it; `lint_parsed` then looks at all of them.

use super::evaluate::File;
use super::ignore::Ignores;
use super::position::Position;
use super::workflow::Workflow;
use super::yaml::{self, Defect, DefectKind};

/// A file: its name, and its text.
#[derive(Debug, Clone)]
pub struct Source {
    /// The name that findings have.
    pub name: String,
    /// Its bytes; a file that is not UTF-8 is a finding.
    pub bytes: Vec<u8>,
}

/// A file that was parsed.
#[derive(Debug)]
pub struct ParsedFile {
    pub(super) name: String,
    /// The workflow, none if the file is empty; or the defects of the file.
    pub(super) outcome: Result<Option<File>, Vec<Defect>>,
    pub(super) ignores: Ignores,
}

impl ParsedFile {
    /// Parses a file.
    #[must_use]
    pub fn parse(source: &Source) -> Self {
        let ignores = Ignores::read(&String::from_utf8_lossy(&source.bytes));
        Self { name: source.name.clone(), outcome: parse(source), ignores }
    }
}

fn parse(source: &Source) -> Result<Option<File>, Vec<Defect>> {
    let syntax = |at: Position, message: &str| {
        vec![Defect { at, kind: DefectKind::Syntax(message.to_owned()) }]
    };
    let text = std::str::from_utf8(&source.bytes)
        .map_err(|_| syntax(Position::default(), "the file is not UTF-8 text"))?;
    let Some(root) = yaml::read(text)? else { return Ok(None) };
    if root.entries().is_empty() && root.text() != Some("") {
        return Err(syntax(root.at, "the file has no keys"));
    }
    Ok(Some(File { name: source.name.clone(), workflow: Workflow::read(&root, text) }))
}
