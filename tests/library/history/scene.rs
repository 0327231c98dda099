//! Builds inventories from a few words: every release is whole unless something is said of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use tags::model::{
    Coverage, Digest, GitHistory, Inventory, Place, PushTimes, RepositoryInventory, Sha, TagRecord,
    TagState, Unread, UnreadCause,
};
use tags::policy::{self, Environment};
use tags::releases::{
    Current, CurrentError, CurrentQuestion, Step, Timeline, TimelineInput, current, steps_back,
    timeline,
};

use crate::support::tag;

pub(crate) const NOW: &str = "2026-11-22T12:00:00Z";

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a date")
}

pub(crate) fn sha(text: &str) -> Sha {
    Sha::parse(text).expect("a SHA")
}

/// An environment `prod` with two images in two registries; `extra` goes into its table.
pub(crate) fn environment(extra: &str) -> Environment {
    let text = format!(
        r#"
version = 1
[registry.east]
kind = "oci"
url = "https://east.example"
[registry.west]
kind = "oci"
url = "https://west.example"
[image.backend]
repositories = {{ east = "acme/backend", west = "acme/backend" }}
[image.frontend]
repositories = {{ east = "acme/frontend", west = "acme/frontend" }}
[environment.prod]
sha-tag = "prod-{{sha}}"
latest-tag = "prod-latest"
{extra}
"#
    );
    let policy = policy::parse("scene.toml", &text).expect("a valid policy");
    policy.environments.into_values().next().expect("one environment")
}

/// What was read, under construction.
pub(crate) struct Scene {
    pub(crate) environment: Environment,
    pub(crate) inventory: Inventory,
    pub(crate) git: GitHistory,
}

impl Scene {
    pub(crate) fn new(extra: &str) -> Self {
        let environment = environment(extra);
        let mut repositories = BTreeMap::new();
        for (image, settings) in &environment.images {
            for (registry, repository) in &settings.repositories {
                let place = Place { image: image.clone(), registry: registry.clone() };
                let empty = RepositoryInventory {
                    repository: repository.clone(),
                    coverage: Coverage::Complete,
                    push_times: PushTimes::Unknown,
                    tags: BTreeMap::new(),
                };
                repositories.insert(place, empty);
            }
        }
        let inventory = Inventory { environment: environment.name.clone(), repositories };
        Self { environment, inventory, git: GitHistory::default() }
    }

    /// A release in all places, with content of its own.
    pub(crate) fn release(self, sha: &str, built: Option<&str>) -> Self {
        self.tagged(&format!("prod-{sha}"), sha, built)
    }

    /// A tag in all places; `content` makes the digests.
    pub(crate) fn tagged(mut self, name: &str, content: &str, built: Option<&str>) -> Self {
        for (place, repository) in &mut self.inventory.repositories {
            let digest = Digest::of(format!("{content} {}", place.image).as_bytes());
            let record = TagRecord { digest, pushed: None, built: built.map(at) };
            repository.tags.insert(tag(name), TagState::Read(record));
        }
        self
    }

    /// The latest tags of all places point to the content of a release.
    pub(crate) fn latest(self, content: &str) -> Self {
        self.tagged("prod-latest", content, None)
    }

    /// Changes the places that are `image` and `registry`, where given.
    pub(crate) fn change(
        mut self,
        (image, registry): (&str, &str),
        change: impl Fn(&mut RepositoryInventory),
    ) -> Self {
        for (place, repository) in &mut self.inventory.repositories {
            let is = |wanted: &str, name: &str| wanted == "*" || wanted == name;
            if is(image, place.image.as_str()) && is(registry, place.registry.as_str()) {
                change(repository);
            }
        }
        self
    }

    /// A tag is not there.
    pub(crate) fn without(self, places: (&str, &str), name: &str) -> Self {
        self.change(places, |repository| {
            repository.tags.remove(&tag(name));
        })
    }

    /// A tag points to other content.
    pub(crate) fn other(self, places: (&str, &str), name: &str, content: &str) -> Self {
        self.change(places, |repository| {
            if let Some(TagState::Read(record)) = repository.tags.get_mut(&tag(name)) {
                record.digest = Digest::of(content.as_bytes());
            }
        })
    }

    /// A tag was listed, but what it points to could not be read.
    pub(crate) fn tag_unread(self, places: (&str, &str), name: &str) -> Self {
        self.change(places, |repository| {
            repository.tags.insert(tag(name), TagState::Unread);
            let cause = UnreadCause::Unreachable;
            let why = Unread { cause, message: "503".to_owned(), hint: None };
            repository.coverage = Coverage::TagsUnread(why);
        })
    }

    /// A registry's listing failed before anything was read.
    pub(crate) fn unread(self, registry: &str, cause: UnreadCause) -> Self {
        self.change(("*", registry), |repository| {
            repository.tags.clear();
            let why = Unread { cause, message: format!("{registry} is down"), hint: None };
            repository.coverage = Coverage::Unlisted(why);
        })
    }

    /// The checkout's history, newest first.
    pub(crate) fn git(mut self, commits: &[&str]) -> Self {
        let commits = commits.iter().map(|text| (sha(text), at("2026-01-01T00:00:00Z")));
        self.git = GitHistory::new(commits.collect());
        self
    }

    pub(crate) fn timeline(&self) -> Timeline {
        timeline(&TimelineInput {
            environment: &self.environment,
            inventory: &self.inventory,
            git: &self.git,
            now: at(NOW),
        })
    }

    pub(crate) fn current(&self, question: CurrentQuestion<'_>) -> Result<Current, CurrentError> {
        current(&self.environment, &self.inventory, &self.timeline(), question)
    }

    /// The way back from what is current, in words: `SHA` or `SHA code`.
    pub(crate) fn way_back(&self) -> Vec<String> {
        let timeline = self.timeline();
        let current = self.current(CurrentQuestion::LatestTags).expect("a current release");
        steps_back(&self.environment, &timeline, current.index)
            .into_iter()
            .map(|step| match step {
                Step::Candidate(release) => release.sha.to_string(),
                Step::Skip(skipped) => format!("{} {}", skipped.sha, skipped.code),
                Step::Unread(release) => format!("{} unread", release.sha),
                Step::DeploymentsUnread => "deployments unread".to_owned(),
            })
            .collect()
    }
}
