//! `docker-registry`, started with a directory of its own and ended when dropped.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use tags::model::{Digest, RepositoryPath};
use tempfile::TempDir;

use super::token_server::TokenServer;
use crate::contract::{ALICE, Backdoor, Subject};
use crate::support::packages;

/// The password of [`ALICE`] as bcrypt of cost 5, which is checked with every request.
const HTPASSWD: &str = "alice:$2y$05$pAwjUigpXodyQZj4BSQTQOA8iG8.vmB2gKnV.SgcF.cw61GolYrqi\n";

/// How often a port is tried that somebody else may have taken in the meantime.
const ATTEMPTS: usize = 5;
/// How often it is asked whether it is up, and the pause in between.
const PATIENCE: (usize, Duration) = (2000, Duration::from_millis(5));

struct Debian {
    _process: Process,
    directory: TempDir,
    tokens: Option<TokenServer>,
}

/// A process that ends with its handle.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Debian {
    /// The link by which a repository has a piece of content.
    fn link(&self, repository: &RepositoryPath, kind: &str, digest: &Digest) -> PathBuf {
        let repository = format!("storage/docker/registry/v2/repositories/{repository}");
        let place = self.directory.path().join(repository).join(kind);
        place.join(digest.algorithm()).join(digest.encoded()).join("link")
    }
}

impl Backdoor for Debian {
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

pub(crate) async fn open() -> Option<Subject> {
    start(|_| String::new(), None, &[]).await
}

pub(crate) async fn with_deletion_off() -> Option<Subject> {
    start(|_| String::new(), None, &[("REGISTRY_STORAGE_DELETE_ENABLED", "false")]).await
}

pub(crate) async fn with_password() -> Option<Subject> {
    let settings = |directory: &Path| {
        let file = directory.join("htpasswd");
        fs::write(&file, HTPASSWD).unwrap();
        format!("auth: {{htpasswd: {{realm: test, path: '{}'}}}}\n", file.display())
    };
    start(settings, None, &[]).await
}

pub(crate) async fn with_tokens() -> Option<Subject> {
    let tokens = TokenServer::start(ALICE).await;
    let token = tokens.settings();
    let settings = |directory: &Path| {
        let file = directory.join("cert.pem");
        fs::write(&file, TokenServer::certificate()).unwrap();
        format!("auth: {{token: {{{token}, rootcertbundle: '{}'}}}}\n", file.display())
    };
    start(settings, Some(tokens), &[]).await
}

/// Starts it with the settings that a function makes for its directory, and with variables, which
/// go before them.
async fn start(
    auth: impl Fn(&Path) -> String,
    tokens: Option<TokenServer>,
    variables: &[(&str, &str)],
) -> Option<Subject> {
    let program = packages::program("docker-registry")?;
    let directory = directory();
    let auth = auth(directory.path());
    let login = (!auth.is_empty()).then_some(ALICE);
    for _ in 0..ATTEMPTS {
        let port = free_port();
        let config = directory.path().join("config.yml");
        fs::write(&config, configuration(directory.path(), port) + &auth).unwrap();
        let log = File::create(directory.path().join("log")).unwrap();
        let mut command = Command::new(&program);
        command.arg("serve").arg(&config).stdout(log.try_clone().unwrap()).stderr(log);
        // It does not live long enough for its garbage to matter.
        command.env("GOGC", "800").envs(variables.iter().copied());
        let mut process = Process(command.spawn().unwrap());
        let url = format!("http://127.0.0.1:{port}");
        if is_up(&mut process.0, &url, directory.path()).await {
            let debian = Debian { _process: process, directory, tokens };
            return Some(Subject {
                url,
                kind: tags::policy::RegistryKind::Oci,
                login,
                backdoor: Box::new(debian),
            });
        }
    }
    let log = fs::read_to_string(directory.path().join("log")).unwrap();
    panic!("docker-registry does not come up: {log}");
}

/// In memory where that can be had: the registry waits for the disk after every file.
fn directory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn configuration(directory: &Path, port: u16) -> String {
    let root = directory.display();
    format!(
        "version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage:
  filesystem: {{rootdirectory: '{root}/storage', maxthreads: 100}}
  delete: {{enabled: true}}
  maintenance: {{uploadpurging: {{enabled: false}}}}
http:
  addr: 127.0.0.1:{port}
  secret: test
  headers: {{X-Test-Directory: ['{root}']}}
"
    )
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Whether it is this very one that answers, before it ends by itself.
async fn is_up(process: &mut Child, url: &str, directory: &Path) -> bool {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for _ in 0..PATIENCE.0 {
        if let Ok(reply) = client.get(format!("{url}/v2/")).send().await {
            let answers = reply.headers().get("x-test-directory");
            return answers.and_then(|name| name.to_str().ok()) == directory.to_str();
        }
        if process.try_wait().unwrap().is_some() {
            return false;
        }
        tokio::time::sleep(PATIENCE.1).await;
    }
    false
}
