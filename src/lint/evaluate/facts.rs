//! What the set as a whole shows: which images it pushes, and which conventions it follows.

use std::collections::{BTreeMap, BTreeSet};

use super::job_kind::JobKind;
use super::job_run::JobRun;
use super::leg::{Origin, Push};
use crate::lint::conventions::Conventions;
use crate::lint::images;
use crate::lint::reference::{Reference, TagKind};
use crate::lint::symbol::Symbols;

/// What the set shows.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// The repositories that are pushed.
    pub(crate) repositories: BTreeSet<String>,
    /// Those that get a SHA or a version.
    pub(crate) immutable: BTreeSet<String>,
    /// The owners of the repositories that are pushed to, by host.
    pub(crate) namespaces: BTreeMap<String, BTreeSet<String>>,
    /// Those of them to which more than copies of other images are pushed.
    pub(crate) building: BTreeSet<(String, String)>,
    /// The images that are pushed as `<env>-<sha>` or `<env>-latest`.
    pub(crate) environment_images: BTreeSet<String>,
    /// The images that are pushed as `latest`.
    pub(crate) latest_images: BTreeSet<String>,
    /// Whether there is a migrate job.
    pub(crate) migrates: bool,
    /// Whether a migration has `--fake-initial`.
    pub(crate) has_fake_initial: bool,
}

impl Facts {
    /// Notes what is pushed.
    pub(super) fn of_pushes(
        job_runs: &[JobRun<'_>],
        conventions: Conventions<'_>,
        symbols: &Symbols,
    ) -> Self {
        let mut facts = Self::default();
        for push in job_runs.iter().flat_map(JobRun::pushes) {
            facts.note(push, conventions, symbols);
        }
        facts
    }

    fn note(&mut self, push: &Push, conventions: Conventions<'_>, symbols: &Symbols) {
        let reference = &push.reference;
        let repository = reference.repository();
        if matches!(conventions.kind(reference, symbols), kind if kind.is_immutable()) {
            self.immutable.insert(repository.clone());
        }
        self.repositories.insert(repository);
        let known = self.namespaces.entry(reference.host.clone()).or_default();
        known.insert(reference.namespace().to_owned());
        if !matches!(push.origin, Some(Origin::Image(_))) {
            self.building.insert((reference.host.clone(), reference.namespace().to_owned()));
        }
        if images::is_test(reference, conventions) {
            return;
        }
        let tag = reference.tag();
        let follows = reference.kind.names_commit() || tag.ends_with("latest");
        if follows && conventions.prefix(tag, symbols).is_some() {
            self.environment_images.insert(reference.image().to_owned());
        }
        if tag == "latest" && reference.kind == TagKind::Moving {
            self.latest_images.insert(reference.image().to_owned());
        }
    }

    /// Notes the jobs, whose kinds are known now.
    pub(super) fn add_jobs(&mut self, job_runs: &[JobRun<'_>]) {
        self.migrates = job_runs.iter().any(|run| run.kind == JobKind::Migrate);
        let migrations =
            || job_runs.iter().flat_map(|run| &run.legs).flat_map(|leg| &leg.migrations);
        self.has_fake_initial =
            migrations().any(|migration| migration.is_idempotent && migration.must_be_idempotent);
    }

    /// Whether an image is one of the set, a policy's, or named after an environment.
    pub(crate) fn is_own(
        &self,
        reference: &Reference,
        conventions: Conventions<'_>,
        symbols: &Symbols,
    ) -> bool {
        let repository = reference.repository();
        let of_environment = || {
            let host = &reference.host;
            (conventions.is_own_host(host) || self.namespaces.contains_key(host))
                && reference
                    .tag
                    .as_deref()
                    .is_some_and(|tag| conventions.prefix(tag, symbols).is_some())
        };
        self.repositories.contains(&repository)
            || conventions.names(&repository)
            || of_environment()
    }
}
