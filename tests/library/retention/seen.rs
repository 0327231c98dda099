//! An independent view of a scene and its plan: what is deleted, what is reached, the inventory of an
//! environment, and what is left. Written without the engine, to be compared with it.

use std::collections::{BTreeMap, BTreeSet};

use tags::model::{
    Contents, Coverage, Digest, Inventory, Place, PushTimes, Repository, RepositoryContents,
    RepositoryInventory, TagKind, TagName, TagRecord, TagState,
};
use tags::policy::Environment;
use tags::retention::{Decision, Plan, PlanEntry};

use crate::retention::scene::Scene;

pub(crate) fn deleted(plan: &Plan) -> BTreeSet<(Repository, Digest)> {
    let deleted = plan.entries.iter().filter(|entry| entry.decision == Decision::Delete);
    deleted.map(|entry| (entry.repository.clone(), entry.digest.clone())).collect()
}

/// The tags that a plan takes away from an entry.
pub(crate) fn lost(entry: &PlanEntry) -> Vec<TagName> {
    match &entry.decision {
        Decision::Keep => Vec::new(),
        Decision::Untag(tags) => tags.clone(),
        Decision::Delete => entry.tags.clone(),
    }
}

/// All that some manifests of a repository reach: children, subjects, and their referrers.
pub(crate) fn reached(contents: &RepositoryContents, roots: BTreeSet<Digest>) -> BTreeSet<Digest> {
    let about = |a: &tags::model::ManifestRecord, b: &Digest| {
        let by_tag = a.tags.iter().any(|tag| {
            tag.name.as_str().starts_with(&format!("{}-{}", b.algorithm(), b.encoded()))
        });
        by_tag || a.references.subject() == Some(b)
    };
    let is_there = |digest: &Digest| contents.manifests.iter().any(|r| r.digest == *digest);
    let mut reached = roots;
    loop {
        let before = reached.len();
        for record in &contents.manifests {
            if reached.contains(&record.digest) {
                reached
                    .extend(record.references.children().iter().filter(|d| is_there(d)).cloned());
                let subjects = contents.manifests.iter().filter(|b| about(record, &b.digest));
                reached.extend(subjects.map(|subject| subject.digest.clone()));
            } else if reached.iter().any(|digest| about(record, digest)) {
                reached.insert(record.digest.clone());
            }
        }
        if reached.len() == before {
            return reached;
        }
    }
}

/// The places of an environment with what they hold, as history sees them.
pub(crate) fn inventory(scene: &Scene, environment: &Environment) -> Inventory {
    let mut repositories = BTreeMap::new();
    for (image, settings) in &environment.images {
        for (registry, repository) in &settings.repositories {
            let place = Place { image: image.clone(), registry: registry.clone() };
            let contents = of(&scene.contents, repository);
            let mut tags = BTreeMap::new();
            for record in &contents.manifests {
                for tag in &record.tags {
                    if environment.scheme.classify(&tag.name) == TagKind::Foreign {
                        continue;
                    }
                    let digest = record.digest.clone();
                    let pushed = match contents.push_times {
                        PushTimes::OfTags => tag.pushed,
                        PushTimes::OfDigests => record.pushed,
                        PushTimes::Unknown => None,
                    };
                    let read = TagRecord { digest, pushed, built: record.built };
                    tags.insert(tag.name.clone(), TagState::Read(read));
                }
            }
            let repository = repository.clone();
            let (coverage, push_times) = (Coverage::Complete, contents.push_times);
            let read = RepositoryInventory { repository, coverage, push_times, tags };
            repositories.insert(place, read);
        }
    }
    Inventory { environment: environment.name.clone(), repositories }
}

pub(crate) fn of<'a>(contents: &'a Contents, repository: &Repository) -> &'a RepositoryContents {
    let found = contents.repositories.iter().find(|known| known.repository == *repository);
    found.expect("a repository of the policy")
}

/// What is left after a plan was carried out.
pub(crate) fn after(scene: &Scene, plan: &Plan) -> Scene {
    let mut scene = scene.clone();
    for entry in &plan.entries {
        let lost = lost(entry);
        let contents = &mut scene.contents.repositories;
        let repository =
            contents.iter_mut().find(|known| known.repository == entry.repository).expect("known");
        if entry.decision == Decision::Delete {
            repository.manifests.retain(|record| record.digest != entry.digest);
        }
        for record in &mut repository.manifests {
            if record.digest == entry.digest {
                let mut tags = record.tags.to_vec();
                tags.retain(|tag| !lost.contains(&tag.name));
                record.tags = tags.into();
            }
        }
    }
    scene
}

pub(crate) fn reversed(scene: &Scene) -> Scene {
    let mut scene = scene.clone();
    scene.contents.repositories.reverse();
    for repository in &mut scene.contents.repositories {
        repository.manifests.reverse();
        for record in &mut repository.manifests {
            record.tags.reverse();
        }
    }
    scene
}
