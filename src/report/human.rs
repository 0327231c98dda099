//! Text for people: aligned, in a stable order, readable without colour.
//!
//! Styles are ANSI codes; the caller removes them where the output is not a terminal.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use comfy_table::presets;

use super::block::{Block, Head, Note, Page, Reader, Table, Text, Tone};
use super::escape::terminal;
use super::{Format, Move, Report, View, document};

/// A report for people.
pub(super) fn render(report: &Report, view: View, out: &mut dyn Write) -> io::Result<()> {
    document::write(report, &mut Page::new(Reader::Terminal(view), render_block, out))
}

/// What goes to stderr besides the report; may be empty.
#[must_use]
pub fn for_stderr(report: &Report, format: Format, view: View) -> String {
    document::for_stderr(report, format, view).as_ref().map(render_block).unwrap_or_default()
}

/// What a move is about to do, to be shown on stderr before the question.
///
/// # Errors
/// None in practice: it is written to memory.
pub fn move_preview(moved: &Move, view: View) -> io::Result<String> {
    let mut out = Vec::new();
    document::move_preview(moved, &mut Page::new(Reader::Terminal(view), render_block, &mut out))?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

fn render_block(block: &Block) -> String {
    match block {
        Block::Heading(text) => styled(Tone::Strong, line(text).trim_end()) + "\n",
        Block::Paragraph(text) => line(text),
        Block::List(items) => items.iter().map(line).collect(),
        Block::Table(table) => laid_out(table),
        Block::Note(note) => self::note(note),
        Block::Hint(text) => format!("  hint: {}\n", terminal(text)),
        Block::Item(text, below) | Block::Fold(text, below) => {
            line(text) + &indented(&below.iter().map(render_block).collect::<String>())
        }
        Block::Tight(blocks) => blocks.iter().map(render_block).collect(),
        Block::Code(text) => text.clone(),
    }
}

fn line(text: &Text) -> String {
    let pieces = text.0.iter().map(|(tone, piece)| styled(*tone, &terminal(piece)));
    pieces.collect::<String>() + "\n"
}

/// Text in the style of a tone.
fn styled(tone: Tone, text: &str) -> String {
    let style = match tone {
        Tone::Plain | Tone::Markdown => return text.to_owned(),
        Tone::Strong => Style::new().bold(),
        Tone::Good => AnsiColor::Green.on_default(),
        Tone::Caution => AnsiColor::Yellow.on_default(),
        Tone::Bad => AnsiColor::Red.on_default().bold(),
    };
    format!("{style}{text}{style:#}")
}

fn indented(text: &str) -> String {
    text.split_inclusive('\n').map(|line| format!("  {line}")).collect()
}

fn note(note: &Note) -> String {
    let code = note.code.map(|code| format!("[{code}]")).unwrap_or_default();
    let label = styled(note.tone, &format!("{}{code}", terminal(&note.label)));
    let count = note.count.map(|count| format!(" {count}")).unwrap_or_default();
    let about = note.about.as_deref().map(|about| format!("{}: ", terminal(about)));
    let about = about.unwrap_or_default();
    let mut text = format!("{label}{count}: {about}{}\n", terminal(&note.text));
    if let Some(hint) = &note.hint {
        text.push_str(&format!("  hint: {}\n", terminal(hint)));
    }
    text
}

/// Aligned columns with two blanks between them; trailing blanks are removed.
fn laid_out(table: &Table) -> String {
    let rows = table.columns.first().map_or(0, |(_, cells)| cells.len());
    let mut grid = comfy_table::Table::new();
    if rows == 0 {
        return String::new();
    }
    let inset = |column: usize| if table.is_indented && column == 0 { "  " } else { "" };
    let heads = table.columns.iter().enumerate().map(|(column, (head, _))| match head {
        Head::None => String::new(),
        Head::Word(word) => format!("{}{}", inset(column), word.to_uppercase()),
        Head::Name(name) => terminal(name).into_owned(),
    });
    let heads: Vec<String> = heads.collect();
    if heads.iter().any(|head| !head.is_empty()) {
        grid.set_header(heads);
    }
    grid.load_style(presets::NOTHING);
    for row in 0..rows {
        let cell = |(column, (_, cells)): (usize, &(Head, Vec<Text>))| {
            let pieces = cells[row].0.iter().map(|(_, piece)| terminal(piece));
            format!("{}{}", inset(column), pieces.collect::<String>())
        };
        grid.add_row(table.columns.iter().enumerate().map(cell));
    }
    for column in grid.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let lines: Vec<String> = grid.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    lines.concat()
}
