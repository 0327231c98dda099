//! How a report is shown.

use super::Checkout;

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
    /// The checkout that files are named in, if this runs in one.
    pub checkout: Option<Checkout>,
}

impl View {
    /// The path of a file as GitHub reads it.
    pub(super) fn path_for_github(self, file: &str) -> String {
        self.checkout.map_or_else(|| file.to_owned(), |checkout| checkout.path_of(file))
    }

    /// How many lines of a list are shown: `most`, or all.
    pub(super) fn lines(self, most: usize) -> usize {
        if self.detail == Detail::Whole { usize::MAX } else { most }
    }
}
