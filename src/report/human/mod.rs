//! Text for people: aligned, in a stable order, readable without colour.
//!
//! Styles are written as ANSI codes; who writes the text out takes them off where they are not
//! welcome.

mod cleanup;
mod doctor;
mod explain;
mod gc;
mod lint;
mod list;
mod rollback;
mod table;
mod undo;
mod verify;

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use chrono::{DateTime, TimeDelta, Utc};

pub use cleanup::{cleanup, question};
pub use doctor::doctor;
pub use explain::explain;
pub(in crate::report) use explain::{subject as explain_subject, tags_or_digest};
pub(in crate::report) use gc::{at_risk, bytes};
pub use gc::{gc, gc_hint, gc_sentence};
pub use lint::{explanation, lint};
pub use list::{list, list_unread};
pub use rollback::{rollback_target, rollback_why};
pub use undo::undo;
pub use verify::verify;

use super::{Format, Report, View, escape};
use crate::model::{Moment, Unread};

/// A report for people.
pub(super) fn render(report: &Report, view: View, out: &mut dyn Write) -> io::Result<()> {
    let text = match report {
        Report::Verify(verification) => verify(verification),
        Report::RollbackTarget(answer) => rollback_target(&answer.rollback),
        Report::List(listing) => list(listing, view.width),
        Report::Cleanup(cleanup) => self::cleanup(cleanup, view),
        Report::Explain(answer) => explain(&answer.explanation),
        Report::Undo(undone) => undo(undone),
        Report::Doctor(examination) => doctor(examination),
        Report::Gc(run) => gc(run),
        Report::Lint(linting) => lint(linting),
    };
    out.write_all(text.as_bytes())
}

/// What a person is told beside a report, on stderr; empty where there is nothing.
#[must_use]
pub fn beside(report: &Report, format: Format, view: View) -> String {
    match report {
        Report::RollbackTarget(answer) if matches!(format, Format::Human | Format::Json) => {
            rollback_why(&answer.rollback, answer.now)
        }
        Report::List(listing) => list_unread(listing),
        // On a terminal the report itself stands there.
        Report::Cleanup(cleanup) if format != Format::Human || view.width.is_none() => {
            let refused = cleanup.refusals.iter().map(|refusal| {
                let message = refusal.to_string();
                format!("refused: {}\n{}", escape::terminal(&message), hint_line(refusal.hint()))
            });
            refused.collect()
        }
        _ => String::new(),
    }
}

pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(super) const CAUTION: Style = AnsiColor::Yellow.on_default();
pub(super) const STRONG: Style = Style::new().bold();

/// Text in a style.
pub(super) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// How long ago something was, in the one or two units that matter.
#[must_use]
pub fn age(time: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let gone = now - time;
    if gone < TimeDelta::minutes(1) {
        return "just now".to_owned();
    }
    let (days, hours, minutes) = (gone.num_days(), gone.num_hours() % 24, gone.num_minutes() % 60);
    let unit =
        |count: i64, name: &str| format!("{count} {name}{}", if count == 1 { "" } else { "s" });
    match (days, hours) {
        (0, 0) => format!("{} ago", unit(minutes, "minute")),
        (0, _) => format!("{} ago", unit(hours, "hour")),
        (1..=2, 1..) => format!("{} {} ago", unit(days, "day"), unit(hours, "hour")),
        _ => format!("{} ago", unit(days, "day")),
    }
}

/// A time, its age and its source: `2026-11-20 14:03 UTC, 2 days ago (built)`.
pub(super) fn moment(moment: Option<Moment>, now: DateTime<Utc>) -> String {
    match moment {
        Some(moment) => format!(
            "{}, {} ({})",
            moment.time.format("%Y-%m-%d %H:%M UTC"),
            age(moment.time, now),
            moment.source
        ),
        None => "at an unknown time".to_owned(),
    }
}

/// What could not be read, for a line of its own.
pub(super) fn unread(name: &str, why: &Unread) -> String {
    let mut text = format!(
        "{}: {name} could not be read: {}\n",
        styled(CAUTION, "warning"),
        escape::terminal(&why.message)
    );
    if let Some(hint) = &why.hint {
        text.push_str(&hint_line(hint));
    }
    text
}

pub(super) fn hint_line(hint: &str) -> String {
    format!("  hint: {}\n", escape::terminal(hint))
}
