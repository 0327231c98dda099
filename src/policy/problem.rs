//! What is wrong with a policy file, where, and what to do about it.
//!
//! Problems are data (position, message, help); rendering them as text with the source line is
//! the last step. Credentials and control characters of the file never reach that text.

use std::fmt;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::Span;
use super::redact;

/// One problem of a policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its position: byte offsets into the file.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to do about it, where there is a next step.
    pub help: Option<String>,
}

/// A position in a file, counted as editors do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// Every problem of a policy file, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    name: String,
    text: String,
    problems: Vec<(Position, Problem)>,
}

impl PolicyError {
    pub(super) fn new(name: &str, text: &str, found: Problems) -> Self {
        let Problems { mut list, secrets } = found;
        list.sort_by_key(|problem| problem.span.start);
        let problems = list
            .into_iter()
            .map(|problem| (Position::of(text, problem.span.start), problem))
            .collect();
        Self { name: redact::visible(name), text: redact::mask(text, &secrets), problems }
    }

    /// The problems with their positions; there is always at least one.
    #[must_use]
    pub fn problems(&self) -> impl ExactSizeIterator<Item = (Position, &Problem)> {
        self.problems.iter().map(|(position, problem)| (*position, problem))
    }

    /// The text for a terminal that shows colours.
    #[must_use]
    pub fn render_with_colour(&self) -> String {
        self.render(&Renderer::styled())
    }

    fn render(&self, renderer: &Renderer) -> String {
        let snippets: Vec<String> = self
            .problems
            .iter()
            .map(|(position, problem)| self.snippet(*position, problem, renderer))
            .collect();
        snippets.join("\n\n")
    }

    fn snippet(&self, position: Position, problem: &Problem, renderer: &Renderer) -> String {
        let (line, span) = line_around(&self.text, &problem.span);
        let line = redact::without_c1(line);
        let snippet = Snippet::source(line)
            .line_start(position.line)
            .path(self.name.as_str())
            .annotation(AnnotationKind::Primary.span(span));
        let mut group = Level::ERROR.primary_title(problem.message.as_str()).element(snippet);
        if let Some(help) = &problem.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        renderer.render(&[group])
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(&Renderer::plain()))
    }
}

impl std::error::Error for PolicyError {}

impl Position {
    pub(super) fn of(text: &str, offset: usize) -> Self {
        let before = &text[..text.floor_char_boundary(offset)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// The line in which a span begins, and the part of the span that is in it.
fn line_around<'t>(text: &'t str, span: &Span) -> (&'t str, Span) {
    let start = text.floor_char_boundary(span.start);
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
    let line = &text[line_start..line_end];
    let line = line.strip_suffix('\r').unwrap_or(line);
    let from = (start - line_start).min(line.len());
    let end = text.floor_char_boundary(span.end).max(start) - line_start;
    (line, from..end.min(line.len()))
}

/// The problems found so far, in any order, and the spans that must not be shown.
#[derive(Debug, Default)]
pub(super) struct Problems {
    list: Vec<Problem>,
    secrets: Vec<Span>,
}

impl Problems {
    /// Adds a problem.
    pub(super) fn add(&mut self, span: Span, message: impl fmt::Display) {
        self.list.push(Problem {
            span,
            message: redact::visible(&message.to_string()),
            help: None,
        });
    }

    /// Adds a problem with what to do about it.
    pub(super) fn add_with_help(
        &mut self,
        span: Span,
        message: impl fmt::Display,
        help: impl fmt::Display,
    ) {
        let help = Some(redact::visible(&help.to_string()));
        let message = redact::visible(&message.to_string());
        self.list.push(Problem { span, message, help });
    }

    /// Marks a span that must not be shown.
    pub(super) fn hide(&mut self, span: Span) {
        self.secrets.push(span);
    }

    /// Whether nothing is wrong so far.
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}
