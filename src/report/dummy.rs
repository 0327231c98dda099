//! A format for tests: it shows that a format needs one file and one line in the table of formats.

use std::io::{self, Write};

use super::{Report, View};

/// A report by its command and its outcome.
pub(super) fn render(report: &Report, _: View, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}: {}", report.command(), report.outcome())
}
