//! Command substitution, `$(…)`: goes through the inner commands; the output of a few is known.

use super::command::Command;
use super::state::Shell;
use crate::lint::position::{Position, SourceChar, text_of};
use crate::lint::symbol::{SymbolKind, WHOLE_SHA, bounded, is_known};

impl Shell<'_> {
    /// Runs the inner commands and gives what they print.
    pub(super) fn substitution(&mut self, script: &[SourceChar], position: Position) -> String {
        self.printed = None;
        let before = self.vars.clone();
        self.nested(script);
        self.vars = before;
        self.printed.take().unwrap_or_else(|| {
            let source = bounded(format!("$({})", text_of(script).trim()));
            self.symbols.unresolved(&format!("{source} at {position}"), &source)
        })
    }

    /// What a pipeline prints, if that is known.
    pub(super) fn output_of(&mut self, pipeline: &[Command]) -> Option<String> {
        let (first, filters) = pipeline.split_first()?;
        let mut text = self.output_of_command(first)?;
        for filter in filters {
            text = self.filtered(&text, filter)?;
        }
        Some(text)
    }

    fn output_of_command(&mut self, command: &Command) -> Option<String> {
        let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["git", "rev-parse", rest @ ..] => self.git_sha(rest),
            ["git", "log" | "show", rest @ ..] => {
                let format = rest.iter().any(|word| {
                    matches!(*word, "--format=%h" | "--pretty=%h" | "--pretty=format:%h")
                });
                format.then(|| self.symbols.sha("git HEAD", None))
            }
            ["echo" | "printf", ..] => echoed(command),
            ["cut", ..] => {
                let (body, _) = command.bodies.first()?;
                let text = text_of(body);
                self.filtered(text.trim(), command)
            }
            _ => None,
        }
    }

    fn git_sha(&self, rest: &[&str]) -> Option<String> {
        let names_head = |word: &&str| matches!(*word, "HEAD" | "@");
        let target = rest.iter().find(|word| !word.starts_with('-')).copied().unwrap_or("HEAD");
        let short = rest.iter().find_map(|word| word.strip_prefix("--short"));
        let source =
            if names_head(&target) { "git HEAD".to_owned() } else { self.symbols.named(target) };
        match short {
            // Git prints as many digits as it needs, unless it is told how many.
            Some(length) => {
                let length = length.strip_prefix('=').map(str::parse);
                match length {
                    Some(Ok(length)) => Some(self.symbols.sha(&source, Some(length))),
                    _ => Some(self.symbols.sha(&source, None)),
                }
            }
            None if names_head(&target) && rest.len() <= 2 => {
                Some(self.symbols.sha(&source, Some(WHOLE_SHA)))
            }
            None => None,
        }
    }

    fn filtered(&self, text: &str, filter: &Command) -> Option<String> {
        let words: Vec<&str> = filter.words.iter().map(String::as_str).collect();
        let sha =
            self.symbols.single(text).filter(|symbol| matches!(symbol.kind, SymbolKind::Sha(..)));
        match words.as_slice() {
            ["cut" | "head", rest @ ..] => {
                let range = rest.join("");
                let range = range.strip_prefix("-c")?;
                let end =
                    range.strip_prefix("1-").or_else(|| range.strip_prefix('-')).unwrap_or(range);
                let length: u8 = end.parse().ok()?;
                if sha.is_some() {
                    return Some(self.symbols.sha(&self.symbols.named(text), Some(length)));
                }
                is_known(text).then(|| text.chars().take(length.into()).collect())
            }
            ["tr", from, to] if lowers(from, to) => Some(self.symbols.lower(text)),
            ["awk", program] if program.contains("tolower") => Some(self.symbols.lower(text)),
            ["sed", program] if program.contains("\\L") => Some(self.symbols.lower(text)),
            ["tr", from, to] if from.chars().count() == 1 && to.chars().count() == 1 => {
                let change =
                    |c: char| if from.starts_with(c) { (*to).to_owned() } else { c.to_string() };
                Some(self.symbols.mapped(text, &format!("{from} to {to}"), change))
            }
            ["tr", "-d", what] if *what == "\\n" || *what == "\n" => Some(text.replace('\n', "")),
            ["xargs"] => Some(text.trim().to_owned()),
            _ => None,
        }
    }
}

fn lowers(from: &str, to: &str) -> bool {
    let plain = |text: &str| text.trim_matches(['[', ']', ':']).to_owned();
    let (from, to) = (plain(from), plain(to));
    matches!((from.as_str(), to.as_str()), ("upper", "lower") | ("A-Z", "a-z"))
}

/// What `echo` and `printf` print; none for a format that is not understood.
pub(super) fn echoed(command: &Command) -> Option<String> {
    let mut words: Vec<&str> = command.words.iter().skip(1).map(String::as_str).collect();
    if command.program() == "echo" {
        while words.first().is_some_and(|word| matches!(*word, "-n" | "-e" | "-ne" | "-en" | "-E"))
        {
            words.remove(0);
        }
        return Some(words.join(" "));
    }
    let (format, values) = words.split_first()?;
    let text = format.replace("\\n", "\n");
    match (text.matches('%').count(), values) {
        (0, _) => Some(text),
        (1, [value]) if text.contains("%s") => Some(text.replace("%s", value)),
        (1, values) if text.trim() == "%s" => Some(values.join("\n")),
        (n, values) if n == values.len() && text.matches("%s").count() == n => {
            Some(values.iter().fold(text, |text, value| text.replacen("%s", value, 1)))
        }
        _ => None,
    }
}
