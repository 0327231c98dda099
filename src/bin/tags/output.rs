//! Where results go: stdout in the format asked for, talk to stderr, GitHub's two files.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use super::ambient;
use super::args::Format;
use super::exit::{Exit, Failure};
use super::sink;

/// GitHub refuses a larger summary.
const SUMMARY_LIMIT: usize = 1 << 20;

/// A result in every form that may be wanted.
pub(crate) struct Rendered {
    /// Text for people, on stdout.
    pub(crate) human: String,
    /// JSON, on stdout.
    pub(crate) json: Result<String, serde_json::Error>,
    /// Annotations, on stdout.
    pub(crate) annotations: String,
    /// Whether the annotations are also written in GitHub Actions without being asked for.
    pub(crate) annotates_by_itself: bool,
    /// Lines for `$GITHUB_OUTPUT`.
    pub(crate) outputs: String,
    /// Markdown, on stdout or as the summary.
    pub(crate) markdown: String,
}

/// Writes a result, everywhere where it can be written; the first failure is given back.
pub(crate) fn write(rendered: &Rendered, format: Format) -> Result<(), Failure> {
    let written = to_stdout(rendered, format);
    let mut failures: Vec<Failure> = written.err().into_iter().collect();
    for (path, text) in github_files(format)
        .into_iter()
        .zip([rendered.outputs.clone(), within(&rendered.markdown, SUMMARY_LIMIT)])
    {
        if let Some(path) = path {
            failures.extend(append(&path, &text).err());
        }
    }
    let mut failures = failures.into_iter();
    let first = failures.next();
    failures.for_each(|failure| failure.say());
    first.map_or(Ok(()), Err)
}

/// Whether all that a result goes to besides stdout can be opened.
pub(crate) fn check(format: Format) -> Result<(), Failure> {
    github_files(format).into_iter().flatten().try_for_each(|path| append(&path, ""))
}

fn to_stdout(rendered: &Rendered, format: Format) -> Result<(), Failure> {
    match format {
        Format::Human => {
            out(&rendered.human)?;
            if ambient::in_github_actions() && rendered.annotates_by_itself {
                out(&rendered.annotations)?;
            }
            Ok(())
        }
        Format::Json => match &rendered.json {
            Ok(text) => out(text),
            Err(error) => Err(Failure::internal("cannot write JSON", error)),
        },
        Format::Github => out(&rendered.annotations),
        Format::Markdown => out(&rendered.markdown),
        // Only `lint` has it, and has written it already.
        Format::Sarif => Ok(()),
    }
}

/// The file for outputs and the one for the summary, where they are wanted and known.
fn github_files(format: Format) -> [Option<PathBuf>; 2] {
    if ambient::in_github_actions() || format == Format::Github {
        [ambient::github_output(), ambient::github_step_summary()]
    } else {
        [None, None]
    }
}

/// Data, on stdout. A reader who has seen enough (`| head`) is no error.
pub(crate) fn out(text: &str) -> Result<(), Failure> {
    match sink::stdout(text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Usage, format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// Talk, on stderr; nothing can be done about a stderr that is gone.
pub(crate) fn talk(text: &str) {
    sink::stderr(text);
}

/// The width of the terminal behind stdout, none when there is no terminal.
pub(crate) fn width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    terminal_width().or(Some(80))
}

fn terminal_width() -> Option<usize> {
    ambient::variable("COLUMNS")
        .and_then(|text| text.parse().ok())
        .or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)))
}

fn append(path: &Path, text: &str) -> Result<(), Failure> {
    sink::append(path, text).map_err(|error| {
        Failure::new(Exit::Usage, format!("cannot write to {}: {error}", path.display()))
    })
}

/// The whole lines that fit, and a word where some did not.
fn within(text: &str, limit: usize) -> String {
    const CUT: &str = "\n(cut: more than GitHub shows)\n";
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
    use super::within;

    #[test]
    fn a_summary_is_cut_at_a_line_and_says_so() {
        let text = "0123456789\n".repeat(20);
        let cut = within(&text, 100);
        assert!(cut.len() <= 100 && cut.ends_with("shows)\n") && cut.starts_with("0123456789\n"));
        assert_eq!(within("short\n", 100), "short\n");
    }
}
