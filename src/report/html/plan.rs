//! The plan by reason: what goes first, then what stays.

use maud::{Markup, html};

use super::super::figures::{ReasonAmount, reasons};
use super::super::words::{age, bytes};
use super::super::{Cleanup, Overview, counted};
use super::pair::{Width, middle, pair, percent, picture};
use super::{prose, shown};
use crate::retention::ReasonCode;

pub(super) fn section(overview: &Overview) -> Markup {
    html! {
        section {
            h2 { "Plan" }
            @match &overview.plan {
                Err(why) => p.hole { "No plan could be made: " (shown(&why.message)) "." },
                Ok(cleanup) => {
                    (summary(overview, cleanup))
                    @let groups = reasons(&cleanup.plan);
                    @if !groups.is_empty() { (pair(Width::Third, &bars(&groups), &table(&groups))) }
                },
            }
        }
    }
}

fn summary(overview: &Overview, cleanup: &Cleanup) -> Markup {
    let totals = cleanup.plan.totals();
    html! {
        p {
            (counted(totals.delete, "manifest")) " to delete, " (bytes(totals.bytes)) "; "
            (totals.keep + totals.untag) " to keep"
            @if totals.untag > 0 { ", of which " (totals.untag) " lose a tag" }
            "."
            @if let Some(file) = &cleanup.plan_file {
                " From " code { (shown(file)) } ", made " (age(cleanup.plan.created, overview.now)) "."
            }
        }
        @if !cleanup.refusals.is_empty() {
            ul.findings {
                @for refusal in &cleanup.refusals {
                    li { "It would be refused: " (shown(&refusal.to_string())) "." }
                }
            }
        }
    }
}

fn class(group: &ReasonAmount) -> &'static str {
    match group.decision {
        "delete" => "go",
        "untag" => "untag",
        _ => "stay",
    }
}

fn bars(groups: &[ReasonAmount]) -> Markup {
    let most = groups.iter().map(|group| group.amount.manifests).max().unwrap_or(0);
    picture(
        groups.len(),
        "manifests by reason",
        &html! {
            @for (index, group) in groups.iter().enumerate() {
                rect class=(class(group)) x="0" y=(middle(index + 1) - 7) height="14" rx="2"
                    width=(percent(group.amount.manifests as u64, most as u64)) {}
            }
        },
    )
}

fn table(groups: &[ReasonAmount]) -> Markup {
    html! {
        table {
            thead { tr {
                th { "decision" } th { "reason" }
                th.number { "manifests" } th.number { "size" } th { "meaning" }
            } }
            tbody {
                @for group in groups {
                    tr {
                        td { (group.decision) }
                        td { code { (group.code.as_str()) } }
                        td.number { (group.amount.manifests) }
                        td.number { (bytes(group.amount.bytes)) }
                        td.note { (prose(meaning(group.code))) }
                    }
                }
            }
        }
    }
}

fn meaning(code: ReasonCode) -> &'static str {
    match code {
        ReasonCode::Keep(code) => code.meaning(),
        ReasonCode::Delete(code) => code.meaning(),
    }
}
