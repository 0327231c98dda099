//! How much each repository holds, and how much of it stays and goes.

use maud::{Markup, html};

use super::super::Overview;
use super::super::grouping::{RepositoryShare, repositories};
use super::super::words::bytes;
use super::pair::{Width, middle, pair, percent, picture};
use super::shown;

pub(super) fn section(overview: &Overview) -> Markup {
    html! {
        section {
            h2 { "Storage" }
            @match &overview.plan {
                Err(why) => p.hole { "Not known, since no plan could be made: " (shown(&why.message)) "." },
                Ok(cleanup) => {
                    @let shares = repositories(&cleanup.plan);
                    (pair(Width::Third, &bars(&shares), &table(&shares)))
                    p.legend {
                        span { i.key.stay {} " stays" }
                        span { i.key.go {} " goes" }
                        span { "sizes as manifests name them; registries store a shared layer once" }
                    }
                },
            }
        }
    }
}

fn bars(shares: &[RepositoryShare<'_>]) -> Markup {
    let whole = |share: &RepositoryShare<'_>| share.kept.bytes.saturating_add(share.deleted.bytes);
    let most = shares.iter().map(whole).max().unwrap_or(0);
    picture(
        shares.len(),
        "storage by repository: what stays and what goes",
        &html! {
            @for (index, share) in shares.iter().enumerate() {
                @let y = middle(index + 1) - 7;
                @let stay = percent(share.kept.bytes, most);
                @if share.kept.bytes > 0 { rect.stay x="0" y=(y) width=(stay) height="14" rx="2" {} }
                @if share.deleted.bytes > 0 {
                    rect.go x=(stay) y=(y) width=(percent(share.deleted.bytes, most)) height="14" rx="2" {}
                }
                @if !share.is_whole { text.label x="4" y=(y + 11) { "read in part" } }
            }
        },
    )
}

fn table(shares: &[RepositoryShare<'_>]) -> Markup {
    html! {
        table {
            thead { tr {
                th { "repository" }
                th.number { "stays" } th.number { "size" } th.number { "goes" } th.number { "size" }
            } }
            tbody {
                @for share in shares {
                    tr {
                        td {
                            (shown(&share.repository.to_string()))
                            @if !share.is_whole { " " span.caution { "read in part: all of it stays" } }
                        }
                        td.number { (share.kept.manifests) }
                        td.number { (bytes(share.kept.bytes)) }
                        td.number { (share.deleted.manifests) }
                        td.number { (bytes(share.deleted.bytes)) }
                    }
                }
            }
        }
    }
}
