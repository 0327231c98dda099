//! The address of a registry: from a host to its kind and namespace.

use crate::model::RepositoryPath;
use crate::policy::RegistryKind;

/// The registry that a reference without a host means, and where its API is.
const DOCKER_HUB: &str = "docker.io";
const DOCKER_HUB_API: &str = "https://registry-1.docker.io";

/// What a policy says of a registry's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryAddress {
    /// The kind.
    pub kind: RegistryKind,
    /// The OCI endpoint, where the default of the kind does not apply.
    pub url: Option<String>,
    /// The management API, where the default of the kind does not apply.
    pub api_url: Option<String>,
    /// DOCR: the registry's name; GHCR: the owner; else a path before all repositories.
    pub namespace: Option<RepositoryPath>,
}

impl RegistryAddress {
    /// The registry of an image reference, with the path of the repository below its namespace; none if
    /// the path has no namespace where the kind needs one.
    pub(super) fn of_reference(
        host: &str,
        path: &RepositoryPath,
    ) -> Option<(Self, RepositoryPath)> {
        let kind = match host {
            "registry.digitalocean.com" => RegistryKind::Docr,
            "ghcr.io" => RegistryKind::Ghcr,
            _ => return Some((Self::plain(host), path.clone())),
        };
        let (namespace, rest) = path.as_str().split_once('/')?;
        let namespace = Some(RepositoryPath::parse(namespace).ok()?);
        let rest = RepositoryPath::parse(rest).ok()?;
        Some((Self { kind, url: None, api_url: None, namespace }, rest))
    }

    fn plain(host: &str) -> Self {
        let url = match host {
            DOCKER_HUB => DOCKER_HUB_API.to_owned(),
            _ if is_loopback(host) => format!("http://{host}"),
            _ => format!("https://{host}"),
        };
        Self { kind: RegistryKind::Oci, url: Some(url), api_url: None, namespace: None }
    }

    /// Whether it sends and gets everything unencrypted.
    pub(super) fn is_plain_http(&self) -> bool {
        self.url
            .as_deref()
            .is_some_and(|url| url.strip_prefix("http://").is_some_and(|host| !is_loopback(host)))
    }

    /// The host, for people.
    #[must_use]
    pub fn host(&self) -> String {
        match (&self.url, self.kind) {
            (Some(url), _) if url == DOCKER_HUB_API => DOCKER_HUB.to_owned(),
            (Some(url), _) => {
                url.split_once("://").map_or(url.as_str(), |(_, host)| host).to_owned()
            }
            (None, RegistryKind::Docr) => "registry.digitalocean.com".to_owned(),
            (None, _) => "ghcr.io".to_owned(),
        }
    }

    /// A name for it: its kind, or the telling part of its host.
    pub(super) fn short_name(&self) -> String {
        if self.kind != RegistryKind::Oci {
            return self.kind.as_str().to_owned();
        }
        let host = self.host();
        let name = host.split(':').next().unwrap_or_default();
        if is_loopback(&host) {
            return "local".to_owned();
        }
        if name == DOCKER_HUB {
            return "dockerhub".to_owned();
        }
        let clouds = [(".amazonaws.com", "ecr"), (".pkg.dev", "gar"), ("gcr.io", "gcr")];
        if let Some((_, cloud)) = clouds.iter().find(|(end, _)| name.ends_with(end)) {
            return (*cloud).to_owned();
        }
        let parts: Vec<&str> = name.split('.').collect();
        let generic = ["registry", "docker", "www", "hub", "cr", "images", "containers"];
        let telling = parts.iter().find(|part| !generic.contains(part) && part.len() > 1);
        telling.map_or_else(|| "registry".to_owned(), |part| part.to_ascii_lowercase())
    }
}

/// Whether a host is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let name = if host.starts_with('[') {
        host.split(']').next().map_or(host, |name| &name[1..])
    } else {
        host.split(':').next().unwrap_or_default()
    };
    name == "localhost" || name == "::1" || name.starts_with("127.")
}
