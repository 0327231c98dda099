//! The page of `tags report`: one static file without a script, which loads nothing. One picture a file; each
//! stands beside a table with the same numbers.
//!
//! Every text from outside goes through `shown`, and is escaped for HTML by `maud`.

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
const CSP: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

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
            @if let Some((text, hint)) = overview.plan_problem() {
                p.danger role="alert" { b { "Another policy: " } (message(&text, Some(hint))) }
            }
            div.cards {
                @for of in &overview.environments {
                    a.card href={ "#env-" (of.name()) } {
                        span.name { (shown(of.name().as_str())) }
                        (badge(of))
                        span.sentence { (stated(&sentence(of, overview.now))) }
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

/// A sentence: it begins with a capital letter, unless with a SHA, and ends with a full stop.
fn stated(text: &str) -> String {
    let text = shown(text);
    let word = text.split(' ').next().unwrap_or_default();
    let is_sha = word.len() >= 7 && word.chars().all(|c| c.is_ascii_hexdigit());
    let mut rest = text.chars();
    match rest.next() {
        Some(first) if !is_sha => format!("{}{}.", first.to_uppercase(), rest.as_str()),
        _ => format!("{text}."),
    }
}

/// A message with its hint, as sentences. What is between back quotes is code.
fn message(text: &str, hint: Option<&str>) -> Markup {
    html! {
        (prose(text)) "."
        @if let Some(hint) = hint { " " span.hint { "To do: " (prose(hint)) "." } }
    }
}

fn prose(text: &str) -> Markup {
    let text = shown(text);
    html! {
        @if text.matches('`').count() % 2 == 1 { (text) } @else {
            @for (index, piece) in text.split('`').enumerate() {
                @if index % 2 == 1 { code { (piece) } } @else { (piece) }
            }
        }
    }
}

/// A text as it may be shown: without control characters and invisible ones.
fn shown(text: &str) -> String {
    escape::terminal(text).into_owned()
}
