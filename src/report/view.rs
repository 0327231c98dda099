//! How a report is looked at.

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Long lists by their beginning and a count.
    Short,
    /// Everything by name.
    Whole,
}

/// How a report is looked at.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// The terminal's width, none when there is no terminal.
    pub width: Option<usize>,
    /// How much is told.
    pub detail: Detail,
}

impl View {
    /// A terminal this wide or wider gets whole SHAs and addresses; a pipe always does.
    pub(super) fn is_wide(self) -> bool {
        self.width.is_none_or(|width| width >= 110)
    }

    /// How many of at most `most` lines are shown.
    pub(super) fn lines(self, most: usize) -> usize {
        if self.detail == Detail::Whole { usize::MAX } else { most }
    }
}
