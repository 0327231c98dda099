//! Writes reports: to stdout in the chosen format, status messages to stderr, and to the files for
//! GitHub's step outputs and step summary.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tags::policy::{PolicyError, commits_address};
use tags::report::{self, Checkout, Detail, Format, Report, View};

use super::args::Global;
use super::env;
use super::exit::{Exit, Failure};
use super::{messages, sink, width};

/// GitHub refuses a larger summary.
const SUMMARY_LIMIT: usize = 1 << 20;

/// Writes a report to all its outputs, also after one failed; returns the first failure.
pub(crate) fn write(report: &Report, global: &Global) -> Result<(), Failure> {
    global.collected.add(report);
    let (format, view) = (global.format, view(global));
    let beside = (view, stderr_view(global));
    let as_messages = || report::stderr_messages(report, format, view);
    messages::report(&report::for_stderr(report, format, beside), &as_messages);
    let mut failures: Vec<Failure> = to_stdout(report, format, view).err().into_iter().collect();
    let [outputs, summary] = github_files(format);
    if let Some(path) = outputs {
        failures.extend(append(&path, &report::github::outputs(report)).err());
    }
    if let Some(path) = summary {
        let written = Format::Markdown
            .text(report, view)
            .map_err(|error| Failure::internal("cannot write the summary", error))
            .and_then(|text| append(&path, &cut_to(&text, SUMMARY_LIMIT)));
        failures.extend(written.err());
    }
    let mut failures = failures.into_iter();
    let first = failures.next();
    failures.for_each(|failure| failure.print());
    first.map_or(Ok(()), Err)
}

/// Writes a report, and returns its exit code.
pub(crate) fn finish(report: &Report, global: &Global) -> Result<Exit, Failure> {
    write(report, global)?;
    Ok(report.exit())
}

/// The width and the detail for a report.
fn view(global: &Global) -> View {
    let detail = if global.verbose > 0 { Detail::Whole } else { Detail::Short };
    View { width: width::of_reports(), detail, commits: commits(), checkout: checkout() }
}

/// Annotates the problems of a policy file.
pub(crate) fn policy_problems(
    policy: (&str, &PolicyError),
    global: &Global,
) -> Result<(), Failure> {
    let view = view(global);
    write_stdout(|out| report::github::policy_problems(policy, view, out))
}

/// The checkout that this runs in. It is the same during a run.
fn checkout() -> Option<Checkout> {
    static PATHS: OnceLock<Option<(String, String)>> = OnceLock::new();
    let paths = || {
        let here = std::env::current_dir().ok()?;
        let root = here.ancestors().find(|directory| directory.join(".git").exists())?;
        Some((root.to_str()?.to_owned(), here.to_str()?.to_owned()))
    };
    let (root, directory) = PATHS.get_or_init(paths).as_ref()?;
    Some(Checkout { root, directory })
}

/// The address before the SHA of a commit.
static COMMITS: OnceLock<String> = OnceLock::new();

/// Links commits to where they are shown. A global, as the outputs themselves are: not every report comes
/// from a session that knows the policy.
pub(crate) fn link_commits(address: String) {
    // There is one policy in a run.
    let _ = COMMITS.set(address);
}

/// That of the policy, else that of the job.
fn commits() -> Option<&'static str> {
    if let Some(address) = COMMITS.get() {
        return Some(address);
    }
    let repository = env::variable("GITHUB_REPOSITORY")?;
    let server = env::variable("GITHUB_SERVER_URL");
    let address = commits_address(server.as_deref().unwrap_or("https://github.com"), &repository)?;
    Some(COMMITS.get_or_init(|| address))
}

/// The width and the detail for what is shown on stderr, where that is a terminal.
pub(crate) fn stderr_view(global: &Global) -> View {
    View { width: width::of_messages(), ..view(global) }
}

/// Checks that the files for GitHub can be opened.
pub(crate) fn check(format: Format) -> Result<(), Failure> {
    github_files(format).into_iter().flatten().try_for_each(|path| append(&path, ""))
}

fn to_stdout(report: &Report, format: Format, view: View) -> Result<(), Failure> {
    write_stdout(|out| format.render(report, view, out))?;
    let annotates = format == Format::Human && report.annotates_by_itself();
    if annotates && env::in_github_actions() {
        write_stdout(|out| Format::Github.render(report, view, out))?;
    }
    Ok(())
}

/// The file for step outputs and the one for the step summary; none outside GitHub.
fn github_files(format: Format) -> [Option<PathBuf>; 2] {
    if env::in_github_actions() || format == Format::Github {
        [env::github_output(), env::github_step_summary()]
    } else {
        [None, None]
    }
}

/// Writes data to stdout.
pub(crate) fn out(text: &str) -> Result<(), Failure> {
    write_stdout(|out| out.write_all(text.as_bytes()))
}

/// Writes what `make` writes to stdout. A reader that closes the pipe early (`| head`) is not an error.
fn write_stdout(make: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    match sink::stdout(make) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Usage, format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

fn append(path: &Path, text: &str) -> Result<(), Failure> {
    sink::append(path, text).map_err(|error| {
        Failure::new(Exit::Usage, format!("cannot write to {}: {error}", path.display()))
    })
}

/// The whole lines that fit into the limit, with a note if some do not.
fn cut_to(text: &str, limit: usize) -> String {
    const CUT: &str = "\n(cut off: GitHub shows no more)\n";
    if text.len() <= limit {
        return text.to_owned();
    }
    let mut kept = String::new();
    for line in text.split_inclusive('\n') {
        if kept.len() + line.len() + CUT.len() > limit {
            break;
        }
        kept.push_str(line);
    }
    kept + CUT
}

#[cfg(test)]
mod tests {
    use super::cut_to;

    #[test]
    fn a_summary_is_cut_at_a_line_and_says_so() {
        let text = "0123456789\n".repeat(20);
        let cut = cut_to(&text, 100);
        assert!(cut.len() <= 100 && cut.ends_with("no more)\n") && cut.starts_with("0123456789\n"));
        assert_eq!(cut_to("short\n", 100), "short\n");
    }
}
