//! Finds workflow files and reads them.

use std::path::{Path, PathBuf};

use tags::command::lint::Source;

use crate::context::upward;
use crate::exit::Failure;

/// Where GitHub looks for workflows.
pub(super) const WORKFLOWS: &str = ".github/workflows";

/// The nearest directory upward with workflows, relative to the working directory: empty for this one.
pub(super) fn nearest_with_workflows() -> Result<Option<PathBuf>, Failure> {
    let found = upward()?.iter().position(|directory| directory.join(WORKFLOWS).is_dir());
    Ok(found.map(|levels| std::iter::repeat_n("..", levels).collect()))
}

/// The workflows of a directory; for the root of a repository, those that GitHub would run.
pub(super) fn workflows_of(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let inside = directory.join(WORKFLOWS);
    let directory = if inside.is_dir() { inside.as_path() } else { directory };
    let failure = |error: std::io::Error| {
        Failure::usage(format!("cannot read {}: {error}", directory.display()))
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(failure)? {
        let path = entry.map_err(failure)?.path();
        let yaml = path.extension().is_some_and(|end| end == "yml" || end == "yaml");
        if yaml && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        let message = format!("{} contains no workflow files", directory.display());
        return Err(Failure::usage(message).hint("their names end in .yml or .yaml"));
    }
    Ok(files)
}

/// A file with its text.
pub(super) fn source(path: &Path) -> Result<Source, Failure> {
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
    let name = path.display().to_string();
    Ok(Source { name: name.strip_prefix("./").unwrap_or(&name).to_owned(), bytes })
}
