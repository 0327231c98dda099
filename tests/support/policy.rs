//! Policies as text, put together from their tables.

use tags::policy::{Policy, RegistryKind};

/// The beginning of each policy.
pub(crate) const VERSION: &str = "version = 1\n";

/// The environment that most scenes have.
pub(crate) const PROD: &str = r#"
[environment.prod]
sha-tag = "prod-{sha}"
latest-tag = "prod-latest"
"#;

/// A registry with the namespace `acme` and, where it has one, its API at the same place.
pub(crate) fn registry(name: &str, kind: RegistryKind, url: &str) -> String {
    registry_of("acme", name, kind, url)
}

pub(crate) fn registry_of(namespace: &str, name: &str, kind: RegistryKind, url: &str) -> String {
    let api = match kind {
        RegistryKind::Oci => String::new(),
        RegistryKind::Docr | RegistryKind::Ghcr => format!("api-url = \"{url}\"\n"),
    };
    let kind = kind.as_str();
    format!(
        "\n[registry.{name}]\nkind = \"{kind}\"\nnamespace = \"{namespace}\"\nurl = \"{url}\"\n{api}"
    )
}

/// An image that is in these registries, by the same name everywhere.
pub(crate) fn image(name: &str, registries: &[&str]) -> String {
    let places: Vec<String> =
        registries.iter().map(|registry| format!("{registry} = \"{name}\"")).collect();
    format!("\n[image.{name}]\nrepositories = {{ {} }}\n", places.join(", "))
}

/// One registry with `backend` in it, and the environment `prod`.
pub(crate) fn one(name: &str, kind: RegistryKind, url: &str) -> String {
    [VERSION, &registry(name, kind, url), &image("backend", &[name]), PROD].concat()
}

pub(crate) fn parsed(text: &str) -> Policy {
    tags::policy::parse("tags.toml", text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}
