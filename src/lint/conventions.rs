//! The environments, registries and images of the policy, or common conventions without a policy.

use std::collections::BTreeMap;

use super::reference::{Reference, TagKind};
use super::symbol::{SymbolKind, Symbols};
use crate::model::{Sha, TagKind as SchemeKind, TagName};
use crate::policy::{Environment, Policy};

/// Environment prefixes without a policy.
const PREFIXES: [&str; 6] = ["dev", "uat", "prod", "development", "staging", "production"];
/// Registries that count as one's own without a policy.
const OWN_HOSTS: [&str; 2] = ["registry.digitalocean.com", "ghcr.io"];

/// The policy, if there is one.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Conventions<'a> {
    pub(crate) policy: Option<&'a Policy>,
}

impl<'a> Conventions<'a> {
    /// The environments of the policy.
    pub(crate) fn environments(&self) -> impl Iterator<Item = &'a Environment> {
        self.policy.into_iter().flat_map(|policy| policy.environments.values())
    }

    /// Whether a registry is one's own.
    pub(crate) fn is_own_host(self, host: &str) -> bool {
        match self.policy {
            Some(policy) => policy.registries.values().any(|registry| registry.host() == host),
            None => OWN_HOSTS.contains(&host),
        }
    }

    /// Whether the policy names a repository.
    pub(crate) fn names(self, repository: &str) -> bool {
        let at = repository.split_once('/');
        let known =
            self.policy.zip(at).and_then(|(policy, (host, path))| policy.repository_at(host, path));
        known.is_some()
    }

    /// The environments that tags and jobs may name.
    pub(crate) fn environment_names(self) -> Vec<&'a str> {
        match self.policy {
            Some(policy) => {
                policy.environments.keys().map(crate::model::EnvironmentName::as_str).collect()
            }
            None => PREFIXES.to_vec(),
        }
    }

    /// The environment prefix of a tag: a name, or an expression that is named after environments;
    /// none if it has none.
    pub(crate) fn prefix(self, tag: &str, symbols: &Symbols) -> Option<String> {
        let ends = |rest: &str| rest.starts_with(['-', '.', '_']);
        let prefix = |name: &&str| tag.strip_prefix(name).is_some_and(ends);
        let named = self.environment_names().into_iter().find(|name| prefix(name));
        let by_expression = || {
            let first = tag.chars().next()?;
            let rest = &tag[first.len_utf8()..];
            let symbol = symbols.get(first)?;
            (ends(rest) && names_environment(&symbol.name)).then(|| first.to_string())
        };
        named.map(str::to_owned).or_else(by_expression)
    }

    /// The environment of a tag by the policy's patterns.
    pub(crate) fn environment(
        self,
        tag: &str,
        symbols: &Symbols,
    ) -> Option<(&'a Environment, SchemeKind)> {
        let name = with_sample_sha(tag, symbols)?;
        self.environments().find_map(|environment| match environment.scheme.classify(&name) {
            SchemeKind::Foreign | SchemeKind::Accessory => None,
            kind => Some((environment, kind)),
        })
    }

    /// What a tag names, by the policy's patterns first.
    pub(crate) fn kind(self, reference: &Reference, symbols: &Symbols) -> TagKind {
        let found = reference.tag.as_deref().and_then(|tag| self.environment(tag, symbols));
        match found {
            _ if reference.kind == TagKind::Digest => TagKind::Digest,
            Some((_, SchemeKind::Latest)) => TagKind::Moving,
            Some((_, SchemeKind::Sha(sha))) if Sha::is_full(&sha) => TagKind::FullSha,
            Some((_, SchemeKind::Sha(_))) => TagKind::ShortSha,
            _ => reference.kind,
        }
    }

    /// The images of an environment, by repository.
    pub(crate) fn repositories(environment: &Environment) -> BTreeMap<String, String> {
        let images = environment.images.iter();
        images
            .flat_map(|(name, image)| {
                let repositories = image.repositories.values();
                repositories.map(move |repository| (repository.to_string(), name.to_string()))
            })
            .collect()
    }
}

/// Whether the name of an expression speaks of environments; the context `env` does not.
fn names_environment(name: &str) -> bool {
    let inner = name.trim_start_matches("${{").trim().trim_start_matches("env.");
    inner.to_ascii_lowercase().contains("env")
}

/// A tag with digits instead of unknown SHAs; none if other parts of it are unknown.
fn with_sample_sha(tag: &str, symbols: &Symbols) -> Option<TagName> {
    let mut text = String::new();
    for c in tag.chars() {
        match symbols.get(c).map(|symbol| symbol.kind) {
            Some(SymbolKind::Sha(length, _)) => {
                text.push_str(&"a1".repeat(32)[..usize::from(length.unwrap_or(7)).min(64)]);
            }
            Some(_) => return None,
            None => text.push(c),
        }
    }
    TagName::parse(&text).ok()
}
