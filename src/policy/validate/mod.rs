//! Turns the tables of the file into valid settings: fills in defaults, resolves names.
//!
//! One file per table. Each adds all its problems and continues with what is valid; the result is
//! used only if there are no problems.

mod collision;
mod endpoint;
mod environment;
mod github;
mod image;
mod mirror;
mod patterns;
mod registry;
mod retention;
mod scheme;
mod value;

use super::patterns::FoundImages;
use super::problem::Problems;
use super::raw::RawPolicy;
use super::read::Field;
use super::settings::{LintSettings, Policy};
use image::RepositoryOwners;

/// The settings, or `None` when something required is missing.
///
/// The images of `[images]` are known once they were found; before, what refers to one by a name that
/// fits is accepted.
pub(super) fn policy(
    raw: &RawPolicy,
    found: Option<&FoundImages>,
    problems: &mut Problems,
) -> Option<Policy> {
    let version = version(raw, problems);
    let registries = registry::registries(raw, problems);
    let mut owners = RepositoryOwners::default();
    let mut images = image::images(raw, &registries, &mut owners, problems);
    let patterns = patterns::patterns(raw, &registries, problems);
    if let Some(found) = found {
        patterns::add_found(found, (raw, &registries), &mut images, &mut owners);
    }
    let definitions = environment::Definitions {
        raw,
        registries: &registries,
        images: &images,
        patterns: patterns.as_ref(),
        found,
    };
    let environments = environment::environments(&definitions, &mut owners, problems);
    let github = github::github(raw, problems);
    collision::check(raw, &environments, problems);
    let repositories = owners.into_repositories(problems);
    let retention = retention::rules(raw, problems);
    let untagged_keep_within = retention::untagged(raw, problems);
    let protect = retention::protect(raw, problems);
    let limits = retention::limits(raw, problems);
    let lint = lint(raw, problems);
    version?;
    Some(Policy {
        registries,
        environments,
        patterns,
        found: found.into_iter().flat_map(FoundImages::keys).cloned().collect(),
        shard: None,
        repositories,
        retention,
        untagged_keep_within,
        protect: protect?,
        limits,
        github,
        lint,
    })
}

fn lint(raw: &RawPolicy, problems: &mut Problems) -> LintSettings {
    let Some(raw) = raw.lint.get() else { return LintSettings::default() };
    LintSettings {
        rules: raw.levels(),
        test_images: value::globs(&raw.test_images, problems),
        third_party: value::globs(&raw.third_party, problems),
    }
}

fn version(raw: &RawPolicy, problems: &mut Problems) -> Option<()> {
    if matches!(raw.version, Field::Missing) {
        let message = "`version` is missing";
        problems.add_with_help(0..0, message, "begin the file with `version = 1`");
    }
    let version = raw.version.set()?;
    if *version.get_ref() != 1 {
        let message = format!("unknown `version` {}", version.get_ref());
        problems.add_with_help(version.span(), message, "this program reads version 1");
        return None;
    }
    Some(())
}
