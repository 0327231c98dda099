//! An embedded registry, the library as its client, and what was sent between the two.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tags::model::{Digest, EnvironmentName, Sha};
use tags::policy::{Environment, Policy};
use tags::registry::{
    Backend, ConnectSettings, Connections, Credential, CredentialOrigin, CredentialSecret,
    ManifestSelector, RequestError,
};
use tags::sandbox::content::{Build, BuiltImage, Format};
use tags::sandbox::{Auth, Sandbox, Settings, Store};

use crate::connect::{self, settings};
use crate::support::images::build;
use crate::support::{path, registries, tag};

pub(crate) const SHA: &str = "0123456789012345678901234567890123456789";
pub(crate) const PASSWORD: &str = "open:sesame";

/// Tokens for `alice` only.
pub(crate) fn token_auth(expires_in: Option<Duration>) -> Auth {
    let (user, password) = ("alice".to_owned(), PASSWORD.to_owned());
    Auth::Token { user, password, expires_in, anonymous_pull: false }
}

pub(crate) fn basic_auth() -> Auth {
    Auth::Basic { user: "alice".to_owned(), password: PASSWORD.to_owned() }
}

/// A registry that has `prod-latest` and one release in `acme/app` and `acme/web`.
pub(crate) async fn registry(auth: Auth) -> Sandbox {
    registry_with(Settings { auth, ..Settings::default() }).await
}

pub(crate) async fn registry_with(settings: Settings) -> Sandbox {
    let store = Store::new();
    for image in ["app", "web"] {
        let tags = [format!("prod-{SHA}"), "prod-latest".to_owned()].map(|text| tag(&text));
        store.push(&path(&format!("acme/{image}")), &image_of(image), &tags, None);
    }
    registries::start_here_with(settings, store).await
}

pub(crate) fn image_of(text: &str) -> BuiltImage {
    let created = "2026-07-01T12:00:00Z".parse().unwrap();
    let build = Build { revision: SHA.to_owned(), ..build(text, "amd64", created) };
    BuiltImage::single(&build, Format::Oci)
}

/// All requests in order, `METHOD target status`.
pub(crate) fn sent(registry: &Sandbox) -> Vec<String> {
    let line = |request: &tags::sandbox::RequestRecord| {
        let status = request.status.map_or("-".to_owned(), |status| status.to_string());
        format!("{} {} {status}", request.method, request.target)
    };
    registry.requests().iter().map(line).collect()
}

/// How many requests begin with this, such as `GET /token`.
pub(crate) fn count(registry: &Sandbox, start: &str) -> usize {
    sent(registry).iter().filter(|line| line.starts_with(start)).count()
}

pub(crate) fn basic(password: &str) -> Credential {
    Credential { origin: CredentialOrigin::Docker, ..connect::basic("alice", password) }
}

pub(crate) fn identity(token: &str) -> Credential {
    Credential {
        secret: CredentialSecret::Identity(token.into()),
        origin: CredentialOrigin::Docker,
    }
}

/// The library, with all that it keeps between requests.
pub(crate) struct Client {
    pub(crate) policy: Policy,
    pub(crate) connections: Connections,
}

impl Client {
    /// As `alice`, with the defaults.
    pub(crate) fn new(registries: &[&Sandbox]) -> Self {
        Self::with(registries, |_| ())
    }

    pub(crate) fn with_credential(registry: &Sandbox, credential: Credential) -> Self {
        Self::with(&[registry], |settings| {
            settings.keychain =
                Arc::new(move |_: &tags::policy::RegistrySettings| Ok(Some(credential.clone())));
        })
    }

    pub(crate) fn with(registries: &[&Sandbox], change: impl FnOnce(&mut ConnectSettings)) -> Self {
        let urls: Vec<String> = registries.iter().map(|registry| registry.url()).collect();
        Self::at(&urls, change)
    }

    /// Connected to these addresses, whoever answers there.
    pub(crate) fn at(urls: &[String], change: impl FnOnce(&mut ConnectSettings)) -> Self {
        let policy = tags::policy::parse("tags.toml", &policy_of(urls)).unwrap();
        let keys = |_: &tags::policy::RegistrySettings| Ok(Some(basic(PASSWORD)));
        let mut settings = settings(Arc::new(keys));
        change(&mut settings);
        let connections = Connections::new(&policy, settings);
        Self { policy, connections }
    }

    pub(crate) fn environment(&self) -> &Environment {
        &self.policy.environments[&EnvironmentName::parse("prod").unwrap()]
    }

    /// The first registry.
    pub(crate) fn registry(&self) -> &Backend {
        let name = self.policy.registries.keys().next().unwrap();
        self.connections.registry(name).unwrap()
    }

    /// What a tag of `acme/app` points to.
    pub(crate) async fn head(&self, name: &str) -> Result<Option<Digest>, RequestError> {
        let (app, name) = (path("acme/app"), tag(name));
        self.registry().manifest_head(&app, ManifestSelector::Tag(&name)).await
    }

    /// The same, asked so many times at once.
    pub(crate) async fn heads(&self, times: usize) -> Vec<Result<Option<Digest>, RequestError>> {
        join_all((0..times).map(|_| self.head("prod-latest"))).await
    }

    /// The error of a GET of the manifest of `acme/app:prod-latest`.
    pub(crate) async fn get_error(&self) -> RequestError {
        let (app, name) = (path("acme/app"), tag("prod-latest"));
        self.registry().manifest_get(&app, ManifestSelector::Tag(&name)).await.unwrap_err()
    }
}

/// Two images in all these registries.
pub(crate) fn policy_text(registries: &[&Sandbox]) -> String {
    policy_of(&registries.iter().map(|registry| registry.url()).collect::<Vec<_>>())
}

fn policy_of(urls: &[String]) -> String {
    let mut text = "version = 1\n".to_owned();
    let mut places = Vec::new();
    for (number, url) in urls.iter().enumerate() {
        let token = "token-env = \"TEST_REGISTRY_TOKEN\"";
        write!(text, "[registry.r{number}]\nkind = \"oci\"\nurl = \"{url}\"\n{token}\n").unwrap();
        places.push(number);
    }
    for image in ["app", "web"] {
        let places: Vec<String> =
            places.iter().map(|number| format!("r{number} = \"acme/{image}\"")).collect();
        write!(text, "[image.{image}]\nrepositories = {{ {} }}\n", places.join(", ")).unwrap();
    }
    text + "[environment.prod]\nsha-tag = \"prod-{sha}\"\nlatest-tag = \"prod-latest\"\norder = \"built\"\n"
}

pub(crate) fn sha() -> Sha {
    Sha::parse(SHA).unwrap()
}
