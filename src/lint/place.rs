//! Places in a file, and text of which every character knows its own.

/// A place in a file, as editors count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl Default for Place {
    fn default() -> Self {
        Self { line: 1, column: 1 }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A character and where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Glyph {
    pub(crate) c: char,
    pub(crate) at: Place,
}

/// The text of glyphs.
pub(crate) fn text_of(glyphs: &[Glyph]) -> String {
    glyphs.iter().map(|glyph| glyph.c).collect()
}

/// Text at one place.
pub(crate) fn glyphs_at(text: &str, at: Place) -> Vec<Glyph> {
    text.chars().map(|c| Glyph { c, at }).collect()
}

/// Without white space at either end.
pub(crate) fn trimmed(glyphs: &[Glyph]) -> &[Glyph] {
    let start = glyphs.iter().position(|g| !g.c.is_whitespace()).unwrap_or(glyphs.len());
    let end = glyphs.iter().rposition(|g| !g.c.is_whitespace()).map_or(start, |last| last + 1);
    &glyphs[start..end.max(start)]
}
