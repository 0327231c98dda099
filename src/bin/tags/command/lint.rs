//! `tags lint`: finds the workflow files, reads and checks them.

use std::path::{Path, PathBuf};

use tags::command::lint::{Request, explain_rule, fixes, lint, lint_fixed};
use tags::report::{Linting, Report, counted, diff};

use super::workflow_files::{WORKFLOWS, nearest_with_workflows, source, workflows_of};
use crate::args::{Global, Lint};
use crate::context::optional_policy;
use crate::exit::{Exit, Failure};
use crate::messages::{self, Label};
use crate::{output, sink};

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
    let said = match (files.is_empty(), apply) {
        (true, _) => "no finding can be corrected automatically".to_owned(),
        (false, true) => format!("corrected {count}; `tags lint` shows what is left"),
        (false, false) => format!("{count} would change; --apply writes the corrections"),
    };
    messages::say(Label::Status, &said, None);
    let fails = if apply { lint_fixed(request, &files).fails() } else { linting.fails() };
    Ok(if fails { Exit::Fails } else { Exit::Ok })
}

/// The files in sets that are checked together: one set for each directory, and one for all files
/// that were named.
fn sets(paths: &[PathBuf]) -> Result<Vec<Vec<PathBuf>>, Failure> {
    let default = [nearest_with_workflows()?.unwrap_or_default().join(WORKFLOWS)];
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
