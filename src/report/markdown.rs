//! Markdown for job summaries and comments.

use std::io::{self, Write};

use super::block::{Block, Head, Note, Page, Reader, Table, Text, Tone};
use super::escape::{code, html, markdown};
use super::{Report, View, document};

/// A report as Markdown.
pub(super) fn render(report: &Report, view: View, out: &mut dyn Write) -> io::Result<()> {
    document::write(report, &mut Page::new((Reader::Markdown, view), render_block, out))
}

fn render_block(block: &Block, view: View) -> String {
    let line = |text: &Text| self::line(text, view);
    match block {
        Block::Heading(text) => format!("### {}\n", line(text)),
        Block::Paragraph(text) => format!("{}\n", line(text)),
        Block::List(items) => items.iter().map(|item| format!("- {}\n", line(item))).collect(),
        Block::Table(table) | Block::Either(table, _) => self::table(table, view),
        Block::Note(note) => self::note(note),
        Block::Hint(text) => format!("- hint: {}\n", markdown(text)),
        Block::Item(text, below) => {
            let below = below.iter().map(|block| render_block(block, view)).collect::<String>();
            let below = below.split_inclusive('\n').map(|line| format!("  {line}"));
            format!("- {}\n{}", line(text), below.collect::<String>())
        }
        Block::Fold(text, below) => {
            let title: String = text.0.iter().map(|(_, piece)| html(piece)).collect();
            let below = below.iter().map(|block| render_block(block, view));
            let below = below.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
            format!("<details><summary>{title}</summary>\n\n{below}\n</details>\n")
        }
        Block::Tight(blocks) => blocks.iter().map(|block| render_block(block, view)).collect(),
        Block::Code(text) => format!("```text\n{}\n```\n", text.trim_end()),
    }
}

fn line(text: &Text, view: View) -> String {
    let piece = |(tone, piece): &(Tone, String)| match tone {
        _ if piece.is_empty() => String::new(),
        // What is as it should be needs no emphasis.
        Tone::Plain | Tone::Good => markdown(piece),
        Tone::Sha => commit(piece, view),
        Tone::Digest | Tone::Code => code(piece),
        Tone::Strong | Tone::Caution | Tone::Bad | Tone::Current => {
            format!("**{}**", markdown(piece))
        }
    };
    text.0.iter().map(piece).collect()
}

/// A SHA as code, and as a link to its commit where its address is known.
fn commit(sha: &str, view: View) -> String {
    match view.commits {
        Some(address) if sha.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            format!("[{}]({address}{sha})", code(sha))
        }
        _ => code(sha),
    }
}

fn note(note: &Note) -> String {
    let label = markdown(&note.label);
    let label = match note.code {
        Some(code) => format!("**{label}** {}", self::code(code)),
        None => format!("**{label}**"),
    };
    let count = note.count.map(|count| format!(" {count}")).unwrap_or_default();
    let about = note.about.as_deref().map(|about| format!(" {}", markdown(about)));
    let hint = note.hint.as_deref().map(|hint| format!(" ({})", markdown(hint)));
    let (about, hint) = (about.unwrap_or_default(), hint.unwrap_or_default());
    format!("- {label}{count}{about}: {}{hint}\n", markdown(&note.text))
}

fn table(table: &Table, view: View) -> String {
    let rows = table.columns.first().map_or(0, |(_, cells)| cells.len());
    if rows == 0 {
        return String::new();
    }
    let heads = table.columns.iter().map(|(head, _)| match head {
        Head::None => String::new(),
        Head::Word(word) | Head::Number(word) => (*word).to_owned(),
    });
    let rule = table.columns.iter().map(|(head, _)| match head {
        Head::Number(_) => "--:",
        Head::None | Head::Word(_) => "---",
    });
    let rule = rule.collect::<Vec<_>>().join(" | ");
    let mut text = format!("| {} |\n| {rule} |\n", heads.collect::<Vec<_>>().join(" | "));
    for row in 0..rows {
        let cells = table.columns.iter().map(|(_, cells)| line(&cells[row], view));
        let cells: Vec<String> = cells.collect();
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::Detail;
    use super::*;

    const SHA: &str = "2e958df650705ed3ad0866b46340c6863a94e420";

    fn shown(text: &Text, commits: Option<&'static str>) -> String {
        line(text, View { width: None, detail: Detail::Short, commits, checkout: None })
    }

    #[test]
    fn a_sha_is_a_link_where_commits_have_an_address() {
        let sha = || Text::new(Tone::Sha, SHA);
        assert_eq!(shown(&sha(), None), format!("`{SHA}`"));
        let address = "https://github.com/acme/app/commit/";
        assert_eq!(shown(&sha(), Some(address)), format!("[`{SHA}`]({address}{SHA})"));
        let foreign = Text::new(Tone::Sha, "](x)");
        assert_eq!(shown(&foreign, Some(address)), "`](x)`");
    }

    #[test]
    fn commands_in_a_sentence_are_code() {
        let text = Text::from("run `tags list` | it's *fine*");
        assert_eq!(shown(&text, None), "run `tags list` \\| it's \\*fine\\*");
    }
}
