//! The page of `tags report`: one static file without a script, which loads nothing. One picture a file; each
//! stands beside a table with the same numbers.
//!
//! Every text from outside goes through [`shown`], and is escaped for HTML by `maud`.

mod environment;
mod matrix;
mod pair;
mod plan;
mod runs;
mod storage;
mod timeline;
mod unread;

use std::io::{self, Write};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::document::sentence;
use super::escape;
use super::{EnvironmentOverview, Overview, Wholeness};

const STYLE: &str = include_str!("style.css");

/// Nothing but the style in the page is used.
const CSP: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Writes the page.
///
/// # Errors
/// Errors of the writer.
pub fn page(overview: &Overview, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(document(overview).into_string().as_bytes())
}

fn document(overview: &Overview) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(CSP);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="color-scheme" content="light dark";
                title { "Container releases, " (overview.now.format("%Y-%m-%d")) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (header(overview))
                main {
                    (unread::section(overview))
                    @for of in &overview.environments { (environment::section(overview, of)) }
                    (storage::section(overview))
                    (plan::section(overview))
                    (runs::section(overview))
                    (unread::warnings(overview))
                }
                footer { "tags " (env!("CARGO_PKG_VERSION")) " · times are UTC" }
            }
        }
    }
}

fn header(overview: &Overview) -> Markup {
    html! {
        header {
            h1 { "Container releases" }
            p.when { time { (overview.now.format("%Y-%m-%d %H:%M")) } " UTC" }
            div.cards {
                @for of in &overview.environments {
                    a.card href={ "#env-" (of.name()) } {
                        span.name { (shown(of.name().as_str())) }
                        (badge(of))
                        span.sentence { (shown(&sentence(of, overview.now))) "." }
                    }
                }
            }
        }
    }
}

/// Whether the current release is whole, in a word and a colour.
fn badge(of: &EnvironmentOverview) -> Markup {
    let (class, word) = match of.wholeness() {
        Wholeness::Whole => ("good", "whole"),
        Wholeness::Broken => ("bad", "not whole"),
        Wholeness::Unknown => ("caution", "unknown"),
    };
    html! { span class={ "badge " (class) } { (word) } }
}

/// A text as it may be shown: without control characters and invisible ones.
fn shown(text: &str) -> String {
    escape::terminal(text).into_owned()
}
