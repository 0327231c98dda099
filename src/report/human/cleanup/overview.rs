//! The tables of a plan: environments, repositories, and what stays for which reason.

use super::super::table::columns;
use super::{CAUTION, Detail, STRONG, View, bytes, shown, styled};
use crate::model::Sha;
use crate::report::grouping::{self, RepositoryShare};
use crate::retention::{EnvironmentSummary, Plan};

/// What remains of each environment.
pub(super) fn environments(plan: &Plan, view: View) -> String {
    if plan.outlook.is_empty() {
        return String::new();
    }
    let shas = |shas: &[Sha]| {
        let whole = view.detail == Detail::Whole;
        let text = |sha: &Sha| if whole { sha.as_str() } else { sha.short() }.to_owned();
        shas.iter().map(text).collect::<Vec<_>>().join(", ")
    };
    let row = |outlook: &EnvironmentSummary| {
        let current =
            if outlook.current.is_empty() { "unknown".to_owned() } else { shas(&outlook.current) };
        // Two or three tell enough on a narrow terminal.
        let floor = match outlook.floor.as_slice() {
            [] => "nothing".to_owned(),
            [a, b, rest @ ..] if !view.is_wide() && !rest.is_empty() => {
                format!("{}, {} and {} more", a.short(), b.short(), rest.len())
            }
            floor => shas(floor),
        };
        let name = outlook.environment.to_string();
        vec![name, outlook.kept.to_string(), outlook.going.to_string(), current, floor]
    };
    let head = ["ENVIRONMENT", "STAY", "GO", "CURRENT", "ROLLBACK TO"];
    let mut text = columns(&head, plan.outlook.iter().map(row).collect());
    for outlook in plan.outlook.iter().filter(|outlook| outlook.floor.is_empty()) {
        let (label, name) = (styled(CAUTION, "note"), &outlook.environment);
        text.push_str(&format!("{label}: no release of {name} is held for a rollback\n"));
    }
    text + "\n"
}

/// What each repository loses and keeps.
pub(super) fn repositories(plan: &Plan, view: View) -> String {
    let shares = grouping::repositories(plan);
    if shares.is_empty() {
        return String::new();
    }
    let untags = shares.iter().any(|share| share.untagged > 0);
    let mut head = vec!["REPOSITORY", "GO", "SIZE", "STAY", "SIZE"];
    head.extend(untags.then_some("LOSE TAGS"));
    head.push("");
    let row = |share: &RepositoryShare<'_>| {
        let mut row = vec![
            name(share, view),
            share.going.manifests.to_string(),
            bytes(share.going.bytes),
            share.staying.manifests.to_string(),
            bytes(share.staying.bytes),
        ];
        row.extend(untags.then(|| share.untagged.to_string()));
        row.push(if share.is_whole { "" } else { "not read to its end" }.to_owned());
        row
    };
    let table = columns(&head, shares.iter().map(row).collect());
    table + "sizes are those that manifests name; a layer in several counts each time\n\n"
}

/// The address, or on a narrow terminal the image and the registry's name.
fn name(share: &RepositoryShare<'_>, view: View) -> String {
    if view.is_wide() {
        return shown(share.repository);
    }
    let image = share.image.map_or(share.repository.path.as_str(), |image| image.as_str());
    format!("{image}@{}", share.repository.registry)
}

/// What stays, a line a reason.
pub(super) fn staying(plan: &Plan) -> String {
    let groups = grouping::staying(plan);
    if groups.is_empty() {
        return String::new();
    }
    let rows = groups.iter().map(|group| {
        vec![
            format!("  {}", group.code.as_str()),
            group.rule.map(shown).unwrap_or_default(),
            group.amount.manifests.to_string(),
            bytes(group.amount.bytes),
            grouping::meaning(group.code).to_owned(),
        ]
    });
    let table = columns(&["  REASON", "RULE", "MANIFESTS", "SIZE", ""], rows.collect());
    format!("{}\n\n{table}\n", styled(STRONG, "What stays"))
}
