//! The names of environments: from their tags, else from their repositories, jobs or branches.

use std::collections::BTreeSet;

use super::Group;
use crate::model::EnvironmentName;

/// A name for each group, each once, and a comment where the tags name none.
pub(super) fn names(groups: &[Group<'_>]) -> Vec<(EnvironmentName, Option<String>)> {
    let mut taken = BTreeSet::new();
    groups
        .iter()
        .map(|group| {
            let (name, comment) = name(group);
            let free = candidates(&name).find(|name| taken.insert(name.clone()));
            (free.unwrap_or_else(fallback), comment)
        })
        .collect()
}

fn name(group: &Group<'_>) -> (String, Option<String>) {
    if let Some(label) = &group.label {
        return (label.clone(), None);
    }
    let comment =
        |why: &str| Some(format!("its tags name no environment; {why}. Rename it as you like"));
    if let Some(word) = &group.word {
        return (word.clone(), comment("the name is from its repositories"));
    }
    let jobs: BTreeSet<&String> =
        group.members.iter().filter_map(|one| one.sighting.environment.as_ref()).collect();
    let single = |set: &BTreeSet<&String>| match set.len() {
        1 => set.first().map(|name| (*name).clone()),
        _ => None,
    };
    let is_name = |name: &String| EnvironmentName::parse(name).is_ok();
    if let Some(job) = single(&jobs).filter(is_name) {
        return (job, comment("the name is the `environment` of the job"));
    }
    let branches: BTreeSet<&String> =
        group.members.iter().flat_map(|one| &one.sighting.branches.named).collect();
    let others = group.members.iter().any(|one| one.sighting.branches.others);
    match single(&branches).filter(|name| !others && is_name(name)) {
        Some(branch) => (branch, comment("the name is that of the branch")),
        None => (DEFAULT.to_owned(), comment("the name stands for whatever they are deployed to")),
    }
}

const DEFAULT: &str = "default";

/// Names for an environment, the best first.
fn candidates(name: &str) -> impl Iterator<Item = EnvironmentName> + '_ {
    const LONGEST: usize = 60;
    let cut = name.get(..LONGEST).unwrap_or(name);
    let numbered = (2..10_000).map(move |number| format!("{cut}-{number}"));
    let all = std::iter::once(cut.to_owned()).chain(numbered);
    all.filter_map(|name| EnvironmentName::parse(&name).ok())
}

/// The name where no other is free; no draft has so many environments.
#[expect(clippy::expect_used, reason = "a literal that is a name")]
fn fallback() -> EnvironmentName {
    EnvironmentName::parse(DEFAULT).expect("a name")
}
