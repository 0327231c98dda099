//! Image content as bytes: configs, layers, manifests and indexes that any client can pull.
//!
//! The shapes are those of <https://github.com/opencontainers/image-spec/blob/v1.1.1/spec.md> and
//! of Docker's schema 2. The same description always makes the same bytes.

mod attestation;
mod tar;

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::model::{Digest, Platform, media_type};

/// A layer that is an uncompressed archive.
const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar";

/// A blob with its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// The media type by which manifests refer to it.
    pub media_type: String,
    /// The bytes.
    pub bytes: Arc<[u8]>,
    /// The digest of the bytes.
    pub digest: Digest,
}

/// A manifest or an index with its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestBytes {
    /// The media type under which it is pushed.
    pub media_type: String,
    /// The bytes.
    pub bytes: Arc<[u8]>,
    /// The digest of the bytes.
    pub digest: Digest,
}

impl Blob {
    /// A blob of these bytes.
    #[must_use]
    pub fn new(media_type: &str, bytes: Vec<u8>) -> Self {
        let digest = Digest::of(&bytes);
        Self { media_type: media_type.to_owned(), bytes: bytes.into(), digest }
    }

    fn descriptor(&self) -> Value {
        descriptor(&self.media_type, &self.digest, self.bytes.len())
    }
}

impl ManifestBytes {
    /// A manifest of this JSON, whose `mediaType` is set.
    #[must_use]
    pub fn new(media_type: &str, mut value: Value) -> Self {
        value["schemaVersion"] = Value::from(2);
        value["mediaType"] = Value::from(media_type);
        let bytes = value.to_string().into_bytes();
        let digest = Digest::of(&bytes);
        Self { media_type: media_type.to_owned(), bytes: bytes.into(), digest }
    }

    fn descriptor(&self) -> Value {
        descriptor(&self.media_type, &self.digest, self.bytes.len())
    }
}

fn descriptor(media_type: &str, digest: &Digest, size: usize) -> Value {
    json!({"mediaType": media_type, "digest": digest.to_string(), "size": size})
}

/// The media types of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// OCI.
    Oci,
    /// Docker, schema 2.
    Docker,
}

/// How an index contains provenance attestations.
///
/// <https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provenance {
    /// Not at all.
    None,
    /// As a manifest that looks like an image of an unknown platform, as older `BuildKit` does.
    Plain,
    /// As an artifact with a subject, as newer `BuildKit` does.
    Artifact,
}

/// The parameters of an image for one platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// When it was built.
    pub created: DateTime<Utc>,
    /// The commit, for the label `org.opencontainers.image.revision`.
    pub revision: String,
    /// What it runs on.
    pub platform: Platform,
    /// The content of its only file; a different text makes a different layer.
    pub text: String,
}

/// An image with everything it refers to, to be pushed in this order: blobs, children, root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltImage {
    /// What a tag would point to.
    pub root: ManifestBytes,
    /// The manifests in the root, if that is an index.
    pub children: Vec<ManifestBytes>,
    /// The configs and layers.
    pub blobs: Vec<Blob>,
}

impl BuiltImage {
    /// An image for one platform.
    #[must_use]
    pub fn single(build: &Build, format: Format) -> Self {
        let (manifest_type, config_type, layer_type) = match format {
            Format::Oci => (media_type::OCI_MANIFEST, media_type::OCI_CONFIG, OCI_LAYER),
            Format::Docker => {
                (media_type::DOCKER_MANIFEST, media_type::DOCKER_CONFIG, DOCKER_LAYER)
            }
        };
        let layer = Blob::new(layer_type, tar::archive("app/release.txt", build.text.as_bytes()));
        let config = Blob::new(config_type, config(build, &layer.digest).to_string().into_bytes());
        let manifest = json!({"config": config.descriptor(), "layers": [layer.descriptor()]});
        Self {
            root: ManifestBytes::new(manifest_type, manifest),
            children: Vec::new(),
            blobs: vec![layer, config],
        }
    }

    /// An index of images, one for each platform. Docker's format has no attestations.
    #[must_use]
    pub fn index(builds: &[Build], format: Format, provenance: Provenance) -> Self {
        let mut children = Vec::new();
        let mut blobs = Vec::new();
        let mut descriptors = Vec::new();
        for build in builds {
            let image = Self::single(build, format);
            let mut descriptor = image.root.descriptor();
            descriptor["platform"] = platform(&build.platform);
            descriptors.push(descriptor);
            children.push(image.root);
            blobs.extend(image.blobs);
        }
        if format == Format::Oci {
            for (build, image) in builds.iter().zip(children.clone()) {
                let Some(attested) = attestation::attest(build, &image, provenance) else {
                    continue;
                };
                descriptors.push(attestation::descriptor(&attested.root, &image.digest));
                children.push(attested.root);
                blobs.extend(attested.blobs);
            }
        }
        let index_type = match format {
            Format::Oci => media_type::OCI_INDEX,
            Format::Docker => media_type::DOCKER_LIST,
        };
        let root = ManifestBytes::new(index_type, json!({"manifests": descriptors}));
        Self { root, children, blobs }
    }

    /// An artifact with a subject, such as a signature.
    ///
    /// <https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage>
    #[must_use]
    pub fn artifact(subject: &ManifestBytes, artifact_type: &str, payload: &[u8]) -> Self {
        let payload = Blob::new(artifact_type, payload.to_vec());
        attestation::artifact(subject, artifact_type, payload)
    }

    /// All manifests in the order in which they must be pushed.
    pub fn manifests(&self) -> impl Iterator<Item = &ManifestBytes> {
        self.children.iter().chain(std::iter::once(&self.root))
    }
}

fn config(build: &Build, layer: &Digest) -> Value {
    let created = build.created.to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut config = platform(&build.platform);
    config["created"] = Value::from(created.as_str());
    config["config"] = json!({"Labels": {
        "org.opencontainers.image.created": created,
        "org.opencontainers.image.revision": build.revision,
    }});
    config["rootfs"] = json!({"type": "layers", "diff_ids": [layer.to_string()]});
    config["history"] = json!([{"created": created, "created_by": "COPY release.txt /app/"}]);
    config
}

fn platform(platform: &Platform) -> Value {
    let mut value = json!({"architecture": platform.architecture, "os": platform.os});
    if let Some(variant) = &platform.variant {
        value["variant"] = Value::from(variant.as_str());
    }
    value
}
