//! A scalar, and the position of each of its characters in the file.

use std::sync::Arc;

use saphyr_parser::ScalarStyle;

use crate::lint::position::{Position, SourceChar};

/// A scalar: its text, and where in the file it begins.
#[derive(Debug, Clone)]
pub(crate) struct Scalar {
    text: Arc<str>,
    pub(crate) at: Position,
    style: ScalarStyle,
    source: Arc<str>,
    start: usize,
}

impl Scalar {
    pub(super) fn new(
        text: &str,
        at: Position,
        style: ScalarStyle,
        source: (Arc<str>, usize),
    ) -> Self {
        Self { text: text.into(), at, style, source: source.0, start: source.1 }
    }

    /// The text, as YAML reads it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The text with the position of each character. Value and file are read side by side: in every
    /// style, characters other than white space come in the same order in both.
    pub(crate) fn chars(&self) -> Vec<SourceChar> {
        let mut cursor = Cursor {
            chars: self.source.get(self.start..).unwrap_or_default().chars().peekable(),
            at: self.at,
        };
        cursor.open(self.style);
        self.text.chars().map(|c| SourceChar { c, at: cursor.find(c, self.style) }).collect()
    }
}

struct Cursor<'a> {
    chars: std::iter::Peekable<std::str::Chars<'a>>,
    at: Position,
}

impl Cursor<'_> {
    /// Moves after the opening quote; a block scalar begins with its first character.
    fn open(&mut self, style: ScalarStyle) {
        if matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) {
            self.step();
        }
    }

    fn step(&mut self) {
        match self.chars.next() {
            Some('\n') => self.at = Position { line: self.at.line + 1, column: 1 },
            Some(_) => self.at.column += 1,
            None => {}
        }
    }

    fn find(&mut self, c: char, style: ScalarStyle) -> Position {
        if c.is_whitespace() {
            let at = self.at;
            if self.chars.peek().is_some_and(|next| next.is_whitespace()) {
                self.step();
            }
            return at;
        }
        while self.chars.peek().is_some_and(|next| next.is_whitespace()) {
            self.step();
        }
        let at = self.at;
        match self.chars.peek().copied() {
            Some('\\') if style == ScalarStyle::DoubleQuoted => self.escape(),
            Some('\'') if style == ScalarStyle::SingleQuoted => {
                self.step();
                self.step();
            }
            // A byte-order mark or a replaced character: the file has something else there.
            _ => self.step(),
        }
        at
    }

    /// Moves after an escape of a double-quoted scalar.
    fn escape(&mut self) {
        self.step();
        let digits = match self.chars.peek() {
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            _ => 0,
        };
        for _ in 0..=digits {
            self.step();
        }
    }
}
