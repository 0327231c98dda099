//! `[registry.<name>]`: endpoints, namespaces and where credentials come from.
//!
//! Checks only the text; sends no requests.

use std::collections::BTreeMap;

use toml::Spanned;

use super::endpoint::Endpoint;
use super::mirror;
use super::value::{choice, parsed};
use crate::model::{RegistryName, Repository, RepositoryPath};
use crate::policy::RegistryKind;
use crate::policy::problem::Problems;
use crate::policy::raw::{RawPolicy, RawRegistry};
use crate::policy::read::Field;
use crate::policy::redact::looks_like_token;
use crate::policy::settings::{Credentials, Mirrors, RegistrySettings};

/// The valid registries.
pub(super) fn registries(
    raw: &RawPolicy,
    problems: &mut Problems,
) -> BTreeMap<RegistryName, RegistrySettings> {
    let mut registries = BTreeMap::new();
    for (key, value) in raw.registry.entries() {
        let name = parsed(key, RegistryName::parse, problems);
        let registry = value
            .and_then(|table| RegistryCheck { raw: table.get_ref(), key, problems }.registry(name));
        registries.extend(registry.map(|registry| (registry.name.clone(), registry)));
    }
    mirror::refuse_shared(raw, &registries, problems);
    registries
}

/// One registry while it is checked.
struct RegistryCheck<'a> {
    raw: &'a RawRegistry,
    key: &'a Spanned<String>,
    problems: &'a mut Problems,
}

impl RegistryCheck<'_> {
    fn registry(mut self, name: Option<RegistryName>) -> Option<RegistrySettings> {
        let kind = self.kind();
        let insecure = self.raw.insecure.get().copied().unwrap_or(false);
        let check = if insecure { Endpoint::Insecure } else { Endpoint::MayBeInsecure };
        let url = check.read("url", &self.raw.url, self.problems);
        let api_url = check.read("api-url", &self.raw.api_url, self.problems);
        let written = self.namespace();
        let mirrors = mirror::mirrors(&self.raw.mirrors, self.problems);
        let token_env = variable(&self.raw.token_env, self.problems);
        let username_env = variable(&self.raw.username_env, self.problems);
        let kind = kind?;
        self.check_against_kind(kind);
        let url = match (&self.raw.url, url) {
            (Field::Missing, _) => kind.default_url()?,
            (_, url) => url?,
        };
        let api_url = match (&self.raw.api_url, api_url) {
            (Field::Missing, _) => kind.default_api_url(),
            (_, url) => Some(url?),
        };
        let credentials = Credentials {
            token_env: token_env.map_or_else(|| kind.default_token_env(), |name| vec![name]),
            username_env,
        };
        Some(RegistrySettings {
            name: name?,
            kind,
            url,
            api_url,
            api_url_written: !matches!(self.raw.api_url, Field::Missing),
            mirrors: Mirrors { namespace: written.clone(), list: mirrors },
            namespace: written,
            credentials,
            insecure,
        })
    }

    fn kind(&mut self) -> Option<RegistryKind> {
        let choices = RegistryKind::ALL.map(|kind| (kind.as_str(), kind));
        let text = self.raw.kind.required("kind", self.key, self.problems)?;
        choice("kind", text, &choices, self.problems)
    }

    fn namespace(&mut self) -> Option<RepositoryPath> {
        parsed(self.raw.namespace.set()?, RepositoryPath::parse, self.problems)
    }

    fn check_against_kind(&mut self, kind: RegistryKind) {
        let word = kind.as_str();
        match kind {
            RegistryKind::Oci => {
                if matches!(self.raw.url, Field::Missing) {
                    self.missing("url", word, "such as `https://registry.example.com`");
                }
                self.refuse(&self.raw.api_url, "`api-url` is for the kinds `docr` and `ghcr`");
                if matches!(self.raw.token_env, Field::Missing) {
                    self.refuse(&self.raw.username_env, "`username-env` needs `token-env`");
                }
            }
            RegistryKind::Docr | RegistryKind::Ghcr => {
                if matches!(self.raw.namespace, Field::Missing) {
                    self.missing("namespace", word, kind.namespace_help());
                }
                self.refuse(&self.raw.username_env, "`username-env` is for the kind `oci`");
                self.refuse_nested_namespace(kind);
            }
        }
    }

    fn refuse_nested_namespace(&mut self, kind: RegistryKind) {
        let Some(text) = self.raw.namespace.set().filter(|text| text.get_ref().contains('/'))
        else {
            return;
        };
        let message = format!("the namespace of a `{}` registry has no `/`", kind.as_str());
        self.problems.add_with_help(text.span(), message, kind.namespace_help());
    }

    fn missing(&mut self, key: &str, kind: &str, help: &str) {
        let message = format!("`{}` has no `{key}`, and the kind `{kind}` needs it", self.key);
        self.problems.add_with_help(self.key.span(), message, help);
    }

    fn refuse(&mut self, field: &Field<String>, message: &str) {
        if let Some(text) = field.set() {
            self.problems.add(text.span(), message);
        }
    }
}

/// The name of an environment variable, if the key is set and valid.
pub(super) fn variable(field: &Field<String>, problems: &mut Problems) -> Option<String> {
    let text = field.set()?;
    let name = text.get_ref();
    let letters = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let first = name.bytes().next().is_some_and(|b| !b.is_ascii_digit());
    if letters && first && !looks_like_token(name) {
        return Some(name.clone());
    }
    // It may be the credential itself.
    problems.hide(text.span());
    problems.add_with_help(
        text.span(),
        "this is not the name of an environment variable",
        "name the variable that holds the credential, such as `REGISTRY_TOKEN`, \
         not the credential",
    );
    None
}

/// A repository in a registry, its namespace included; `None` if there is a problem, in the path
/// or in the registry itself.
pub(super) fn repository(
    registry: Option<&RegistrySettings>,
    path: &Spanned<String>,
    problems: &mut Problems,
) -> Option<Repository> {
    let below = parsed(path, RepositoryPath::parse, problems)?;
    let registry = registry?;
    let full = below.below(registry.namespace.as_ref());
    // Together the namespace and the path may be too long.
    let full = Spanned::new(path.span(), full.to_string());
    let full = parsed(&full, RepositoryPath::parse, problems)?;
    Some(Repository { registry: registry.name.clone(), host: registry.host(), path: full })
}
