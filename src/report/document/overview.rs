//! `tags report` in short: a sentence for each environment, what could not be read, and where the page is.

use chrono::{DateTime, Utc};

use super::super::block::{Block, Note, Page, Reader, Text, Tone, Written};
use super::super::words::{ago, bytes};
use super::super::{EnvironmentOverview, Overview, Wholeness, counted};
use crate::model::Unread;

/// The whole report.
pub(super) fn overview(overview: &Overview, page: &mut Page<'_>) -> Written {
    page.for_markdown(|| Block::Heading("Container releases".into()))?;
    page.put_each(plan_problem(overview).into_iter())?;
    let line = |of: &EnvironmentOverview| {
        let tone = match of.wholeness() {
            Wholeness::Whole => Tone::Good,
            Wholeness::Broken => Tone::Bad,
            Wholeness::Unknown => Tone::Caution,
        };
        Text::new(tone, of.name()).plain(format!(": {}", sentence(of, overview.now)))
    };
    page.put(Block::List(overview.environments.iter().map(line).collect()))?;
    page.put(Block::Paragraph(plan(overview).into()))?;
    page.put_each(unread(overview))?;
    // On a terminal they stand on stderr.
    if matches!(page.reader, Reader::Markdown) {
        page.put_each(overview.warnings.iter().map(|warning| {
            let hint = warning.hint.clone();
            Block::Note(Note { hint, ..Note::new(Tone::Caution, "warning", &warning.text) })
        }))?;
    }
    match &overview.page {
        Some(name) => page.put(Block::Paragraph(format!("page: {name}").into())),
        None => Ok(()),
    }
}

/// What is wrong with the plan that is shown.
pub(super) fn plan_problem(overview: &Overview) -> Option<Block> {
    let (text, hint) = overview.plan_problem()?;
    let hint = Some(hint.to_owned());
    Some(Block::Note(Note { hint, ..Note::new(Tone::Bad, "error", text) }))
}

/// What could not be read: each reason once, with everything that it concerns.
fn unread(overview: &Overview) -> impl Iterator<Item = Block> {
    let mut reasons: Vec<(&Unread, Vec<String>)> = Vec::new();
    for (what, why) in overview.unread() {
        match reasons.iter_mut().find(|(known, _)| known.message == why.message) {
            Some((_, concerned)) => concerned.push(what),
            None => reasons.push((why, vec![what])),
        }
    }
    reasons.into_iter().map(|(why, concerned)| {
        let text = format!("could not be read: {} ({})", why.message, concerned.join("; "));
        Block::Note(Note { hint: why.hint.clone(), ..Note::new(Tone::Caution, "warning", text) })
    })
}

/// What is current in an environment, since when, whether it is whole, and where a rollback goes.
pub(in crate::report) fn sentence(of: &EnvironmentOverview, now: DateTime<Utc>) -> String {
    let Some(current) = &of.target.current else {
        let follows = "nor what a rollback would go to";
        return format!("it is not known which release is current, {follows}");
    };
    let (sha, since) = (current.sha.short(), ago(current.time, now));
    format!("{sha} is current, {since}, and {}; {}", whole(of), rollback(of, now))
}

/// Whether the current release is whole.
fn whole(of: &EnvironmentOverview) -> String {
    match of.wholeness() {
        Wholeness::Whole => "whole".to_owned(),
        Wholeness::Broken => {
            let findings = of.verification.as_ref().map_or(0, |of| of.findings.len());
            format!("not whole ({})", counted(findings, "finding"))
        }
        Wholeness::Unknown => "it is unknown whether it is whole".to_owned(),
    }
}

fn rollback(of: &EnvironmentOverview, now: DateTime<Utc>) -> String {
    match (&of.target.target, of.target.verdict()) {
        (Some(target), _) => {
            format!("a rollback goes to {}, {}", target.sha.short(), ago(target.time, now))
        }
        (None, crate::report::RollbackVerdict::Unknown(_)) => {
            "it is unknown what a rollback could go to".to_owned()
        }
        (None, _) => "there is no release to roll back to".to_owned(),
    }
}

fn plan(overview: &Overview) -> String {
    match &overview.plan {
        Ok(cleanup) => {
            let totals = cleanup.plan.totals();
            let manifests = counted(totals.delete, "manifest");
            format!(
                "the plan: {manifests} to delete ({}), {} to keep",
                bytes(totals.bytes),
                totals.keep + totals.untag
            )
        }
        Err(why) => format!("no plan could be made: {}", why.message),
    }
}
