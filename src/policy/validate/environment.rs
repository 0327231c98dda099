//! `[environment.<name>]`: resolves the images and repositories of each environment.
//!
//! Its tags are read in `scheme`; `collision` checks that two environments do not share tags.

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;

use super::github::{Pipeline, pipeline};
use super::image::{Image, RepositoryOwners};
use super::registry::repository;
use super::scheme::scheme;
use super::value::{choice, parsed, refer, references, refuse_duplicates, shas};
use crate::model::{EnvironmentName, ImageName, RegistryName, ReleaseOrder, Repository};
use crate::policy::Span;
use crate::policy::patterns::{FoundImages, ImagePatterns};
use crate::policy::problem::Problems;
use crate::policy::raw::{RawEnvironment, RawPolicy};
use crate::policy::read::Field;
use crate::policy::settings::{Environment, EnvironmentImage, RegistrySettings};

/// What an environment may refer to.
pub(super) struct Definitions<'a> {
    /// The file.
    pub(super) raw: &'a RawPolicy,
    /// Its valid registries.
    pub(super) registries: &'a BTreeMap<RegistryName, RegistrySettings>,
    /// Its valid images, and those that were found.
    pub(super) images: &'a BTreeMap<ImageName, Image>,
    /// By which images are found, if there are patterns.
    pub(super) patterns: Option<&'a ImagePatterns>,
    /// What was found, if it was looked for.
    pub(super) found: Option<&'a FoundImages>,
}

impl<'a> Definitions<'a> {
    /// The names of all images, broken or not. As long as it was not looked for those that patterns find,
    /// `written` names that fit are accepted.
    fn image_names(&self, written: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
        let mut names: Vec<&str> = self.raw.image.names().collect();
        let found = self.images.keys().map(ImageName::as_str);
        names.extend(found.filter(|name| !self.raw.image.has(name)));
        if self.found.is_none()
            && let Some(patterns) = self.patterns
        {
            names.extend(written.filter(|name| patterns.fits(name)));
        }
        names
    }
}

/// The valid environments.
pub(super) fn environments(
    definitions: &Definitions<'_>,
    owners: &mut RepositoryOwners,
    problems: &mut Problems,
) -> BTreeMap<EnvironmentName, Environment> {
    let mut environments = BTreeMap::new();
    for (key, value) in definitions.raw.environment.entries() {
        let name = parsed(key, EnvironmentName::parse, problems);
        let Some(table) = value else { continue };
        let mut one = EnvironmentCheck { definitions, raw: table.get_ref(), key, problems };
        let images = one.images(owners);
        let environment = one.environment(name, images);
        environments.extend(environment.map(|sound| (sound.name.clone(), sound)));
    }
    environments
}

/// One environment while it is checked.
struct EnvironmentCheck<'a> {
    definitions: &'a Definitions<'a>,
    raw: &'a RawEnvironment,
    key: &'a Spanned<String>,
    problems: &'a mut Problems,
}

/// An environment's own repositories, by registry and image as written.
type Overrides<'a> = BTreeMap<(&'a str, &'a str), Option<(Repository, Span)>>;

impl<'a> EnvironmentCheck<'a> {
    fn environment(
        &mut self,
        name: Option<EnvironmentName>,
        images: BTreeMap<ImageName, EnvironmentImage>,
    ) -> Option<Environment> {
        let raw = self.raw;
        let orders = ReleaseOrder::ALL.map(|order| (order.as_str(), order));
        let order = match raw.order.set() {
            Some(text) => choice("order", text, &orders, self.problems),
            None => Some(ReleaseOrder::default()),
        };
        if let Some(branch) = raw.branch.set().filter(|branch| branch.get_ref().is_empty()) {
            self.problems.add(branch.span(), "`branch` is empty");
        }
        let bad_shas = shas(&raw.bad_shas, self.problems);
        let promote_from = self.promote_from();
        let has_github = !matches!(self.definitions.raw.github, Field::Missing);
        let Pipeline { deploys, run_limits } =
            pipeline((raw, self.key), order, has_github, self.problems);
        let scheme = scheme(raw, self.key, self.problems);
        let registries = self.definitions.registries.values();
        let mirrors = registries.map(|one| (one.name.clone(), one.mirrors.clone())).collect();
        let is_found = |name: &&ImageName| {
            self.definitions.found.is_some_and(|found| found.contains_key(*name))
        };
        let found = images.keys().filter(is_found).cloned().collect();
        Some(Environment {
            name: name?,
            branch: raw.branch.get().cloned(),
            scheme: scheme?,
            latest_required: raw.latest_required.get().copied().unwrap_or(true),
            images,
            found,
            order: order?,
            same_digest: raw.same_digest.get().copied().unwrap_or(true),
            bad_shas,
            promote_from,
            deploys,
            run_limits,
            mirrors,
        })
    }

    /// The environments whose releases may be promoted to this one.
    fn promote_from(&mut self) -> Vec<EnvironmentName> {
        let known: Vec<&str> = self.definitions.raw.environment.names().collect();
        let own = self.key.get_ref();
        let list = &self.raw.promote_from;
        if let Some(own) = list.items().find(|name| name.get_ref() == own) {
            self.problems
                .add(own.span(), format!("`{}` cannot be promoted to itself", own.get_ref()));
        }
        refuse_duplicates(list, self.problems);
        let mut named = Vec::new();
        for name in list.items() {
            if refer("environment", name, &known, self.problems).is_some() {
                named.extend(EnvironmentName::parse(name.get_ref()));
            }
        }
        named
    }

    fn images(&mut self, owners: &mut RepositoryOwners) -> BTreeMap<ImageName, EnvironmentImage> {
        let definitions = self.definitions;
        let registries = self.registries();
        let chosen = self.chosen_images();
        let overrides = self.overrides();
        self.refuse_unused(&registries, &chosen);
        let mut images = BTreeMap::new();
        for (name, image) in definitions.images {
            if !chosen.contains(name.as_str()) {
                continue;
            }
            let mut repositories = image.repositories.clone();
            for ((_, image), own) in &overrides {
                if let Some((repository, span)) = own.as_ref().filter(|_| *image == name.as_str()) {
                    owners.add(name, repository, span.clone());
                    repositories.insert(repository.registry.clone(), repository.clone());
                }
            }
            repositories.retain(|registry, _| registries.contains(registry.as_str()));
            // What was found in other registries only is none of this environment.
            if repositories.is_empty() && !definitions.raw.image.has(name.as_str()) {
                continue;
            }
            self.check_reach(name, &registries, &overrides);
            let platforms = image.platforms.clone();
            images.insert(name.clone(), EnvironmentImage { platforms, repositories });
        }
        if definitions.found.is_some() && images.is_empty() {
            let message = format!("environment `{}` has no images", self.key.get_ref());
            let help = "no repository that fits `[images]` is in one of its registries";
            self.problems.add_with_help(self.key.span(), message, help);
        }
        images
    }

    /// The registries that the environment uses.
    fn registries(&mut self) -> BTreeSet<&'a str> {
        let known: Vec<&str> = self.definitions.raw.registry.names().collect();
        if self.raw.registries.set().is_none() {
            return known.into_iter().collect();
        }
        let key = ("registries", "registry");
        references(key, &self.raw.registries, &known, self.problems).into_iter().collect()
    }

    /// The images that the environment is made of.
    fn chosen_images(&mut self) -> BTreeSet<&'a str> {
        let written = self.raw.images.items().map(|name| name.get_ref().as_str());
        let known = self.definitions.image_names(written);
        if self.raw.images.set().is_some() {
            let key = ("images", "image");
            return references(key, &self.raw.images, &known, self.problems).into_iter().collect();
        }
        if known.is_empty() && self.definitions.patterns.is_none() {
            let message = format!("environment `{}` has no images", self.key.get_ref());
            let help = "add one in a table `[image.<name>]`, or look for them with `[images]`";
            self.problems.add_with_help(self.key.span(), message, help);
        }
        known.into_iter().collect()
    }

    fn overrides(&mut self) -> Overrides<'a> {
        let (definitions, raw) = (self.definitions, self.raw);
        let registries: Vec<&str> = definitions.raw.registry.names().collect();
        let tables = raw.repositories.entries().filter_map(|(_, table)| table);
        let written = tables.flat_map(|table| table.get_ref().0.keys());
        let images = definitions.image_names(written.map(|name| name.get_ref().as_str()));
        let mut overrides = Overrides::new();
        for (registry, table) in raw.repositories.entries() {
            let known = refer("registry", registry, &registries, self.problems);
            let sound =
                definitions.registries.values().find(|r| r.name.as_str() == registry.get_ref());
            for (image, path) in table.iter().flat_map(|table| table.get_ref().0.iter()) {
                let known = known.and(refer("image", image, &images, self.problems));
                let own = path
                    .as_ref()
                    .and_then(|path| Some((repository(sound, path, self.problems)?, path.span())));
                if known.is_some() {
                    overrides.insert((registry.get_ref(), image.get_ref()), own);
                }
            }
        }
        overrides
    }

    /// Adds a problem for each of the environment's own repositories that it does not use.
    fn refuse_unused(&mut self, registries: &BTreeSet<&str>, images: &BTreeSet<&str>) {
        let (definitions, raw) = (self.definitions, self.raw);
        for (registry, table) in raw.repositories.entries() {
            let name = registry.get_ref().as_str();
            if definitions.raw.registry.has(name) && !registries.contains(name) {
                let message = format!("`{name}` is not one of the `registries` of `{}`", self.key);
                self.problems.add(registry.span(), message);
            }
            for (image, _) in table.iter().flat_map(|table| table.get_ref().0.iter()) {
                let name = image.get_ref().as_str();
                if definitions.raw.image.has(name) && !images.contains(name) {
                    let message = format!("`{name}` is not one of the `images` of `{}`", self.key);
                    self.problems.add(image.span(), message);
                }
            }
        }
    }

    /// Adds a problem for an image that is in none of the environment's registries. Checks the names as
    /// written, so that an invalid registry does not cause a second problem here.
    fn check_reach(
        &mut self,
        image: &ImageName,
        registries: &BTreeSet<&str>,
        overrides: &Overrides<'_>,
    ) {
        let Some((_, Some(written))) =
            self.definitions.raw.image.entries().find(|(name, _)| name.get_ref() == image.as_str())
        else {
            return;
        };
        let written = &written.get_ref().repositories;
        let own =
            overrides.keys().filter(|(_, name)| *name == image.as_str()).map(|(name, _)| *name);
        let broken = written.set().is_none_or(|map| map.get_ref().0.is_empty())
            || registries.is_empty()
            || written.names().any(|name| !self.definitions.raw.registry.has(name));
        if broken || written.names().chain(own).any(|name| registries.contains(name)) {
            return;
        }
        let span = self.raw.registries.set().map_or_else(|| self.key.span(), Spanned::span);
        let environment = self.key.get_ref();
        let message = format!("image `{image}` is in no registry of environment `{environment}`");
        let help = "add one of its registries, or leave it out with `images`";
        self.problems.add_with_help(span, message, help);
    }
}
