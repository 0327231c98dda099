//! A format for tests alone: a file, and a line in the table of formats, are all that one takes.

use std::io::{self, Write};

use super::{Report, View};

/// A report by its command and its outcome.
pub(super) fn render(report: &Report, _: View, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}: {}", report.command(), report.outcome())
}
