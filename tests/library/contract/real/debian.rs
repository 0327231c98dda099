//! Debian's `docker-registry` as a subject of the contract, with each way of letting people in.

use std::fs;
use std::future::{Ready, ready};
use std::path::{Path, PathBuf};

use tags::model::{Digest, RepositoryPath};
use tags::policy::RegistryKind;

use super::token_server::TokenServer;
use crate::contract::{ALICE, Backdoor, Login, Subject};
use crate::support::debian::Debian;

/// The password of [`ALICE`] as bcrypt of cost 5, which is checked with every request.
const HTPASSWD: &str = "alice:$2y$05$pAwjUigpXodyQZj4BSQTQOA8iG8.vmB2gKnV.SgcF.cw61GolYrqi\n";

struct Running {
    registry: Debian,
    tokens: Option<TokenServer>,
}

impl Running {
    /// The link by which a repository has a piece of content.
    fn link(&self, repository: &RepositoryPath, kind: &str, digest: &Digest) -> PathBuf {
        let place = self.registry.stored(repository).join(kind);
        place.join(digest.algorithm()).join(digest.encoded()).join("link")
    }
}

impl Backdoor for Running {
    fn blob_remove(&self, repository: &RepositoryPath, digest: &Digest) {
        fs::remove_file(self.link(repository, "_layers", digest)).unwrap();
    }

    fn manifest_remove(&self, repository: &RepositoryPath, digest: &Digest) {
        fs::remove_file(self.link(repository, "_manifests/revisions", digest)).unwrap();
    }

    fn token_end(&self) {
        self.tokens.as_ref().unwrap().end_next();
    }
}

pub(crate) fn open() -> Ready<Option<Subject>> {
    ready(start(|_| String::new(), None, None, &[]))
}

pub(crate) fn with_deletion_off() -> Ready<Option<Subject>> {
    ready(start(|_| String::new(), None, None, &[("REGISTRY_STORAGE_DELETE_ENABLED", "false")]))
}

pub(crate) fn with_password() -> Ready<Option<Subject>> {
    let settings = |directory: &Path| {
        let file = directory.join("htpasswd");
        fs::write(&file, HTPASSWD).unwrap();
        format!("auth: {{htpasswd: {{realm: test, path: '{}'}}}}\n", file.display())
    };
    ready(start(settings, Some(ALICE), None, &[]))
}

pub(crate) async fn with_tokens() -> Option<Subject> {
    let tokens = TokenServer::start(ALICE).await;
    let token = tokens.settings();
    let settings = |directory: &Path| {
        let file = directory.join("cert.pem");
        fs::write(&file, TokenServer::certificate()).unwrap();
        format!("auth: {{token: {{{token}, rootcertbundle: '{}'}}}}\n", file.display())
    };
    start(settings, Some(ALICE), Some(tokens), &[])
}

fn start(
    settings: impl Fn(&Path) -> String,
    login: Option<Login>,
    tokens: Option<TokenServer>,
    variables: &[(&str, &str)],
) -> Option<Subject> {
    let registry = Debian::start(settings, variables)?;
    let url = registry.url.clone();
    let backdoor = Box::new(Running { registry, tokens });
    Some(Subject { url, kind: RegistryKind::Oci, login, backdoor })
}
