//! One environment: its current release, what is wrong with it, its releases, and its history.

use maud::{Markup, html};

use super::super::document::sentence;
use super::super::{EnvironmentOverview, Overview, counted};
use super::{badge, matrix, message, shown, stated, timeline};
use crate::verify::FindingCode;

pub(super) fn section(overview: &Overview, of: &EnvironmentOverview) -> Markup {
    html! {
        section id={ "env-" (of.name()) } {
            h2 { (shown(of.name().as_str())) " " (badge(of)) }
            p { (stated(&sentence(of, overview.now))) }
            (current(of))
            (findings(of))
            (skipped(of))
            h3 { "Releases" }
            (matrix::matrix(overview, of))
            h3 { "History" }
            (timeline::timeline(overview, of))
        }
    }
}

/// How it is known which release is current.
fn current(of: &EnvironmentOverview) -> Markup {
    html! {
        @match &of.target.current {
            Some(current) => p.note {
                "Current: " code { (current.sha) } ", " (current.current.source.to_string()) "."
            },
            None => @if let Some(message) = &of.target.message {
                p.hole { (stated(message)) }
            },
        }
    }
}

/// What is wrong with the current release. What could not be read is said at the top of the page.
fn findings(of: &EnvironmentOverview) -> Markup {
    let all = of.verification.as_ref().map_or(&[][..], |of| &of.findings);
    let (unread, found): (Vec<_>, Vec<_>) =
        all.iter().partition(|finding| finding.code == FindingCode::RegistryUnreadable);
    html! {
        @if !unread.is_empty() {
            p.hole { (counted(unread.len(), "place")) " of the current release could not be checked." }
        }
        @if !found.is_empty() {
            ul.findings {
                @for finding in found {
                    li {
                        code { (finding.code.as_str()) } " "
                        (message(&finding.message, finding.hint.as_deref()))
                    }
                }
            }
        }
    }
}

/// The releases that a rollback passes over.
fn skipped(of: &EnvironmentOverview) -> Markup {
    const MOST: usize = 5;
    let skipped = &of.target.skipped;
    html! {
        @if !skipped.is_empty() {
            p.note { "A rollback passes over:" }
            ul.note {
                @for one in skipped.iter().take(MOST) {
                    li { code { (one.sha.short()) } " " (one.code.as_str()) ": " (shown(&one.message)) }
                }
                @if skipped.len() > MOST { li { "and " (skipped.len() - MOST) " more" } }
            }
        }
    }
}
