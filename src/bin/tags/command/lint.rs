//! `tags lint`: reads and parses files in threads, lints them together, writes the findings.

use std::path::{Path, PathBuf};

use tags::lint::rule::{RULES, Rule};
use tags::lint::{ParsedFile, Source, lint_parsed};
use tags::report::{self, Linting, Report};

use crate::args::{Global, Lint};
use crate::context::optional_policy;
use crate::exit::{Exit, Failure};
use crate::output;

/// Where GitHub looks for workflows.
const WORKFLOWS: &str = ".github/workflows";

pub(crate) fn run(global: &Global, args: &Lint) -> Result<Exit, Failure> {
    if let Some(name) = &args.explain {
        return explain(name);
    }
    let policy = optional_policy(global)?;
    let (mut findings, mut all) = (Vec::new(), Vec::new());
    for set in sets(&args.path)? {
        let (sources, parsed): (Vec<_>, Vec<_>) = read(&set)?.into_iter().unzip();
        findings.extend(lint_parsed(parsed, policy.as_ref()));
        all.extend(sources);
    }
    findings.sort_by(|a, b| {
        (&a.file, a.at, a.rule, &a.subject).cmp(&(&b.file, b.at, b.rule, &b.subject))
    });
    findings.dedup();
    let report = Report::Lint(Linting::new(findings, &all, args.deny_warnings));
    output::write(&report, global)?;
    Ok(report.exit())
}

fn explain(name: &str) -> Result<Exit, Failure> {
    let rules: Vec<&Rule> =
        RULES.iter().filter(|rule| name == "all" || rule.name == name).collect();
    if rules.is_empty() {
        let names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
        return Err(Failure::usage(format!("`{name}` is no rule"))
            .hint(format!("the rules are {}", names.join(", "))));
    }
    let texts: Vec<String> = rules.into_iter().map(report::rule_explanation).collect();
    output::out(&texts.join("\n"))?;
    Ok(Exit::Ok)
}

/// The files, put together as they belong: each directory by itself, and all that were named.
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
            let message = format!("there is no {}", path.display());
            return Err(Failure::usage(message)
                .hint("name workflow files, or a directory of them, such as .github/workflows"));
        }
    }
    if !named.is_empty() {
        sets.push(named);
    }
    Ok(sets)
}

/// The workflows of a directory; of a repository's root, those that GitHub would run.
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
        let message = format!("there is no workflow in {}", directory.display());
        return Err(Failure::usage(message).hint("workflows end in .yml or .yaml"));
    }
    Ok(files)
}

/// Reads and parses files, a share of them in each thread; their order stays.
fn read(files: &[PathBuf]) -> Result<Vec<(Source, ParsedFile)>, Failure> {
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let share = files.len().div_ceil(workers).max(1);
    let parts = std::thread::scope(|scope| {
        let readers: Vec<_> = files
            .chunks(share)
            .map(|part| scope.spawn(|| part.iter().map(|path| parse(path)).collect::<Vec<_>>()))
            .collect();
        let joined = readers
            .into_iter()
            .map(|reader| reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.collect::<Vec<_>>()
    });
    parts.into_iter().flatten().collect()
}

fn parse(path: &Path) -> Result<(Source, ParsedFile), Failure> {
    let source = source(path)?;
    let parsed = ParsedFile::parse(&source);
    Ok((source, parsed))
}

fn source(path: &Path) -> Result<Source, Failure> {
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
    let name = path.display().to_string();
    Ok(Source { name: name.strip_prefix("./").unwrap_or(&name).to_owned(), bytes })
}
