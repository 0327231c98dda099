//! A registry under test, the library's way in, and the way around it.

use std::sync::Arc;

use futures_util::future::join_all;
use tags::collect::{Collector, NoProgress};
use tags::model::{Digest, EnvironmentName, RegistryName, Repository, RepositoryPath, TagName};
use tags::policy::{Environment, Policy, RegistryKind};
use tags::registry::{Backend, Connections, Credential, Keychain, Pushed, anonymous};
use tags::sandbox::content::BuiltImage;
use tags::sandbox::history::{History, IMAGES, Push};

use crate::connect::{basic, settings};
use crate::support::path;

/// The user whom every guarded registry knows.
pub(crate) const ALICE: Login = Login { user: "alice", password: "s3cret" };

const POLICY: &str = include_str!("../../../policies/sandbox.toml");
const POLICY_URL: &str = "http://127.0.0.1:5055";

/// A registry, empty and running until this is dropped.
pub(crate) struct Subject {
    pub(crate) url: String,
    /// What the policy calls its kind.
    pub(crate) kind: RegistryKind,
    /// Who may do everything, where not everyone may.
    pub(crate) login: Option<Login>,
    pub(crate) backdoor: Box<dyn Backdoor>,
}

/// What happens to a registry other than through its protocol.
pub(crate) trait Backdoor {
    /// Loses a blob.
    fn blob_remove(&self, repository: &RepositoryPath, digest: &Digest);
    /// Loses a manifest, whatever refers to it.
    fn manifest_remove(&self, repository: &RepositoryPath, digest: &Digest);
    /// Has the token that a client shows first refused as one that has ended.
    fn token_end(&self);
}

/// A user with a password.
#[derive(Clone, Copy)]
pub(crate) struct Login {
    pub(crate) user: &'static str,
    pub(crate) password: &'static str,
}

impl Login {
    fn credential(self) -> Credential {
        basic(self.user, self.password)
    }
}

/// Connections that know nothing yet, with the policy they were made for.
pub(crate) struct Client {
    pub(crate) policy: Policy,
    pub(crate) connections: Connections,
}

impl Subject {
    /// `host:port`, as messages name it.
    pub(crate) fn host(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    /// Whether its tags are listed over the OCI API.
    pub(crate) fn is_asked_by_oci(&self) -> bool {
        self.kind == RegistryKind::Oci
    }

    /// A client that may do everything.
    pub(crate) fn client(&self) -> Client {
        self.client_as(self.login)
    }

    pub(crate) fn client_as(&self, login: Option<Login>) -> Client {
        let policy = tags::policy::parse("sandbox.toml", &self.policy()).unwrap();
        let keychain: Keychain = match login {
            Some(login) => Arc::new(move |_| Ok(Some(login.credential()))),
            None => anonymous(),
        };
        let connections = Connections::new(&policy, settings(keychain));
        Client { policy, connections }
    }

    /// The sandbox's policy, for a registry of this kind: with a management API at the same place,
    /// and the first part of each repository's path as its namespace.
    fn policy(&self) -> String {
        let text = POLICY.replace(POLICY_URL, &self.url);
        if self.kind == RegistryKind::Oci {
            return text;
        }
        let kind = self.kind.as_str();
        let managed =
            format!("kind = \"{kind}\"\nnamespace = \"acme\"\napi-url = \"{}\"", self.url);
        text.replace("kind = \"oci\"", &managed).replace("\"acme/", "\"")
    }

    /// Pushes an image through the protocol.
    pub(crate) async fn push(&self, image: &BuiltImage, repository: &str, tags: &[TagName]) {
        push(&self.client(), &path(repository), image, tags).await;
    }

    /// Pushes a whole history through the protocol, in the order of each repository.
    pub(crate) async fn fill(&self, history: &History) {
        let client = &self.client();
        let repositories = IMAGES.map(|image| path(&format!("acme/{image}")));
        join_all(repositories.map(|repository| async move {
            let there = |step: &&Push| step.repository == repository;
            for step in history.steps.iter().filter(there) {
                push(client, &step.repository, &step.image, &step.tags).await;
            }
        }))
        .await;
    }
}

fn name() -> RegistryName {
    RegistryName::parse("local").unwrap()
}

impl Client {
    pub(crate) fn registry(&self) -> &Backend {
        self.connections.registry(&name()).unwrap()
    }

    pub(crate) fn collector(&self) -> Collector<'_> {
        Collector { connections: &self.connections, progress: &NoProgress }
    }

    pub(crate) fn environment(&self, name: &str) -> &Environment {
        &self.policy.environments[&EnvironmentName::parse(name).unwrap()]
    }

    pub(crate) fn repository(&self, path: &str) -> &Repository {
        let mut known = self.policy.repositories.keys();
        known.find(|repository| repository.path.as_str() == path).unwrap()
    }
}

/// Pushes everything before what refers to it, and the root under each tag, or under its digest.
async fn push(client: &Client, to: &RepositoryPath, image: &BuiltImage, tags: &[TagName]) {
    let blobs = image.blobs.iter().map(|blob| Pushed::Blob(&blob.bytes));
    let children = image.children.iter().map(|child| (child, None));
    let roots = tags.iter().map(|tag| (&image.root, Some(tag.as_str())));
    let untagged = tags.is_empty().then_some((&image.root, None));
    let manifests = children.chain(roots).chain(untagged).map(|(manifest, tag)| Pushed::Manifest {
        media_type: &manifest.media_type,
        bytes: &manifest.bytes,
        tag,
    });
    let items: Vec<Pushed<'_>> = blobs.chain(manifests).collect();
    client.registry().push(to, &items).await.unwrap();
}
