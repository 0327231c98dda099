//! A registry under test, the library's way in, and the way around it.

use std::future::ready;
use std::sync::Arc;

use futures_util::future::{BoxFuture, join_all};
use tags::collect::{Collector, NoProgress};
use tags::model::{Digest, EnvironmentName, RegistryName, Repository, RepositoryPath, TagName};
use tags::policy::{Environment, Policy};
use tags::registry::{
    Anonymous, ConnectSettings, Connections, ContentCache, Credential, CredentialError,
    CredentialOrigin, CredentialSecret, Keychain, OciPush, Pushed, Registry, TransportSettings,
};
use tags::sandbox::content::BuiltImage;
use tags::sandbox::history::{History, IMAGES, Push};

use super::content::path;

/// The user whom every guarded registry knows.
pub(crate) const ALICE: Login = Login { user: "alice", password: "s3cret" };

const POLICY: &str = include_str!("../../policies/sandbox.toml");
const POLICY_URL: &str = "http://127.0.0.1:5055";

/// A registry, empty and running until this is dropped.
pub(crate) struct Subject {
    pub(crate) url: String,
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

impl Keychain for Login {
    fn credential_find<'a>(
        &'a self,
        _: &'a tags::policy::Registry,
    ) -> BoxFuture<'a, Result<Option<Credential>, CredentialError>> {
        let password = self.password.to_owned().into();
        let secret = CredentialSecret::Basic { username: self.user.to_owned(), password };
        Box::pin(ready(Ok(Some(Credential {
            secret,
            origin: CredentialOrigin::Variable("the test".to_owned()),
        }))))
    }
}

/// Connections that know nothing yet, with the policy they were made for.
pub(crate) struct Client {
    pub(crate) policy: Policy,
    pub(crate) connections: Connections,
    keychain: Arc<dyn Keychain>,
}

impl Subject {
    /// `host:port`, as messages name it.
    pub(crate) fn host(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    /// A client that may do everything.
    pub(crate) fn client(&self) -> Client {
        self.client_as(self.login)
    }

    pub(crate) fn client_as(&self, login: Option<Login>) -> Client {
        let policy = tags::policy::parse("sandbox.toml", &POLICY.replace(POLICY_URL, &self.url));
        let policy = policy.unwrap();
        let keychain: Arc<dyn Keychain> = match login {
            Some(login) => Arc::new(login),
            None => Arc::new(Anonymous),
        };
        let settings = ConnectSettings {
            transport: TransportSettings::default(),
            keychain: Arc::clone(&keychain),
            cache: ContentCache::in_memory(),
        };
        let connections = Connections::new(&policy, settings);
        Client { policy, connections, keychain }
    }

    /// Pushes an image through the protocol.
    pub(crate) async fn push(&self, image: &BuiltImage, repository: &str, tags: &[TagName]) {
        push(&self.client().pusher(), &path(repository), image, tags).await;
    }

    /// Pushes a whole history through the protocol, in the order of each repository.
    pub(crate) async fn fill(&self, history: &History) {
        let pusher = self.client().pusher();
        let pusher = &pusher;
        let repositories = IMAGES.map(|image| path(&format!("acme/{image}")));
        join_all(repositories.map(|repository| async move {
            let there = |step: &&Push| step.repository == repository;
            for step in history.steps.iter().filter(there) {
                push(pusher, &step.repository, &step.image, &step.tags).await;
            }
        }))
        .await;
    }
}

impl Client {
    pub(crate) fn registry(&self) -> &dyn Registry {
        let name = RegistryName::parse("local").unwrap();
        self.connections.registry(&name).unwrap().as_ref()
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

    fn pusher(&self) -> OciPush {
        let registry = self.policy.registries.values().next().unwrap().clone();
        let http = Arc::clone(self.connections.http());
        OciPush::new(http, Arc::new(registry), Arc::clone(&self.keychain)).unwrap()
    }
}

/// Pushes everything before what refers to it, and the root under each tag.
async fn push(pusher: &OciPush, to: &RepositoryPath, image: &BuiltImage, tags: &[TagName]) {
    let blobs = image.blobs.iter().map(|blob| Pushed::Blob(&blob.bytes));
    let children = image.children.iter().map(|child| (child, None));
    let roots = tags.iter().map(|tag| (&image.root, Some(tag.as_str())));
    let manifests = children.chain(roots).map(|(manifest, tag)| Pushed::Manifest {
        media_type: &manifest.media_type,
        bytes: &manifest.bytes,
        tag,
    });
    let items: Vec<Pushed<'_>> = blobs.chain(manifests).collect();
    pusher.push(to, &items).await.unwrap();
}
