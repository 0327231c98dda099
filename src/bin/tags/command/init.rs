//! `tags init`: finds the workflows or asks the registry, and writes the policy to a new file.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tags::command::PolicyFile;
use tags::command::init::{
    Origin, RegistryAddress, Request, from_registry, from_workflows, registry_policy,
};
use tags::report::{Detail, Drafted, DraftedFile, Format, Report, View};

use super::workflow_files::{WORKFLOWS, nearest_with_workflows, source, workflows_of};
use crate::args::{Global, Init};
use crate::context::{connect_without_file, find_policy, github_repository};
use crate::exit::{Exit, Failure};
use crate::messages::{self, Label};
use crate::{env, output, sink};

/// The name of a policy file that every command finds.
const POLICY: &str = "tags.toml";

pub(crate) async fn run(global: &Global, args: &Init) -> Result<Exit, Failure> {
    let origin = Origin::parse(&args.from, args.url.clone(), args.api_url.clone())?;
    let checkout = match &origin {
        Origin::Workflows => Some(checkout()?),
        Origin::Path(_) | Origin::Registry(_) => None,
    };
    if let Origin::Path(path) = &origin {
        refuse_missing(path)?;
    }
    let named = args.out.clone().or_else(|| global.policy.clone());
    let out = named.unwrap_or_else(|| checkout.clone().unwrap_or_default().join(POLICY));
    refuse_two_results(&out, global)?;
    refuse_existing(&out)?;
    if args.out.is_none() && global.policy.is_none() {
        refuse_second(global, &out)?;
    }
    let drafted = match origin {
        Origin::Workflows => {
            of_workflows(&checkout.unwrap_or_default().join(WORKFLOWS), &args.from)?
        }
        Origin::Path(path) => of_workflows(&path, &args.from)?,
        Origin::Registry(address) => of_registry(global, &address).await?,
    };
    if out == Path::new("-") {
        return to_stdout(drafted, global);
    }
    sink::create(&out, &drafted.text).map_err(|error| not_written(&out, &error))?;
    let is_found = is_found(global, &out)?;
    let file = Some(DraftedFile { name: out.display().to_string(), is_found });
    output::finish(&Report::Init(Drafted { file, ..drafted }), global)
}

/// The nearest directory upward with workflows, relative to the working directory.
fn checkout() -> Result<PathBuf, Failure> {
    nearest_with_workflows()?.ok_or_else(|| {
        Failure::usage("there is no .github/workflows in this directory or its parents up to the repository root")
            .hint(Origin::WAYS)
    })
}

fn of_workflows(path: &Path, from: &str) -> Result<Drafted, Failure> {
    refuse_missing(path)?;
    let directory = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let files = if path.is_dir() { workflows_of(path)? } else { vec![path.to_owned()] };
    let files = files.iter().map(|file| source(file)).collect::<Result<Vec<_>, Failure>>()?;
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let repository = github_repository(directory)?;
    let source = if from == "workflows" { WORKFLOWS } else { from };
    Ok(from_workflows(&Request { source, files: &files, repository }))
}

async fn of_registry(global: &Global, address: &RegistryAddress) -> Result<Drafted, Failure> {
    let file = PolicyFile::parse("--from", &registry_policy(address)).map_err(|error| {
        let problem = error.problems().next().map(|(_, problem)| problem.clone());
        let (message, help) = problem.map_or_else(Default::default, |one| (one.message, one.help));
        let failure = Failure::usage(message);
        if let Some(help) = help { failure.hint(help) } else { failure }
    })?;
    let session = connect_without_file(global, file)?;
    Ok(from_registry(&session, address).await?)
}

fn refuse_missing(path: &Path) -> Result<(), Failure> {
    if path.exists() {
        return Ok(());
    }
    Err(Failure::usage(format!("{} does not exist", path.display())).hint(Origin::WAYS))
}

/// Refuses to print the policy where the report has to be the only thing on stdout.
fn refuse_two_results(out: &Path, global: &Global) -> Result<(), Failure> {
    let format = global.format;
    if out != Path::new("-") || format == Format::Human {
        return Ok(());
    }
    let message = format!(
        "--out - prints the policy on stdout, and so does --format {} the report",
        format.name()
    );
    Err(Failure::usage(message)
        .hint("name a file with --out to get the report on stdout, or leave out --format"))
}

fn refuse_existing(out: &Path) -> Result<(), Failure> {
    // A link that leads nowhere exists, too.
    if out != Path::new("-") && std::fs::symlink_metadata(out).is_ok() {
        return Err(not_written(out, &ErrorKind::AlreadyExists.into()));
    }
    Ok(())
}

/// Refuses to write a policy that commands would use instead of the one that they use here.
fn refuse_second(global: &Global, out: &Path) -> Result<(), Failure> {
    let Some(used) = find_policy(global)?.filter(|_| env::policy().is_none()) else {
        return Ok(());
    };
    let (used, out) = (used.display(), out.display());
    Err(Failure::usage(format!(
        "{used} is the policy here already, and {out} would be used instead"
    ))
    .hint("name another file with --out, or print the policy with --out -"))
}

fn not_written(out: &Path, error: &std::io::Error) -> Failure {
    let name = out.display();
    if error.kind() == ErrorKind::AlreadyExists {
        return Failure::usage(format!("{name} exists already, and was not changed"))
            .hint("name another file with --out, or print the policy with --out -");
    }
    Failure::usage(format!("cannot write {name}: {error}"))
        .hint("name a file in a directory that you can write to with --out")
}

/// Prints the policy on stdout, and what is to be known of it on stderr.
fn to_stdout(drafted: Drafted, global: &Global) -> Result<Exit, Failure> {
    let text = drafted.text.clone();
    let report = Report::Init(drafted);
    output::out(&text)?;
    let view = View { detail: Detail::Short, ..output::stderr_view(global) };
    let summary = Format::Human
        .text(&report, view)
        .map_err(|error| Failure::internal("cannot write the summary", error))?;
    messages::show(Label::Status, &summary);
    Ok(report.exit())
}

/// Whether commands that are run here use the file without being told.
fn is_found(global: &Global, out: &Path) -> Result<bool, Failure> {
    let Some(used) = find_policy(&Global { policy: None, ..global.clone() })? else {
        return Ok(false);
    };
    Ok(used.canonicalize().ok().is_some_and(|used| Some(used) == out.canonicalize().ok()))
}
