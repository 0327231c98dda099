//! `tags runs`: first what is wrong, then the runs of each environment, their rates and the rollback target.

use std::time::Duration;

use super::super::block::{Block, Note, Page, Reader, Rows, Text, Tone, Written};
use super::super::{Detail, counted};
use super::{hints_once, warning};
use crate::model::{Conclusion, Severity};
use crate::pipeline::evidence::EvidenceKind;
use crate::pipeline::{JudgedRun, Rates, RunFinding, Split, Stage, percent};
use crate::policy::RunLimits;
use crate::report::{EnvironmentRuns, RollbackState, Runs};

/// How many runs are shown, unless all are wanted.
const MOST: usize = 10;

/// The whole report.
pub(super) fn runs(runs: &Runs, page: &mut Page<'_>) -> Written {
    page.for_markdown(|| Block::Heading(format!("tags runs: {}", summary(runs)).into()))?;
    let unread = runs.unread.iter().map(|unread| warning(&unread.what, &unread.why));
    page.put_each(hints_once(unread).into_iter())?;
    page.put_each(hints_once(runs.findings().into_iter().map(finding)).into_iter())?;
    for of in &runs.environments {
        environment(of, page)?;
    }
    page.for_terminal(|_| Block::Paragraph(verdict(runs)))
}

fn finding(finding: &RunFinding) -> Note {
    let severity = finding.code.severity();
    let tone = match severity {
        Severity::Error => Tone::Bad,
        Severity::Warning => Tone::Caution,
    };
    Note {
        code: Some(finding.code.as_str()),
        about: Some(about(finding)),
        hint: finding.hint.clone(),
        ..Note::new(tone, severity.as_str(), &finding.message)
    }
}

/// The environment and the run of a finding.
pub(in crate::report) fn about(finding: &RunFinding) -> String {
    match finding.run {
        Some(run) => format!("{} run {run}", finding.environment),
        None => finding.environment.to_string(),
    }
}

fn environment(of: &EnvironmentRuns, page: &mut Page<'_>) -> Written {
    let all = &of.verdict.runs;
    let (shown, is_whole) = match page.reader {
        Reader::Terminal(view) => {
            (all.len().min(view.lines(MOST)), matches!(view.detail, Detail::Whole))
        }
        Reader::Markdown => (all.len(), true),
    };
    page.for_markdown(|| Block::Heading((&of.environment).into()))?;
    page.put(table(&all[..shown]))?;
    let mut lines = figures(of, if page.is_terminal() { "  " } else { "" });
    if shown < all.len() {
        let more = counted(all.len() - shown, "older run");
        lines.insert(0, format!("  ({more} not shown; -v shows all)").into());
    }
    page.put(Block::List(lines))?;
    let images = all.iter().flat_map(images);
    if is_whole { page.put(Block::List(images.collect())) } else { Ok(()) }
}

fn table(runs: &[JudgedRun]) -> Block {
    let number = |run: &JudgedRun| match run.attempt {
        1 => run.id.to_string(),
        attempt => format!("{}/{attempt}", run.id),
    };
    let started = |run: &JudgedRun| run.started.format("%Y-%m-%d %H:%M").to_string();
    let sha = |run: &JudgedRun| run.sha.as_ref().map_or_else(|| "-".into(), Text::sha);
    Rows::of(runs)
        .word("run", number)
        .word("started", started)
        .word("sha", sha)
        .word("result", |run| Text::new(tone(run.conclusion), run.conclusion.as_str()))
        .word("migrate", |run| stage(run.migrate.as_ref()))
        .word("deploy", |run| stage(run.deploy.as_ref()))
        .block()
}

/// How long it took if it succeeded, else how it ended.
fn stage(stage: Option<&Stage>) -> Text {
    match stage {
        None => "-".into(),
        Some(Stage { conclusion: Conclusion::Success, seconds, .. }) => {
            seconds.map_or_else(|| "?".to_owned(), duration).into()
        }
        Some(stage) => Text::new(tone(stage.conclusion), stage.conclusion.as_str()),
    }
}

fn tone(conclusion: Conclusion) -> Tone {
    match conclusion {
        Conclusion::Failure | Conclusion::TimedOut => Tone::Bad,
        _ => Tone::Plain,
    }
}

fn duration(seconds: u64) -> String {
    humantime::format_duration(Duration::from_secs(seconds)).to_string()
}

/// The images that a run pulled and pushed, one a line.
fn images(run: &JudgedRun) -> impl Iterator<Item = Text> {
    run.evidence.iter().map(|of| {
        let digest = of.evidence.digest.as_ref().map(|digest| format!(" as {digest}"));
        let (kind, reference) = (of.evidence.kind.as_str(), &of.evidence.reference);
        let digest = digest.unwrap_or_default();
        format!("run {}, {}: {kind} {reference}{digest}", run.id, of.job).into()
    })
}

/// How many images a run pulled and pushed, if its logs were read and show any.
fn moved_images(run: &JudgedRun) -> Option<String> {
    let of = |kind| run.evidence.iter().filter(|of| of.evidence.kind == kind).count();
    let (pulled, pushed) = (of(EvidenceKind::Pull), of(EvidenceKind::Push));
    let pulled = counted(pulled, "image");
    (!run.evidence.is_empty()).then(|| {
        format!("run {} pulled {pulled} and pushed {pushed}, according to its logs", run.id)
    })
}

/// The rates and the rollback target of an environment.
fn figures(of: &EnvironmentRuns, inset: &str) -> Vec<Text> {
    let mut lines = vec![Text::strong(&of.environment).plain(": ").plain(rates(of))];
    lines.extend(of.split.iter().flat_map(split).map(|line| format!("{inset}{line}").into()));
    lines.extend(
        of.verdict.runs.iter().filter_map(moved_images).map(|line| format!("{inset}{line}").into()),
    );
    lines.push(match &of.rollback {
        RollbackState::Target(sha) => {
            Text::from(format!("{inset}rollback target: ")).and(Tone::Sha, sha)
        }
        RollbackState::None(why) => {
            let why = if why.is_empty() { String::new() } else { format!(": {why}") };
            Text::from(inset).and(Tone::Bad, "no release to roll back to").plain(why)
        }
        RollbackState::Unknown => Text::from(inset).and(Tone::Caution, "rollback target unknown"),
    });
    lines
}

fn rates(of: &EnvironmentRuns) -> String {
    let (rates, RunLimits { max_failure_rate, max_migrate_failure_rate, .. }) =
        (of.verdict.rates, of.limits);
    let other = of.verdict.runs.len() - rates.runs;
    let outside = match other {
        0 => String::new(),
        count => format!(", {count} cancelled, skipped or the like"),
    };
    let Some((failed, migrate)) = both(&rates) else {
        return format!("no run that counts{outside}");
    };
    format!(
        "{} that {}, {} failed ({failed}, limit {}), {} failed ({migrate}, limit {}){outside}",
        counted(rates.runs, "run"),
        if rates.runs == 1 { "counts" } else { "count" },
        rates.failed,
        percent(max_failure_rate),
        counted(rates.migrate_failed, "migration"),
        percent(max_migrate_failure_rate)
    )
}

fn both(rates: &Rates) -> Option<(String, String)> {
    Some((percent(rates.failure_rate()?), percent(rates.migrate_failure_rate()?)))
}

fn split(split: &Split) -> [String; 3] {
    let side = |rates: &Rates| match both(rates) {
        Some((failed, migrate)) => {
            format!("{}, {failed} failed, {migrate} in migrations", counted(rates.runs, "run"))
        }
        None => "no run that counts".to_owned(),
    };
    let differences = split.failure_difference().zip(split.migrate_failure_difference());
    let difference = match differences {
        Some((failed, migrate)) => {
            format!("{} failed, {} in migrations", points(failed), points(migrate))
        }
        None => "unknown".to_owned(),
    };
    [
        format!("before {}: {}", split.at.format("%Y-%m-%d %H:%M UTC"), side(&split.before)),
        format!("since then: {}", side(&split.after)),
        format!("difference: {difference}"),
    ]
}

/// A difference of shares in percentage points, with its sign.
fn points(difference: f64) -> String {
    let text = percent(difference.abs()).replace(" %", "");
    let sign = match text.as_str() {
        "0" => "",
        _ if difference < 0.0 => "-",
        _ => "+",
    };
    format!("{sign}{text} points")
}

fn summary(runs: &Runs) -> String {
    let errors = counted(runs.count(Severity::Error), "error");
    format!("{} ({errors}, {})", runs.outcome(), counted(runs.count(Severity::Warning), "warning"))
}

fn verdict(runs: &Runs) -> Text {
    let tone = if runs.outcome() == "ok" { Tone::Good } else { Tone::Bad };
    Text::strong("runs").plain(": ").and(tone, summary(runs))
}
