//! `tags check`: what a policy means, one line for each environment and each rule.

use std::collections::BTreeSet;
use std::time::Duration;

use super::super::block::{Block, Note, Page, Text, Tone, Written};
use super::super::{PolicySummary, counted};
use crate::model::{EnvironmentName, ImageName, RegistryName};
use crate::policy::{Environment, Policy, Retention, RetentionScope};

/// What a policy means.
pub(super) fn check(summary: &PolicySummary, page: &mut Page<'_>) -> Written {
    let policy = &summary.policy;
    page.put(Block::Heading(format!("{}: valid", summary.name).into()))?;
    let blocks = policy.environments.values().map(environment);
    page.put_each(blocks)?;
    let mut rules: Vec<Text> = policy.retention.iter().map(rule).collect();
    rules.extend(
        policy.untagged_keep_within.map(|time| {
            Text::from(format!("manifests without a tag: kept for {}", time_text(time)))
        }),
    );
    let title = if rules.is_empty() {
        "cleanup deletes nothing: there are no retention rules"
    } else {
        rules.extend(always(policy));
        rules.push(limits(policy));
        "cleanup deletes what these rules do not keep; what no rule covers is kept"
    };
    page.put(Block::Item(title.into(), vec![Block::List(rules)]))?;
    let remarks = summary.remarks().into_iter();
    let remarks = remarks.map(|text| Note::new(Tone::Caution, "note", text).block());
    page.put(Block::Tight(remarks.collect()))
}

fn environment(environment: &Environment) -> Block {
    let registries: BTreeSet<&str> = environment
        .images
        .values()
        .flat_map(|image| image.repositories.keys().map(RegistryName::as_str))
        .collect();
    let images: Vec<&str> = environment.images.keys().map(ImageName::as_str).collect();
    let places: usize = environment.images.values().map(|one| one.repositories.len()).sum();
    let branch = environment.branch.as_deref().map(|name| format!(" (branch {name})"));
    let title = Text::strong(&environment.name).plain(branch.unwrap_or_default());
    let scheme = &environment.scheme;
    let lines = [
        format!("tags: {} and {}", scheme.sha, scheme.latest),
        format!("images: {}", shortened(&images)),
        format!(
            "a release is complete in {}: {}",
            counted(places, "place"),
            registries.into_iter().collect::<Vec<_>>().join(", ")
        ),
        format!("order of releases: {}", environment.order.as_str()),
    ];
    Block::Item(title, vec![Block::List(lines.map(Text::from).into())])
}

/// The first names, and how many more there are.
fn shortened(names: &[&str]) -> String {
    const MOST: usize = 8;
    let more = names.len().saturating_sub(MOST);
    let shown = names[..names.len() - more].join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

fn rule(rule: &Retention) -> Text {
    let what = match &rule.scope {
        RetentionScope::Environments(names) => {
            let names: Vec<&str> = names.iter().map(EnvironmentName::as_str).collect();
            format!("releases of {}", names.join(", "))
        }
        RetentionScope::Tags(globs) => {
            let globs: Vec<&str> = globs.iter().map(|glob| glob.glob().glob()).collect();
            format!("tags {}", globs.join(", "))
        }
    };
    let last = rule.keep_last.map(|count| format!("the last {count}"));
    let within = rule.keep_within.map(|time| format!("those of the last {}", time_text(time)));
    let kept: Vec<String> = last.into_iter().chain(within).collect();
    Text::from(format!("{what}: keeps {}", kept.join(" and ")))
}

fn always(policy: &Policy) -> Vec<Text> {
    let protect = &policy.protect;
    let before = protect.rollback_depth;
    let mut kept = vec![
        format!("latest tags, current releases, and {before} complete before each"),
        format!("everything younger than {}", time_text(protect.min_age)),
    ];
    if !protect.tags.is_empty() {
        let globs: Vec<&str> = protect.tags.iter().map(|glob| glob.glob().glob()).collect();
        kept.push(format!("tags {}", globs.join(", ")));
    }
    kept.into_iter().map(|what| Text::from(format!("always kept: {what}"))).collect()
}

fn limits(policy: &Policy) -> Text {
    let share = policy.limits.max_share * 100.0;
    let most = counted(policy.limits.max_deletions as usize, "manifest");
    Text::from(format!("limits of one run: {most}, {share:.0} % of a repository"))
}

fn time_text(time: Duration) -> String {
    const DAY: u64 = 24 * 60 * 60;
    let seconds = time.as_secs();
    // Without this 90 days would be `2months 29days …`.
    if seconds > 0 && seconds.is_multiple_of(DAY) {
        return counted(usize::try_from(seconds / DAY).unwrap_or(usize::MAX), "day");
    }
    humantime::format_duration(time).to_string()
}
