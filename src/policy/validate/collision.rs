//! Environments that share a repository must not share tags.
//!
//! With one tag for two environments, a release of one would count as the other's, and the retention of
//! one would delete what is running in the other.

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;

use crate::model::{EnvironmentName, RepositoryPath, TagPattern};
use crate::policy::problem::Problems;
use crate::policy::raw::{RawEnvironment, RawPolicy};
use crate::policy::settings::Environment;

/// The address of a repository, without the policy's name of its registry.
type Address<'a> = (&'a str, &'a RepositoryPath);

/// Adds a problem for every tag that two environments share in one repository.
pub(super) fn check(
    raw: &RawPolicy,
    environments: &BTreeMap<EnvironmentName, Environment>,
    problems: &mut Problems,
) {
    let mut sides: Vec<ComparedEnvironment<'_>> = raw
        .environment
        .entries()
        .filter_map(|(key, table)| {
            let settings = environments.values().find(|e| e.name.as_str() == key.get_ref())?;
            Some(ComparedEnvironment { start: key.span().start, raw: table?.get_ref(), settings })
        })
        .collect();
    sides.sort_by_key(|side| side.start);
    for (index, later) in sides.iter().enumerate() {
        for earlier in &sides[..index] {
            if let Some((host, path)) = earlier.addresses().intersection(&later.addresses()).next()
            {
                later.check_against(earlier, &format!("{host}/{path}"), problems);
            }
        }
    }
}

/// An environment as written, and its settings.
struct ComparedEnvironment<'a> {
    start: usize,
    raw: &'a RawEnvironment,
    settings: &'a Environment,
}

impl<'a> ComparedEnvironment<'a> {
    fn addresses(&self) -> BTreeSet<Address<'a>> {
        let images = self.settings.images.values();
        images
            .flat_map(|image| image.repositories.values())
            .map(|repository| (repository.host.as_str(), &repository.path))
            .collect()
    }

    fn patterns(&self) -> impl Iterator<Item = &'a TagPattern> {
        let scheme = &self.settings.scheme;
        std::iter::once(&scheme.sha).chain(&scheme.former)
    }

    fn written_patterns(&self) -> impl Iterator<Item = &'a Spanned<String>> {
        self.raw.sha_tag.set().into_iter().chain(self.raw.former_sha_tags.items())
    }

    fn check_against(&self, earlier: &Self, shared: &str, problems: &mut Problems) {
        let other = &earlier.settings.name;
        let mut note = |text: &Spanned<String>, what: &str| {
            let message =
                format!("`{text}` is also {what} of environment `{other}`, in `{shared}`");
            let help = "give each environment its own tags, or its own repositories";
            problems.add_with_help(text.span(), message, help);
        };
        for text in self.written_patterns() {
            if earlier.patterns().any(|pattern| pattern.to_string() == *text.get_ref()) {
                note(text, "a SHA tag");
            } else if TagPattern::parse(text.get_ref())
                .is_ok_and(|pattern| pattern.sha_in(&earlier.settings.scheme.latest).is_some())
            {
                note(text, "the latest tag");
            }
        }
        let latest = &self.settings.scheme.latest;
        let Some(text) = self.raw.latest_tag.set() else { return };
        if *latest == earlier.settings.scheme.latest {
            note(text, "the latest tag");
        } else if earlier.patterns().any(|pattern| pattern.sha_in(latest).is_some()) {
            note(text, "a SHA tag");
        }
    }
}
