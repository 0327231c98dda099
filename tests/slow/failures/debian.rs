//! Debian's `docker-registry`, pushed to and asked by plain HTTP.

use reqwest::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use reqwest::{Client, Response, StatusCode};
use tags::model::{Manifest, media_type};
use tags::sandbox::content::{Blob, ManifestBytes};
use tokio::runtime::{Builder, Runtime};

use crate::support::{client, debian};

pub(crate) struct Debian {
    registry: debian::Debian,
    client: Client,
    runtime: Runtime,
}

impl Debian {
    /// None where the package is missing.
    pub(crate) fn start() -> Option<Self> {
        Self::with(&[])
    }

    pub(crate) fn with_deletion_off() -> Option<Self> {
        Self::with(&[("REGISTRY_STORAGE_DELETE_ENABLED", "false")])
    }

    fn with(variables: &[(&str, &str)]) -> Option<Self> {
        let registry = debian::Debian::start(|_| String::new(), variables)?;
        let client = client::builder().build().expect("a client");
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        Some(Self { registry, client, runtime })
    }

    pub(crate) fn url(&self) -> &str {
        &self.registry.url
    }

    fn at(&self, path: &str, rest: &str) -> String {
        format!("{}/v2/{path}/{rest}", self.url())
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
