//! Markdown for job summaries and comments.

use std::io::{self, Write};

use super::block::{Block, Head, Note, Page, Reader, Table, Text, Tone};
use super::escape::{html, markdown};
use super::{Report, View, document};

/// A report as Markdown.
pub(super) fn render(report: &Report, _: View, out: &mut dyn Write) -> io::Result<()> {
    document::write(report, &mut Page::new(Reader::Markdown, render_block, out))
}

fn render_block(block: &Block) -> String {
    match block {
        Block::Heading(text) => format!("### {}\n", line(text)),
        Block::Paragraph(text) => format!("{}\n", line(text)),
        Block::List(items) => items.iter().map(|item| format!("- {}\n", line(item))).collect(),
        Block::Table(table) => self::table(table),
        Block::Note(note) => self::note(note),
        Block::Hint(text) => format!("{}\n", markdown(text)),
        Block::Item(text, below) => {
            let below = below.iter().map(render_block).collect::<String>();
            let below = below.split_inclusive('\n').map(|line| format!("  {line}"));
            format!("- {}\n{}", line(text), below.collect::<String>())
        }
        Block::Fold(text, below) => {
            let title: String = text.0.iter().map(|(_, piece)| html(piece)).collect();
            let below = below.iter().map(render_block).filter(|text| !text.is_empty());
            let below = below.collect::<Vec<_>>().join("\n");
            format!("<details><summary>{title}</summary>\n\n{below}\n</details>\n")
        }
        Block::Tight(blocks) => blocks.iter().map(render_block).collect(),
        Block::Code(text) => format!("```text\n{}\n```\n", text.trim_end()),
    }
}

fn line(text: &Text) -> String {
    let piece = |(tone, piece): &(Tone, String)| match tone {
        Tone::Plain => markdown(piece),
        Tone::Markdown => piece.clone(),
        Tone::Strong | Tone::Good | Tone::Caution | Tone::Bad => format!("**{}**", markdown(piece)),
    };
    text.0.iter().map(piece).collect()
}

fn note(note: &Note) -> String {
    let label = markdown(&note.label);
    let label = match note.code {
        Some(code) => format!("{label} **{}**", markdown(code)),
        None => format!("**{label}**"),
    };
    let count = note.count.map(|count| format!(" {count}")).unwrap_or_default();
    let about = note.about.as_deref().map(|about| format!(" {}", markdown(about)));
    let hint = note.hint.as_deref().map(|hint| format!(" ({})", markdown(hint)));
    let (about, hint) = (about.unwrap_or_default(), hint.unwrap_or_default());
    format!("- {label}{count}{about}: {}{hint}\n", markdown(&note.text))
}

fn table(table: &Table) -> String {
    let rows = table.columns.first().map_or(0, |(_, cells)| cells.len());
    if rows == 0 {
        return String::new();
    }
    let heads = table.columns.iter().map(|(head, _)| match head {
        Head::None => String::new(),
        Head::Word(word) => (*word).to_owned(),
        Head::Name(name) => markdown(name),
    });
    let rule = vec!["---"; table.columns.len()].join(" | ");
    let mut text = format!("| {} |\n| {rule} |\n", heads.collect::<Vec<_>>().join(" | "));
    for row in 0..rows {
        let cells: Vec<String> = table.columns.iter().map(|(_, cells)| line(&cells[row])).collect();
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    text
}
