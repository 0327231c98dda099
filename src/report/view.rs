//! How a report is shown.

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Long lists are cut off, with a count of the rest.
    Short,
    /// Everything is listed.
    Whole,
}

/// How a report is shown.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// The terminal's width, none when there is no terminal.
    pub width: Option<usize>,
    /// How much is shown.
    pub detail: Detail,
    /// The address before a commit's SHA, such as `https://github.com/acme/app/commit/`, if it is known.
    pub commits: Option<&'static str>,
}

impl View {
    /// How many lines of a list are shown: `most`, or all.
    pub(super) fn lines(self, most: usize) -> usize {
        if self.detail == Detail::Whole { usize::MAX } else { most }
    }
}
