//! The blocks that a document for people is made of. `human` and `markdown` render the same blocks, and
//! escape their texts.

use std::fmt::Display;
use std::io::{self, Write};

use super::View;
use crate::model::Sha;

/// The result of writing a part of a document.
pub(super) type Written = io::Result<()>;

/// Where a document is read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reader {
    /// On a terminal, or in a log.
    Terminal(View),
    /// Where Markdown is rendered.
    Markdown,
}

/// Writes a document block by block, with a blank line between two blocks.
pub(super) struct Page<'a> {
    pub(super) reader: Reader,
    view: View,
    render_block: fn(&Block, View) -> String,
    out: &'a mut dyn Write,
    is_empty: bool,
}

impl<'a> Page<'a> {
    pub(super) fn new(
        (reader, view): (Reader, View),
        render_block: fn(&Block, View) -> String,
        out: &'a mut dyn Write,
    ) -> Self {
        Self { reader, view, render_block, out, is_empty: true }
    }

    /// Adds a block; an empty one is left out.
    #[expect(clippy::needless_pass_by_value, reason = "a block is made for this and freed here")]
    pub(super) fn put(&mut self, block: Block) -> Written {
        let text = (self.render_block)(&block, self.view);
        if text.is_empty() {
            return Ok(());
        }
        if !std::mem::replace(&mut self.is_empty, false) {
            self.out.write_all(b"\n")?;
        }
        self.out.write_all(text.as_bytes())
    }

    pub(super) fn is_terminal(&self) -> bool {
        matches!(self.reader, Reader::Terminal(_))
    }

    /// Adds blocks that are separate on a terminal, and one list in Markdown.
    pub(super) fn put_each(&mut self, mut blocks: impl Iterator<Item = Block>) -> Written {
        match self.reader {
            Reader::Terminal(_) => blocks.try_for_each(|block| self.put(block)),
            Reader::Markdown => self.put(Block::Tight(blocks.collect())),
        }
    }

    /// Adds a block on a terminal only.
    pub(super) fn for_terminal(&mut self, block: impl FnOnce(View) -> Block) -> Written {
        match self.reader {
            Reader::Terminal(view) => self.put(block(view)),
            Reader::Markdown => Ok(()),
        }
    }

    /// Adds a block in Markdown only.
    pub(super) fn for_markdown(&mut self, block: impl FnOnce() -> Block) -> Written {
        match self.reader {
            Reader::Terminal(_) => Ok(()),
            Reader::Markdown => self.put(block()),
        }
    }
}

/// A part of a document.
pub(super) enum Block {
    /// The title of the blocks after it.
    Heading(Text),
    /// A line of text.
    Paragraph(Text),
    /// Lines of text, one for each item.
    List(Vec<Text>),
    /// Rows and columns.
    Table(Table),
    /// The same rows in two forms: the first if it fits, else the second.
    Either(Table, Table),
    /// A note with an optional hint.
    Note(Note),
    /// What to do about the block before it.
    Hint(String),
    /// A line with more below it.
    Item(Text, Vec<Block>),
    /// The same; folded in Markdown.
    Fold(Text, Vec<Block>),
    /// Blocks without a blank line between them.
    Tight(Vec<Block>),
    /// Text that is already formatted and escaped.
    Code(String),
}

/// The style of a piece of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Strong,
    Good,
    Caution,
    Bad,
    /// What is current.
    Current,
    /// A SHA; shortened where a table does not fit, a link in Markdown where commits have an address.
    Sha,
    /// A short digest; without its algorithm where a table does not fit.
    Digest,
    /// A name or a command, formatted as code in Markdown.
    Code,
}

/// A line, in pieces.
#[derive(Default)]
pub(super) struct Text(pub(super) Vec<(Tone, String)>);

impl Text {
    pub(super) fn new(tone: Tone, text: impl Display) -> Self {
        Self(vec![(tone, text.to_string())])
    }

    pub(super) fn strong(text: impl Display) -> Self {
        Self::new(Tone::Strong, text)
    }

    pub(super) fn sha(sha: &Sha) -> Self {
        Self::new(Tone::Sha, sha)
    }

    /// Texts with something between them.
    pub(super) fn joined(texts: impl IntoIterator<Item = Self>, between: &str) -> Self {
        texts.into_iter().fold(Self::default(), |mut all, text| {
            if !all.0.is_empty() {
                all = all.plain(between);
            }
            all.0.extend(text.0);
            all
        })
    }

    /// Appends a piece.
    pub(super) fn and(mut self, tone: Tone, text: impl Display) -> Self {
        self.0.push((tone, text.to_string()));
        self
    }

    pub(super) fn plain(self, text: impl Display) -> Self {
        self.and(Tone::Plain, text)
    }
}

impl<T: Display> From<T> for Text {
    fn from(text: T) -> Self {
        Self::new(Tone::Plain, text)
    }
}

/// A note: `label: about: text`.
pub(super) struct Note {
    pub(super) tone: Tone,
    pub(super) label: String,
    pub(super) code: Option<&'static str>,
    pub(super) count: Option<usize>,
    pub(super) about: Option<String>,
    pub(super) text: String,
    pub(super) hint: Option<String>,
}

impl Note {
    pub(super) fn block(self) -> Block {
        Block::Note(self)
    }

    pub(super) fn hint(mut self, hint: impl Display) -> Self {
        self.hint = Some(hint.to_string());
        self
    }

    pub(super) fn new(tone: Tone, label: impl Display, text: impl Display) -> Self {
        let (label, text) = (label.to_string(), text.to_string());
        Self { tone, label, code: None, count: None, about: None, text, hint: None }
    }
}

/// Columns with their heads; all have the same number of cells.
#[derive(Default)]
pub(super) struct Table {
    pub(super) columns: Vec<(Head, Vec<Text>)>,
    /// Whether it is indented.
    pub(super) is_indented: bool,
}

/// The head of a column.
pub(super) enum Head {
    /// None.
    None,
    /// A word, written as heads are in the format.
    Word(&'static str),
    /// The same, above numbers: these end below each other.
    Number(&'static str),
}

/// Builds a table from rows, column by column.
pub(super) struct Rows<'a, T> {
    rows: &'a [T],
    table: Table,
}

impl<'a, T> Rows<'a, T> {
    pub(super) fn of(rows: &'a [T]) -> Self {
        Self { rows, table: Table::default() }
    }

    pub(super) fn column<C: Into<Text>>(self, head: Head, cell: impl Fn(&'a T) -> C) -> Self {
        self.column_if(true, head, cell)
    }

    pub(super) fn column_if<C: Into<Text>>(
        mut self,
        is_wanted: bool,
        head: Head,
        cell: impl Fn(&'a T) -> C,
    ) -> Self {
        if is_wanted {
            let cells = self.rows.iter().map(|row| cell(row).into()).collect();
            self.table.columns.push((head, cells));
        }
        self
    }

    pub(super) fn word<C: Into<Text>>(self, head: &'static str, cell: impl Fn(&'a T) -> C) -> Self {
        self.column(Head::Word(head), cell)
    }

    pub(super) fn number<C: Into<Text>>(
        self,
        head: &'static str,
        cell: impl Fn(&'a T) -> C,
    ) -> Self {
        self.column(Head::Number(head), cell)
    }

    pub(super) fn block(self) -> Block {
        Block::Table(self.table)
    }

    /// The table itself.
    pub(super) fn table(self) -> Table {
        self.table
    }

    /// The table, indented.
    pub(super) fn indented(mut self) -> Block {
        self.table.is_indented = true;
        Block::Table(self.table)
    }
}
