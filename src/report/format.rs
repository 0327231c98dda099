//! The output formats, one a file: a line in the table below, and a module with a `render`.

use std::io::{self, Write};

use super::{Report, View, github, human, json, markdown, sarif};

macro_rules! formats {
    ($($(#[$attribute:meta])* $name:ident = $module:ident, $about:literal;)+) => {
        /// How a report is written.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Format {
            $($(#[$attribute])* #[doc = $about] $name,)+
        }

        impl Format {
            /// Every format.
            pub const ALL: &[Self] = &[$($(#[$attribute])* Self::$name,)+];

            /// The word by which it is asked for.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $($(#[$attribute])* Self::$name => stringify!($module),)+
                }
            }

            /// What it is, for the help text.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self {
                    $($(#[$attribute])* Self::$name => $about,)+
                }
            }

            /// Writes a report as it is made, and nothing in any other format.
            ///
            /// # Errors
            /// What the writer answers, and [`io::ErrorKind::Unsupported`] for a report that the
            /// format has no place for.
            pub fn render(self, report: &Report, view: View, out: &mut dyn Write) -> io::Result<()> {
                match self {
                    $($(#[$attribute])* Self::$name => $module::render(report, view, out),)+
                }
            }
        }
    };
}

formats! {
    Human = human, "Text for people";
    Json = json, "JSON, version 1";
    Github = github, "Annotations, outputs and a summary for GitHub Actions";
    Markdown = markdown, "Markdown tables";
    Sarif = sarif, "SARIF 2.1.0 for code scanning, of lint only";
}

impl Format {
    /// The format with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.name() == name)
    }

    /// The report as text, where it is short enough to be held whole.
    ///
    /// # Errors
    /// As [`Format::render`].
    pub fn text(self, report: &Report, view: View) -> io::Result<String> {
        let mut text = Vec::new();
        self.render(report, view, &mut text)?;
        String::from_utf8(text).map_err(io::Error::other)
    }
}
