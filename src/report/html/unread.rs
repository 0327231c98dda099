//! What could not be read, before anything else; and what was warned about, at the end.

use maud::{Markup, html};

use super::super::Overview;
use super::{message, shown};
use crate::model::Unread;

pub(super) fn section(overview: &Overview) -> Markup {
    // The names of everything that has the same reason.
    let mut unread: Vec<(String, &Unread)> = Vec::new();
    for (what, why) in overview.unread() {
        match unread.iter_mut().find(|(_, other)| *other == why) {
            Some((names, _)) => names.push_str(&format!("; {what}")),
            None => unread.push((what, why)),
        }
    }
    html! {
        @if !unread.is_empty() {
            section.holes {
                h2 { "Not read" }
                p { "What depends on the following is missing from this page, or marked as unknown." }
                ul {
                    @for (what, why) in unread {
                        li { b { (shown(&what)) } ": " (message(&why.message, why.hint.as_deref())) }
                    }
                }
            }
        }
    }
}

pub(super) fn warnings(overview: &Overview) -> Markup {
    let coverage = overview.plan.as_ref().map_or(&[][..], |cleanup| &cleanup.plan.coverage);
    let read = coverage.iter().filter(|of| of.unread.is_none()).count();
    html! {
        section {
            h2 { "Coverage and warnings" }
            @if !coverage.is_empty() {
                p { (read) " of " (coverage.len()) " repositories were read completely." }
            }
            @if overview.warnings.is_empty() {
                p.note { "There are no warnings." }
            } @else {
                ul {
                    @for warning in &overview.warnings {
                        li { (message(&warning.text, warning.hint.as_deref())) }
                    }
                }
            }
        }
    }
}
