//! Text for people: aligned, in a stable order, readable without colour.
//!
//! Styles are ANSI codes; the caller removes them where the output is not a terminal.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::block::{Block, Note, Page, Reader, Text, Tone};
use super::escape::terminal;
use super::wrap::{Pieces, wrapped};
use super::{Format, Move, Report, View, columns, document};

/// A report for people.
pub(super) fn render(report: &Report, view: View, out: &mut dyn Write) -> io::Result<()> {
    document::write(report, &mut Page::new((Reader::Terminal(view), view), render_block, out))
}

/// What goes to stderr besides the report; may be empty. `stdout` is how the report itself is shown,
/// `stderr` how this text is.
#[must_use]
pub fn for_stderr(report: &Report, format: Format, (stdout, stderr): (View, View)) -> String {
    let block = document::for_stderr(report, format, stdout);
    block.map(|block| render_block(&block, stderr)).unwrap_or_default()
}

/// A message on stderr.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StderrMessage {
    /// `error`, `warning`, `note` or empty.
    pub label: String,
    /// What it says; it may have styles and line ends.
    pub text: String,
    /// What to do next.
    pub hint: Option<String>,
}

/// The same as [`for_stderr`], message by message.
#[must_use]
pub fn stderr_messages(report: &Report, format: Format, stdout: View) -> Vec<StderrMessage> {
    let block = document::for_stderr(report, format, stdout);
    block.map(|block| messages(&block)).unwrap_or_default()
}

fn messages(block: &Block) -> Vec<StderrMessage> {
    match block {
        Block::Tight(blocks) => blocks.iter().flat_map(messages).collect(),
        Block::Note(note) => {
            let code = note.code.map(|code| format!("{code}: ")).unwrap_or_default();
            let about = note.about.as_deref().map(|about| format!("{about}: "));
            let text = format!("{code}{}{}", about.unwrap_or_default(), note.text);
            let (label, hint) = (note.label.clone(), note.hint.clone());
            vec![StderrMessage { label, text, hint }]
        }
        block => {
            let text = within(block, None).trim_end().to_owned();
            let is_empty = text.is_empty();
            let message = StderrMessage { label: String::new(), text, hint: None };
            if is_empty { Vec::new() } else { vec![message] }
        }
    }
}

/// What a move is about to do, to be shown on stderr before the question.
///
/// # Errors
/// None in practice: it is written to memory.
pub fn move_preview(moved: &Move, view: View) -> io::Result<String> {
    let mut out = Vec::new();
    let reader = (Reader::Terminal(view), view);
    document::move_preview(moved, &mut Page::new(reader, render_block, &mut out))?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// A message on stderr, with its label (`error`, `warning`, `note` or none) and its hint.
#[must_use]
pub fn message(label: &str, (text, hint): (&str, Option<&str>), width: Option<usize>) -> String {
    let tone = if label == "error" { Tone::Bad } else { Tone::Caution };
    if label.is_empty() {
        return line(&text.into(), width, 2);
    }
    note(&Note { hint: hint.map(str::to_owned), ..Note::new(tone, label, text) }, width)
}

fn render_block(block: &Block, view: View) -> String {
    within(block, view.width)
}

/// A block for a width.
fn within(block: &Block, width: Option<usize>) -> String {
    match block {
        Block::Heading(text) => {
            let bold = |(_, piece): &(Tone, String)| (Tone::Strong, piece.clone());
            line(&Text(text.0.iter().map(bold).collect()), width, 2)
        }
        Block::Paragraph(text) => line(text, width, blanks(text)),
        Block::List(items) => {
            items.iter().map(|item| line(item, width, blanks(item) + 2)).collect()
        }
        Block::Table(table) => {
            columns::lines(table, width).iter().map(|line| ended(line)).collect()
        }
        Block::Either(wide, narrow) => {
            let table = if columns::fits(wide, width) { wide } else { narrow };
            columns::lines(table, width).iter().map(|line| ended(line)).collect()
        }
        Block::Note(note) => self::note(note, width),
        Block::Hint(text) => hint(text, width),
        Block::Item(text, below) | Block::Fold(text, below) => {
            let inner = width.map(|width| width.saturating_sub(2));
            let below: String = below.iter().map(|block| within(block, inner)).collect();
            line(text, width, 2) + &indented(&below)
        }
        Block::Tight(blocks) => blocks.iter().map(|block| within(block, width)).collect(),
        Block::Code(text) => text.clone(),
    }
}

/// How many blanks a text begins with.
fn blanks(text: &Text) -> usize {
    let first = text.0.first().map_or("", |(_, text)| text.as_str());
    first.len() - first.trim_start_matches(' ').len()
}

fn line(text: &Text, width: Option<usize>, hang: usize) -> String {
    let pieces = text.0.iter().map(|(tone, piece)| (*tone, terminal(piece).into_owned()));
    printed(&pieces.collect::<Pieces>(), width, hang)
}

fn printed(pieces: &[(Tone, String)], width: Option<usize>, hang: usize) -> String {
    let Some(width) = width else {
        return ended(pieces);
    };
    wrapped(pieces, width, hang).iter().map(|line| ended(line)).collect()
}

fn ended(pieces: &[(Tone, String)]) -> String {
    pieces.iter().map(|(tone, piece)| styled(*tone, piece)).collect::<String>() + "\n"
}

/// Text in the style of a tone.
fn styled(tone: Tone, text: &str) -> String {
    let style = match tone {
        _ if text.is_empty() => return String::new(),
        Tone::Plain | Tone::Sha | Tone::Digest | Tone::Code => return text.to_owned(),
        Tone::Strong => Style::new().bold(),
        Tone::Good => AnsiColor::Green.on_default(),
        Tone::Caution => AnsiColor::Yellow.on_default(),
        Tone::Bad => AnsiColor::Red.on_default().bold(),
        Tone::Current => AnsiColor::Cyan.on_default().bold(),
    };
    format!("{style}{text}{style:#}")
}

fn indented(text: &str) -> String {
    text.split_inclusive('\n').map(|line| format!("  {line}")).collect()
}

fn hint(text: &str, width: Option<usize>) -> String {
    line(&Text::from(format!("  hint: {text}")), width, 8)
}

fn note(note: &Note, width: Option<usize>) -> String {
    let code = note.code.map(|code| format!("[{code}]")).unwrap_or_default();
    let count = note.count.map(|count| format!(" {count}")).unwrap_or_default();
    let about = note.about.as_deref().map(|about| format!("{about}: ")).unwrap_or_default();
    let text = Text::new(note.tone, format!("{}{code}", note.label));
    let text = text.plain(format!("{count}: ")).plain(about).plain(&note.text);
    let hint = note.hint.as_deref().map(|text| hint(text, width)).unwrap_or_default();
    line(&text, width, 2) + &hint
}
