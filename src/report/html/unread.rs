//! What could not be read, before anything else; and what was warned about, at the end.

use maud::{Markup, html};

use super::super::Overview;
use super::shown;

pub(super) fn section(overview: &Overview) -> Markup {
    let unread = overview.unread();
    html! {
        @if !unread.is_empty() {
            section.holes {
                h2 { "Not read" }
                p { "What depends on the following is missing from this page, or marked as unknown." }
                ul {
                    @for (what, why) in unread {
                        li {
                            b { (shown(&what)) } ": " (shown(&why.message)) "."
                            @if let Some(hint) = &why.hint { " " span.hint { "To do: " (shown(hint)) "." } }
                        }
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
                        li {
                            (shown(&warning.text)) "."
                            @if let Some(hint) = &warning.hint { " " span.hint { "To do: " (shown(hint)) "." } }
                        }
                    }
                }
            }
        }
    }
}
