//! `tags cleanup` and `tags apply` for people: what remains, what goes and why, what was done.

mod applied;
mod going;
mod overview;
mod question;

use std::fmt::Display;

use super::{BAD, CAUTION, GOOD, STRONG, bytes, hint_line, styled, unread};
use crate::report::escape::terminal;
use crate::report::{Cleanup, Detail, View, counted};
use crate::retention::EntryTotals;

pub use question::question;

/// The whole report.
#[must_use]
pub fn cleanup(cleanup: &Cleanup, view: View) -> String {
    let mut text = overview::environments(&cleanup.plan, view);
    text.push_str(&overview::repositories(&cleanup.plan, view));
    text.push_str(&going::going(cleanup, view));
    text.push_str(&overview::staying(&cleanup.plan));
    text.push_str(&doubts(cleanup));
    if let Some(application) = &cleanup.application {
        text.push_str(&applied::applied(cleanup, application, view));
    }
    text + &last_line(cleanup)
}

/// Warnings, what was not read to its end, and refusals.
fn doubts(cleanup: &Cleanup) -> String {
    let mut text = String::new();
    for warning in &cleanup.plan.warnings {
        text.push_str(&format!("{}: {}\n", styled(CAUTION, "warning"), terminal(warning)));
    }
    for coverage in &cleanup.plan.coverage {
        if let Some(why) = &coverage.unread {
            text.push_str(&unread(&shown(&coverage.repository), why));
            text.push_str("  all of it stays, and every release that has a copy in it\n");
        }
    }
    for refusal in &cleanup.refusals {
        let message = refusal.to_string();
        text.push_str(&format!("{}: {}\n", styled(BAD, "refused"), terminal(&message)));
        text.push_str(&hint_line(refusal.hint()));
    }
    if text.is_empty() { text } else { text + "\n" }
}

/// What it comes to, and what can be done next.
fn last_line(cleanup: &Cleanup) -> String {
    let totals = cleanup.figures();
    if cleanup.application.is_some() {
        let gone = match cleanup.gone_already() {
            0 => String::new(),
            gone => format!(", {gone} had gone already"),
        };
        let sum = styled(STRONG, &sum(["deleted", "untagged", "kept"], totals));
        return format!("{sum}{gone}{}\n", later(cleanup));
    }
    if totals.delete + totals.untag == 0 {
        let all = counted(totals.keep, "manifest");
        return format!("{}: {all} looked at, none may go\n", styled(GOOD, "nothing to delete"));
    }
    let sum = styled(STRONG, &sum(["would delete", "untag", "keep"], totals));
    if !cleanup.refusals.is_empty() {
        return format!("{sum}; {}, nothing was changed\n", styled(BAD, "refused"));
    }
    format!("{sum}{}; nothing was changed{}\n", later(cleanup), next(cleanup))
}

/// What may go as well, and does not in this run.
fn later(cleanup: &Cleanup) -> String {
    match cleanup.remaining() {
        0 => String::new(),
        count => format!("; {} more remain for another run", counted(count, "manifest")),
    }
}

fn sum([delete, untag, keep]: [&str; 3], totals: EntryTotals) -> String {
    let manifests = counted(totals.delete, "manifest");
    let size = bytes(totals.bytes);
    format!("{delete} {manifests} ({size}), {untag} {}, {keep} {}", totals.untag, totals.keep)
}

/// How a dry run is made true.
fn next(cleanup: &Cleanup) -> String {
    match &cleanup.plan_file {
        _ if cleanup.at_another_time => ": this was for another time than now".to_owned(),
        Some(path) => format!(": apply with `tags apply {}`", terminal(path)),
        None => ": apply with `tags cleanup --apply`, or look at it first as a file with `tags cleanup --out plan.json`".to_owned(),
    }
}

/// A value that has text from outside in it.
fn shown(value: &impl Display) -> String {
    terminal(&value.to_string()).into_owned()
}

/// Names one after the other, as many as fit; then how many more there are.
fn listed(names: &[String], room: Option<usize>) -> String {
    let mut line = String::new();
    for (index, name) in names.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        let rest = names.len() - index;
        if index > 0 && room.is_some_and(|room| line.len() + comma.len() + name.len() > room) {
            return format!("{line} and {rest} more");
        }
        line.push_str(comma);
        line.push_str(name);
    }
    line
}
