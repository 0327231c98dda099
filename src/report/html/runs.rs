//! The runs of the pipeline against their limits.

use std::time::Duration;

use maud::{Markup, html};

use super::super::{EnvironmentRuns, Overview};
use super::pair::{ROW, Width, middle, pair, percent, picture};
use super::{message, shown};
use crate::model::Conclusion;
use crate::pipeline::{JudgedRun, RunFinding, Stage, percent as share};

pub(super) fn section(overview: &Overview) -> Markup {
    let Some(runs) = &overview.runs else { return html! {} };
    html! {
        section {
            h2 { "Pipeline" }
            @match runs {
                Err(why) => p.hole { "The runs could not be read: " (shown(&why.message)) "." },
                Ok(runs) => { @for of in &runs.environments { (environment(of)) } },
            }
        }
    }
}

fn environment(of: &EnvironmentRuns) -> Markup {
    let runs = &of.verdict.runs;
    html! {
        h3 { (shown(of.environment.as_str())) }
        p { (rates(of)) }
        @if !of.verdict.findings.is_empty() {
            ul.findings { @for finding in &of.verdict.findings { (self::finding(finding)) } }
        }
        @if !runs.is_empty() {
            (pair(Width::Third, &bars(of), &table(runs)))
            p.legend {
                span { i.key.migrate {} " migrations, at most " (duration(of.limits.migrate_max)) }
                span { i.key.deploy {} " until deployed, at most " (duration(of.limits.deploy_max)) }
                span { "the lines are these limits" }
            }
        }
    }
}

fn rates(of: &EnvironmentRuns) -> String {
    let rates = of.verdict.rates;
    match (rates.failure_rate(), rates.migrate_failure_rate()) {
        (Some(failed), Some(migrations)) if of.is_complete => format!(
            "{} of {} runs failed: {}, at most {}. Of {} the migrations failed: {}, at most {}.",
            rates.failed,
            rates.runs,
            share(failed),
            share(of.limits.max_failure_rate),
            rates.migrate_failed,
            share(migrations),
            share(of.limits.max_migrate_failure_rate),
        ),
        (_, _) if !of.is_complete => {
            "No rate is known, since not all runs could be read.".to_owned()
        }
        _ => "There are no runs that count.".to_owned(),
    }
}

fn finding(finding: &RunFinding) -> Markup {
    html! {
        li {
            code { (finding.code.as_str()) } " "
            @if let Some(run) = finding.run { "run " (run) ": " }
            (message(&finding.message, finding.hint.as_deref()))
        }
    }
}

fn bars(of: &EnvironmentRuns) -> Markup {
    let runs = &of.verdict.runs;
    let limits =
        [("migrate", of.limits.migrate_max.as_secs()), ("deploy", of.limits.deploy_max.as_secs())];
    let longest =
        runs.iter().flat_map(|run| [seconds(run.migrate.as_ref()), seconds(run.deploy.as_ref())]);
    // The lines of the limits do not stand at the edge.
    let most =
        longest.chain(limits.map(|(_, limit)| limit.saturating_mul(20) / 19)).max().unwrap_or(1);
    let bottom = (runs.len() + 1) * ROW;
    let label = format!("how long the runs of {} took", of.environment);
    picture(
        runs.len(),
        &label,
        &html! {
            @for (class, limit) in limits {
                @let x = percent(limit, most);
                line class={ "limit " (class) } x1=(x) x2=(x) y1=(ROW) y2=(bottom) {}
            }
            @for (index, run) in runs.iter().enumerate() {
                @for (class, stage, y) in [("migrate", &run.migrate, 10), ("deploy", &run.deploy, 1)] {
                    @let seconds = seconds(stage.as_ref());
                    @if seconds > 0 {
                        rect class={ (class) @if is_bad(stage.as_ref()) { " bad" } } x="0" rx="2" height="7"
                            y=(middle(index + 1) + 1 - y) width=(percent(seconds, most)) {}
                    }
                }
            }
        },
    )
}

fn is_bad(stage: Option<&Stage>) -> bool {
    stage.is_some_and(|stage| stage.conclusion != Conclusion::Success)
}

fn seconds(stage: Option<&Stage>) -> u64 {
    stage.and_then(|stage| stage.seconds).unwrap_or(0)
}

fn table(runs: &[JudgedRun]) -> Markup {
    html! {
        table {
            thead { tr {
                th { "run" } th { "started" } th { "release" } th { "result" }
                th.number { "migrations" } th.number { "deployed" }
            } }
            tbody {
                @for run in runs {
                    tr {
                        td { (number(run)) }
                        td { (run.started.format("%Y-%m-%d %H:%M")) }
                        td { @if let Some(sha) = &run.sha { code { (sha.short()) } } }
                        td class=(if run.conclusion == Conclusion::Success { "" } else { "bad" }) { (run.conclusion.as_str()) }
                        td.number { (stage(run.migrate.as_ref())) }
                        td.number { (stage(run.deploy.as_ref())) }
                    }
                }
            }
        }
    }
}

/// The number of a run, with a link to its page if that is one.
fn number(run: &JudgedRun) -> Markup {
    let number = match run.attempt {
        1 => run.id.to_string(),
        attempt => format!("{}/{attempt}", run.id),
    };
    html! {
        @if run.url.starts_with("https://") {
            a href=(run.url) rel="noreferrer" { (number) }
        } @else { (number) }
    }
}

/// How long it took, and how it ended if that was no success.
fn stage(stage: Option<&Stage>) -> String {
    let Some(Stage { seconds, conclusion, .. }) = stage else { return "-".to_owned() };
    let took =
        seconds.map_or_else(|| "?".to_owned(), |seconds| duration(Duration::from_secs(seconds)));
    match conclusion {
        Conclusion::Success => took,
        other => format!("{took}, {}", other.as_str()),
    }
}

fn duration(duration: Duration) -> String {
    humantime::format_duration(duration).to_string()
}
