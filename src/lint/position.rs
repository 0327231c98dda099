//! Positions in a file, and text with the position of each character.

/// A position in a file, as editors count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl Default for Position {
    fn default() -> Self {
        Self { line: 1, column: 1 }
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A character and its position in the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SourceChar {
    pub(crate) c: char,
    pub(crate) at: Position,
}

/// The text without positions.
pub(crate) fn text_of(chars: &[SourceChar]) -> String {
    chars.iter().map(|ch| ch.c).collect()
}

/// A text all of whose characters have one position.
pub(crate) fn chars_at(text: &str, at: Position) -> Vec<SourceChar> {
    text.chars().map(|c| SourceChar { c, at }).collect()
}

/// The text without white space at either end.
pub(crate) fn trimmed(chars: &[SourceChar]) -> &[SourceChar] {
    let start = chars.iter().position(|g| !g.c.is_whitespace()).unwrap_or(chars.len());
    let end = chars.iter().rposition(|g| !g.c.is_whitespace()).map_or(start, |last| last + 1);
    &chars[start..end.max(start)]
}
