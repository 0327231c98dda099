//! Where a draft comes from: workflows, or a registry by its owner, its name or its address.

use std::path::PathBuf;

use url::Url;

use super::RegistryAddress;
use crate::command::CommandError;
use crate::draft::registry_alone;
use crate::model::RepositoryPath;
use crate::policy::RegistryKind;

/// Where a draft comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The workflows of the checkout.
    Workflows,
    /// A checkout, a directory of workflows, or one workflow.
    Path(PathBuf),
    /// A registry.
    Registry(RegistryAddress),
}

impl Origin {
    /// Reads `workflows`, a directory, `ghcr:OWNER`, `docr:NAME` or `http(s)://HOST[/PREFIX]`; the
    /// addresses of the registry and of its API are for the kinds `ghcr` and `docr`.
    ///
    /// # Errors
    /// [`CommandError`] when it is none of these, or the addresses do not belong to it.
    pub fn parse(
        text: &str,
        url: Option<String>,
        api_url: Option<String>,
    ) -> Result<Self, CommandError> {
        let kinds = [("ghcr:", RegistryKind::Ghcr), ("docr:", RegistryKind::Docr)];
        for (prefix, kind) in kinds {
            if let Some(name) = text.strip_prefix(prefix) {
                let namespace = Some(namespace(name, kind)?);
                return Ok(Self::Registry(RegistryAddress { kind, url, api_url, namespace }));
            }
        }
        if url.is_some() || api_url.is_some() {
            return Err(CommandError::usage(
                "--url and --api-url are only for ghcr:OWNER and docr:NAME",
            )
            .hint("write the address of any other registry as `--from https://HOST`"));
        }
        if text.starts_with("http://") || text.starts_with("https://") {
            return address(text).map(Self::Registry);
        }
        match text {
            "" => Err(CommandError::usage("--from is empty").hint(WAYS)),
            "workflows" => Ok(Self::Workflows),
            _ => Ok(Self::Path(PathBuf::from(text))),
        }
    }

    /// What to write after `--from`.
    pub const WAYS: &str = WAYS;
}

const WAYS: &str =
    "--from takes `workflows`, a directory, ghcr:OWNER, docr:NAME, or http(s)://HOST[/PREFIX]";

/// The owner or the name of a managed registry; owners are lower-case in references.
fn namespace(name: &str, kind: RegistryKind) -> Result<RepositoryPath, CommandError> {
    let parsed = RepositoryPath::parse(&name.to_lowercase()).ok();
    parsed.filter(|path| !path.as_str().contains('/')).ok_or_else(|| {
        let kind = kind.as_str();
        CommandError::usage(format!("`{kind}:{name}` does not name one owner or registry"))
            .hint(format!("write {kind}: and one name, such as `{kind}:acme`"))
    })
}

/// The registry at an address.
fn address(text: &str) -> Result<RegistryAddress, CommandError> {
    let refused = |why: String| CommandError::usage(why).hint(WAYS);
    let url = Url::parse(text).map_err(|error| refused(format!("--from is not a URL: {error}")))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(CommandError::usage("credentials do not belong in a URL")
            .hint("log in with `docker login`, whose config is read"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused("--from has a query or a fragment".to_owned()));
    }
    let host = url.host_str().unwrap_or_default();
    let managed = match host {
        "ghcr.io" => Some("ghcr:OWNER"),
        "registry.digitalocean.com" => Some("docr:NAME"),
        _ => None,
    };
    if let Some(managed) = managed {
        return Err(CommandError::usage(format!("{host} does not list its repositories"))
            .hint(format!("write `--from {managed}`, which asks its management API")));
    }
    let prefix = url.path().trim_matches('/');
    let namespace = match prefix {
        "" => None,
        prefix => Some(RepositoryPath::parse(prefix).map_err(|error| refused(error.to_string()))?),
    };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let url = Some(format!("{}://{host}{port}", url.scheme()));
    Ok(RegistryAddress { kind: RegistryKind::Oci, url, api_url: None, namespace })
}

/// The text of a policy with one registry and nothing else, to connect to it.
#[must_use]
pub fn registry_policy(address: &RegistryAddress) -> String {
    format!("version = 1\n{}", registry_alone(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Origin, String> {
        Origin::parse(text, None, None).map_err(|error| error.message)
    }

    #[test]
    fn an_origin_is_a_registry_or_a_place_with_workflows() {
        assert_eq!(parse("workflows"), Ok(Origin::Workflows));
        assert_eq!(parse("ghcr"), Ok(Origin::Path("ghcr".into())));
        let registry = |text: &str| match parse(text) {
            Ok(Origin::Registry(address)) => {
                let namespace = address.namespace.map(|path| path.to_string());
                (address.kind, address.url, namespace)
            }
            other => panic!("{text}: {other:?}"),
        };
        let owned = |text: &str| Some(text.to_owned());
        assert_eq!(registry("ghcr:Acme"), (RegistryKind::Ghcr, None, owned("acme")));
        assert_eq!(
            registry("https://harbor.example.com/team/apps/"),
            (RegistryKind::Oci, owned("https://harbor.example.com"), owned("team/apps"))
        );
        assert_eq!(
            registry("http://127.0.0.1:5000"),
            (RegistryKind::Oci, owned("http://127.0.0.1:5000"), None)
        );
        for wrong in [
            "",
            "ghcr:",
            "ghcr:a/b",
            "docr:a b",
            "https://",
            "https://user:secret@host",
            "https://host/UPPER",
            "https://host?x",
            "https://ghcr.io/acme",
        ] {
            let error = parse(wrong).expect_err(wrong);
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
