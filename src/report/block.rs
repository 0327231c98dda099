//! What a document for people is made of. A terminal and a Markdown page lay the same blocks out;
//! texts are not escaped yet.

use std::fmt::Display;
use std::io::{self, Write};

use super::View;

/// Whether a document could be written.
pub(super) type Written = io::Result<()>;

/// Who reads a document.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reader {
    /// Somebody at a terminal, or at the log of one.
    Terminal(View),
    /// Somebody to whom Markdown is shown.
    Markdown,
}

/// A document under construction: each block is written as it comes, a blank line between two.
pub(super) struct Page<'a> {
    pub(super) reader: Reader,
    lay: fn(&Block) -> String,
    out: &'a mut dyn Write,
    is_empty: bool,
}

impl<'a> Page<'a> {
    pub(super) fn new(reader: Reader, lay: fn(&Block) -> String, out: &'a mut dyn Write) -> Self {
        Self { reader, lay, out, is_empty: true }
    }

    /// Adds a block; one with nothing in it leaves no trace.
    #[expect(clippy::needless_pass_by_value, reason = "a block is made for this and freed here")]
    pub(super) fn put(&mut self, block: Block) -> Written {
        let text = (self.lay)(&block);
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

    /// Adds blocks that stand apart at a terminal, and are one list on a page.
    pub(super) fn put_each(&mut self, mut blocks: impl Iterator<Item = Block>) -> Written {
        match self.reader {
            Reader::Terminal(_) => blocks.try_for_each(|block| self.put(block)),
            Reader::Markdown => self.put(Block::Tight(blocks.collect())),
        }
    }

    /// Adds a block for those at a terminal only.
    pub(super) fn for_terminal(&mut self, block: impl FnOnce(View) -> Block) -> Written {
        match self.reader {
            Reader::Terminal(view) => self.put(block(view)),
            Reader::Markdown => Ok(()),
        }
    }

    /// Adds a block to a Markdown page only.
    pub(super) fn for_markdown(&mut self, block: impl FnOnce() -> Block) -> Written {
        match self.reader {
            Reader::Terminal(_) => Ok(()),
            Reader::Markdown => self.put(block()),
        }
    }
}

/// A part of a document.
pub(super) enum Block {
    /// What the blocks behind it are about.
    Heading(Text),
    /// A line of text.
    Paragraph(Text),
    /// Lines of text, one for each item.
    List(Vec<Text>),
    /// Rows and columns.
    Table(Table),
    /// Something to know, with what to do about it.
    Note(Note),
    /// What to do about the block before it.
    Hint(String),
    /// A line with more below it.
    Item(Text, Vec<Block>),
    /// The same, closed until somebody opens it, where that can be.
    Fold(Text, Vec<Block>),
    /// Blocks without a blank line between them.
    Tight(Vec<Block>),
    /// Text that is laid out, styled and escaped already.
    Code(String),
}

/// What a piece of text is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Strong,
    Good,
    Caution,
    Bad,
    /// Our own words, in which Markdown means itself.
    Markdown,
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

    /// The same with more behind it.
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

/// Something to know: `label: text`, with what it is about between them.
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

/// Columns below their heads, of which all have the same number of cells.
#[derive(Default)]
pub(super) struct Table {
    pub(super) columns: Vec<(Head, Vec<Text>)>,
    /// Whether it stands below something else.
    pub(super) is_inset: bool,
}

/// What stands above a column.
pub(super) enum Head {
    /// Nothing, above no column of the table.
    None,
    /// A word, in the manner in which heads are written.
    Word(&'static str),
    /// A name, as it is.
    Name(String),
}

/// A table that is made column by column from its rows.
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

    pub(super) fn block(self) -> Block {
        Block::Table(self.table)
    }

    /// Below something else.
    pub(super) fn inset(mut self) -> Block {
        self.table.is_inset = true;
        Block::Table(self.table)
    }
}
