//! `tags cleanup` and `tags apply` in Markdown: the tables open, the long lists folded.

use super::super::escape::{html, markdown};
use super::super::grouping::{self, GoingGroup, GoingRelease};
use super::super::human::bytes;
use super::super::{Cleanup, counted};
use super::{head, row};
use crate::change::Application;
use crate::model::Sha;
use crate::retention::Plan;

/// A summary that everybody can read; the plan file has the rest.
const SHOWN: usize = 200;

/// The whole report.
#[must_use]
pub fn cleanup(cleanup: &Cleanup<'_>) -> String {
    let mut text = title(cleanup);
    for refusal in cleanup.refusals {
        let (why, hint) = (markdown(&refusal.to_string()), markdown(refusal.hint()));
        text.push_str(&format!("- **refused**: {why} ({hint})\n"));
    }
    if let Some(application) = cleanup.application {
        text.push_str(&applied(cleanup, application));
    }
    text.push_str(&doubts(cleanup.plan));
    text.push_str(&environments(cleanup.plan));
    text.push_str(&repositories(cleanup.plan));
    for group in grouping::going(cleanup.plan, cleanup.policy) {
        text.push_str(&going(&group));
    }
    text + &staying(cleanup.plan)
}

fn title(cleanup: &Cleanup<'_>) -> String {
    let (command, outcome) = (cleanup.command.as_str(), cleanup.outcome().as_str());
    let totals = cleanup.figures();
    let (delete, untag, keep) = match cleanup.application {
        Some(_) => ("deleted", "untagged", "kept"),
        None => ("would delete", "untag", "keep"),
    };
    let (manifests, size) = (counted(totals.delete, "manifest"), bytes(totals.bytes));
    let sum =
        format!("{delete} {manifests} ({size}), {untag} {}, {keep} {}", totals.untag, totals.keep);
    let rest = if cleanup.application.is_some() { "" } else { "; nothing was changed" };
    format!("### tags {command}: {outcome}\n\n{sum}{rest}\n\n")
}

/// What was done, what was left and why, and what survived.
fn applied(cleanup: &Cleanup<'_>, application: &Application) -> String {
    let mut text = String::new();
    for group in grouping::left(application) {
        let (word, why) = (group.result.as_str(), markdown(group.message));
        text.push_str(&format!("- **{word}** {}: {why}\n", group.entries.len()));
    }
    let mut whole = 0;
    for survivor in &application.survivors {
        let name = markdown(&format!("{}:{}", survivor.repository, survivor.tag));
        match (&survivor.damage, &survivor.unread) {
            (Some(damage), _) => {
                text.push_str(&format!("- **damaged** {name}: {}\n", markdown(damage)));
            }
            (None, Some(why)) => {
                text.push_str(&format!("- **not checked** {name}: {}\n", markdown(why)));
            }
            (None, None) => whole += 1,
        }
    }
    if whole > 0 {
        let of = application.survivors.len();
        text.push_str(&format!("- whole: {whole} of {} that had to survive\n", counted(of, "tag")));
    }
    if application.interrupted {
        let rest = counted(cleanup.not_reached(), "manifest");
        text.push_str(&format!("- **interrupted**: {rest} not reached\n"));
    }
    if let Some(journal) = cleanup.journal {
        text.push_str(&format!("- journal: {}\n", markdown(journal)));
    }
    text + "\n"
}

fn doubts(plan: &Plan) -> String {
    let mut text = String::new();
    for warning in &plan.warnings {
        text.push_str(&format!("- **warning**: {}\n", markdown(warning)));
    }
    for coverage in &plan.coverage {
        if let Some(why) = &coverage.unread {
            let name = markdown(&coverage.repository.to_string());
            let why = markdown(&why.message);
            text.push_str(&format!(
                "- **{name} could not be read to its end**, so that all of it stays: {why}\n"
            ));
        }
    }
    if text.is_empty() { text } else { text + "\n" }
}

fn environments(plan: &Plan) -> String {
    if plan.outlook.is_empty() {
        return String::new();
    }
    let columns = ["environment", "stay", "go", "current", "rollback to"];
    let mut text = head("What remains", &columns);
    let shas = |shas: &[Sha], none: &str| {
        let short: Vec<&str> = shas.iter().map(Sha::short).collect();
        if short.is_empty() { none.to_owned() } else { short.join(", ") }
    };
    for outlook in &plan.outlook {
        text.push_str(&row(&[
            markdown(outlook.environment.as_str()),
            outlook.kept.to_string(),
            outlook.going.to_string(),
            shas(&outlook.current, "unknown"),
            shas(&outlook.floor, "**nothing**"),
        ]));
    }
    text + "\n"
}

fn repositories(plan: &Plan) -> String {
    let columns = ["repository", "go", "size", "lose tags", "stay", "size", "read"];
    let mut text = head("Repositories", &columns);
    for share in grouping::repositories(plan) {
        text.push_str(&row(&[
            markdown(&share.repository.to_string()),
            share.going.manifests.to_string(),
            bytes(share.going.bytes),
            share.untagged.to_string(),
            share.staying.manifests.to_string(),
            bytes(share.staying.bytes),
            if share.is_whole { "whole" } else { "in part" }.to_owned(),
        ]));
    }
    text + "\n"
}

fn going(group: &GoingGroup<'_>) -> String {
    let rule = group.rule.map(|rule| format!(" ({})", html(rule.as_str())));
    let title = format!("{}{}: {}", group.code, rule.unwrap_or_default(), group.sum());
    let why = group.message.map(|why| format!("{}\n\n", markdown(why))).unwrap_or_default();
    let mut text = format!("<details><summary>{title}</summary>\n\n{why}");
    for release in group.releases.iter().take(SHOWN) {
        text.push_str(&release_line(release));
    }
    if group.releases.len() > SHOWN {
        let more = counted(group.releases.len() - SHOWN, "more release");
        text.push_str(&format!("- and {more}\n"));
    }
    for (repository, tags) in &group.tags {
        let names: Vec<String> =
            tags.iter().take(SHOWN).map(|tag| markdown(tag.as_str())).collect();
        let more = tags.len() - names.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let repository = markdown(&repository.to_string());
        text.push_str(&format!("- {repository}: {}{more}\n", names.join(", ")));
    }
    for (repository, count) in &group.untagged {
        text.push_str(&format!("- {}: {count} without a tag\n", markdown(&repository.to_string())));
    }
    text + "\n</details>\n\n"
}

fn release_line(release: &GoingRelease<'_>) -> String {
    let day = release.time.map(|time| time.format(", %Y-%m-%d").to_string());
    let environment = markdown(release.environment.as_str());
    let (day, places) = (day.unwrap_or_default(), markdown(&release.places()));
    format!("- {environment} {}{day}: {places}\n", release.sha)
}

fn staying(plan: &Plan) -> String {
    let groups = grouping::staying(plan);
    if groups.is_empty() {
        return String::new();
    }
    let mut text = head("What stays", &["reason", "rule", "manifests", "size", "meaning"]);
    for group in groups {
        text.push_str(&row(&[
            group.code.as_str().to_owned(),
            group.rule.map(|rule| markdown(rule.as_str())).unwrap_or_default(),
            group.amount.manifests.to_string(),
            bytes(group.amount.bytes),
            grouping::meaning(group.code).to_owned(),
        ]));
    }
    text
}
