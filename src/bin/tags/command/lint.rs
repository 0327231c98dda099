//! `tags lint`: finds the workflow files, reads and checks them.

use std::path::{Path, PathBuf};

use tags::command::lint::{Request, Source, explain_rule, fixes, lint, lint_fixed};
use tags::report::{Linting, Report, counted, diff};

use crate::args::{Global, Lint};
use crate::context::optional_policy;
use crate::exit::{Exit, Failure};
use crate::{output, sink};

/// Where GitHub looks for workflows.
const WORKFLOWS: &str = ".github/workflows";

pub(crate) fn run(global: &Global, args: &Lint) -> Result<Exit, Failure> {
    if let Some(name) = &args.explain {
        output::out(&explain_rule(name)?)?;
        return Ok(Exit::Ok);
    }
    let policy = optional_policy(global)?;
    let read = |set: Vec<PathBuf>| set.iter().map(|path| source(path)).collect();
    let sets = sets(&args.path)?.into_iter().map(read).collect::<Result<Vec<_>, Failure>>()?;
    let policy = policy.as_ref();
    let request = Request { sets: &sets, policy, deny_warnings: args.deny_warnings };
    let linting = lint(&request);
    if args.fix {
        return fix(&request, &linting, args.apply);
    }
    let report = Report::Lint(linting);
    output::write(&report, global)?;
    Ok(report.exit())
}

/// Prints or writes the corrections. The exit code is that of the files as they are on the disk.
fn fix(request: &Request<'_>, linting: &Linting, apply: bool) -> Result<Exit, Failure> {
    let files = fixes(request, linting);
    for file in &files {
        if apply {
            sink::replace(Path::new(&file.name), &file.after)
                .map_err(|error| Failure::usage(format!("cannot write {}: {error}", file.name)))?;
        } else {
            output::out(&diff(&file.name, &file.before, &file.after))?;
        }
    }
    let count = counted(files.len(), "file");
    output::status(&match (files.is_empty(), apply) {
        (true, _) => "no finding can be corrected automatically".to_owned(),
        (false, true) => format!("corrected {count}; `tags lint` shows what is left"),
        (false, false) => format!("{count} would change; --apply writes the corrections"),
    });
    let fails = if apply { lint_fixed(request, &files).fails() } else { linting.fails() };
    Ok(if fails { Exit::Fails } else { Exit::Ok })
}

/// The files in sets that are checked together: one set for each directory, and one for all files
/// that were named.
fn sets(paths: &[PathBuf]) -> Result<Vec<Vec<PathBuf>>, Failure> {
    let default = [PathBuf::from(WORKFLOWS)];
    let paths = if paths.is_empty() { default.as_slice() } else { paths };
    let mut sets = Vec::new();
    let mut named = Vec::new();
    for path in paths {
        if path.is_dir() {
            sets.push(workflows_of(path)?);
        } else if path.is_file() {
            named.push(path.clone());
        } else {
            let message = format!("{} does not exist", path.display());
            return Err(Failure::usage(message).hint(
                "name workflow files or a directory of workflow files, such as .github/workflows",
            ));
        }
    }
    if !named.is_empty() {
        sets.push(named);
    }
    Ok(sets)
}

/// The workflows of a directory; for the root of a repository, those that GitHub would run.
fn workflows_of(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
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

fn source(path: &Path) -> Result<Source, Failure> {
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
    let name = path.display().to_string();
    Ok(Source { name: name.strip_prefix("./").unwrap_or(&name).to_owned(), bytes })
}
