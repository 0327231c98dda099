//! Debian's `docker-registry` with deletion allowed, pushed to and asked by plain HTTP.

use std::fs::{self, File};
use std::net::TcpListener;
use std::process::{Child, Command};
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use reqwest::{Client, Response, StatusCode};
use tags::model::{Manifest, media_type};
use tags::sandbox::content::{Blob, ManifestBytes};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::support::packages;

/// How often it is asked whether it is up, and the pause in between.
const PATIENCE: (usize, Duration) = (1000, Duration::from_millis(10));

/// A registry with a directory of its own, ended when dropped.
pub(crate) struct Debian {
    process: Child,
    pub(crate) url: String,
    client: Client,
    runtime: Runtime,
    _directory: TempDir,
}

impl Drop for Debian {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Debian {
    /// None where the package is missing.
    pub(crate) fn start(deletion: bool) -> Option<Self> {
        let program = packages::program("docker-registry")?;
        // In memory where that can be had: the registry waits for the disk after every file.
        let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let directory = directory.expect("a directory");
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        drop(listener);
        let root = directory.path().display();
        let text = format!(
            "version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage:
  filesystem: {{rootdirectory: '{root}/storage', maxthreads: 100}}
  delete: {{enabled: {deletion}}}
  maintenance: {{uploadpurging: {{enabled: false}}}}
http: {{addr: '{address}', secret: test}}
"
        );
        let config = directory.path().join("config.yml");
        fs::write(&config, text).expect("a file");
        let log = File::create(directory.path().join("log")).expect("a file");
        let mut command = Command::new(program);
        command.arg("serve").arg(&config).stderr(log.try_clone().expect("a file")).stdout(log);
        let process = command.spawn().expect("a registry");
        let debian = Self {
            process,
            url: format!("http://{address}"),
            client: Client::builder().no_proxy().build().expect("a client"),
            runtime: Builder::new_current_thread().enable_all().build().expect("a runtime"),
            _directory: directory,
        };
        debian.runtime.block_on(debian.come_up());
        Some(debian)
    }

    async fn come_up(&self) {
        for _ in 0..PATIENCE.0 {
            if self.client.get(format!("{}/v2/", self.url)).send().await.is_ok() {
                return;
            }
            tokio::time::sleep(PATIENCE.1).await;
        }
        panic!("docker-registry does not come up");
    }

    fn at(&self, path: &str, rest: &str) -> String {
        format!("{}/v2/{path}/{rest}", self.url)
    }

    pub(crate) fn push_blob(&self, path: &str, blob: &Blob) {
        self.runtime.block_on(async {
            let answer = self.client.post(self.at(path, "blobs/uploads/")).send().await;
            let answer = answer.expect("an answer");
            let place = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            let place = place.expect("a place to upload to");
            let sent = self.client.put(format!("{place}&digest={}", blob.digest));
            expect(StatusCode::CREATED, sent.body(blob.bytes.to_vec()).send().await).await;
        });
    }

    /// Pushes a manifest by its digest or under a tag.
    pub(crate) fn push_manifest(&self, path: &str, name: &str, manifest: &ManifestBytes) {
        self.runtime.block_on(async {
            let sent = self.client.put(self.at(path, &format!("manifests/{name}")));
            let sent = sent.header(CONTENT_TYPE, &manifest.media_type);
            expect(StatusCode::CREATED, sent.body(manifest.bytes.to_vec()).send().await).await;
        });
    }

    /// The manifest of a tag or a digest, if it is there.
    pub(crate) fn manifest(&self, path: &str, name: &str) -> Option<(Manifest, Vec<u8>)> {
        let accepted =
            [media_type::OCI_MANIFEST, media_type::OCI_INDEX, media_type::DOCKER_MANIFEST];
        self.runtime.block_on(async {
            let asked = self.client.get(self.at(path, &format!("manifests/{name}")));
            let answer = asked.header(ACCEPT, accepted.join(", ")).send().await;
            let answer = answer.expect("an answer");
            if answer.status() != StatusCode::OK {
                return None;
            }
            let declared = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
            let declared = declared.map(str::to_owned);
            let bytes = answer.bytes().await.expect("a body");
            let manifest = Manifest::parse(declared.as_deref(), &bytes).expect("a manifest");
            Some((manifest, bytes.to_vec()))
        })
    }

    pub(crate) fn has_blob(&self, path: &str, digest: &str) -> bool {
        let answer = self.client.head(self.at(path, &format!("blobs/{digest}"))).send();
        self.runtime.block_on(answer).expect("an answer").status() == StatusCode::OK
    }
}

async fn expect(status: StatusCode, answer: reqwest::Result<Response>) {
    let answer = answer.expect("an answer");
    let found = answer.status();
    let text = answer.text().await.unwrap_or_default();
    assert_eq!(found, status, "{text}");
}
