//! Manifests and indexes, read leniently from their bytes.
//!
//! Only what verification, history and retention need is kept. The shapes are those of
//! <https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md> and of Docker's
//! schema 2; bytes are never written back from here, since that would change their digest.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use super::{Digest, InvalidDigest};

/// The media types that are asked for and understood.
pub mod media_type {
    /// An OCI index.
    pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
    /// An OCI manifest.
    pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
    /// A Docker manifest list.
    pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
    /// A Docker manifest.
    pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
    /// An OCI image config.
    pub const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
    /// A Docker image config.
    pub const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";
    /// All four in one `Accept` header; without them some servers convert, which changes the digest.
    pub const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";
}

/// The bytes are not a manifest that can be read.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Not JSON, or JSON of another shape.
    #[error("not a manifest")]
    Json(#[from] serde_json::Error),
    /// A descriptor without a proper digest.
    #[error(transparent)]
    Digest(#[from] InvalidDigest),
    /// A media type of the past or of another kind.
    #[error("unsupported manifest type `{0}`")]
    Unsupported(String),
}

/// An operating system, an architecture and perhaps a variant: `linux/arm64/v8`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub struct Platform {
    /// The operating system.
    #[serde(default)]
    pub os: String,
    /// The architecture.
    #[serde(default)]
    pub architecture: String,
    /// The variant of the architecture.
    #[serde(default)]
    pub variant: Option<String>,
}

impl Platform {
    /// Whether this is what someone who asks for `wanted` gets: a wanted variant must be there,
    /// a variant that was not asked for is no hindrance.
    #[must_use]
    pub fn satisfies(&self, wanted: &Self) -> bool {
        self.os == wanted.os
            && self.architecture == wanted.architecture
            && (wanted.variant.is_none() || self.variant == wanted.variant)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.iter().try_for_each(|variant| write!(f, "/{variant}"))
    }
}

/// What a manifest says of another piece of content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    /// The media type.
    pub media_type: String,
    /// The digest.
    pub digest: Digest,
    /// The size in bytes.
    pub size: u64,
    /// The platform, in an index.
    pub platform: Option<Platform>,
    /// The kind of artifact, in an index.
    pub artifact_type: Option<String>,
    /// The annotations.
    pub annotations: BTreeMap<String, String>,
}

impl Descriptor {
    /// Whether this is an image that can run, and not an attestation or another artifact.
    #[must_use]
    pub fn is_runnable(&self) -> bool {
        self.artifact_type.is_none()
            && !self.annotations.contains_key("vnd.docker.reference.type")
            && self.platform.as_ref().is_none_or(|platform| platform.os != "unknown")
    }

    /// Whether registries need not have this content: layers that come from elsewhere.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        self.media_type.contains(".nondistributable.") || self.media_type.contains(".foreign.")
    }
}

/// A list of manifests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// The media type.
    pub media_type: String,
    /// The manifests, in the order of the file.
    pub children: Vec<Descriptor>,
    /// The manifest that this one is about.
    pub subject: Option<Digest>,
}

impl Index {
    /// The child whose config tells when the image was built: linux/amd64, else the first that
    /// can run.
    #[must_use]
    pub fn main_child(&self) -> Option<&Descriptor> {
        let amd64 = |child: &&Descriptor| {
            child.platform.as_ref().is_some_and(|p| p.os == "linux" && p.architecture == "amd64")
        };
        let runnable = || self.children.iter().filter(|child| child.is_runnable());
        runnable().find(amd64).or_else(|| runnable().next())
    }
}

/// One image, or another artifact of the same shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageManifest {
    /// The media type.
    pub media_type: String,
    /// The config.
    pub config: Option<Descriptor>,
    /// The layers.
    pub layers: Vec<Descriptor>,
    /// The manifest that this one is about.
    pub subject: Option<Digest>,
}

/// A manifest of either shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Manifest {
    /// A list of manifests.
    Index(Index),
    /// One image.
    Image(ImageManifest),
}

impl Manifest {
    /// Reads a manifest. The shape is told by `content_type`, then by the body's `mediaType`,
    /// then by its fields.
    ///
    /// # Errors
    /// [`ManifestError`] when the bytes are not JSON of a known shape.
    pub fn parse(content_type: Option<&str>, bytes: &[u8]) -> Result<Self, ManifestError> {
        let wire: WireManifest = serde_json::from_slice(bytes)?;
        let declared = content_type
            .map(|text| text.split(';').next().unwrap_or(text).trim().to_owned())
            .filter(|text| is_manifest_type(text))
            .or_else(|| wire.media_type.clone());
        let media_type = match declared {
            Some(media_type) => media_type,
            None if wire.manifests.is_some() => media_type::OCI_INDEX.to_owned(),
            None if wire.layers.is_some() => media_type::OCI_MANIFEST.to_owned(),
            None => return Err(ManifestError::Unsupported("without a type".to_owned())),
        };
        match media_type.as_str() {
            media_type::OCI_INDEX | media_type::DOCKER_LIST => Ok(Self::Index(Index {
                media_type,
                children: descriptors(wire.manifests)?,
                subject: digest_of(wire.subject)?,
            })),
            media_type::OCI_MANIFEST | media_type::DOCKER_MANIFEST => {
                Ok(Self::Image(ImageManifest {
                    media_type,
                    config: wire.config.map(Descriptor::try_from).transpose()?,
                    layers: descriptors(wire.layers)?,
                    subject: digest_of(wire.subject)?,
                }))
            }
            _ => Err(ManifestError::Unsupported(media_type)),
        }
    }

    /// The media type.
    #[must_use]
    pub fn media_type(&self) -> &str {
        match self {
            Self::Index(index) => &index.media_type,
            Self::Image(image) => &image.media_type,
        }
    }
}

fn is_manifest_type(text: &str) -> bool {
    text.starts_with("application/vnd.oci.image.")
        || text.starts_with("application/vnd.docker.distribution.")
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireManifest {
    media_type: Option<String>,
    config: Option<WireDescriptor>,
    layers: Option<Vec<WireDescriptor>>,
    manifests: Option<Vec<WireDescriptor>>,
    subject: Option<WireDescriptor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDescriptor {
    #[serde(default)]
    media_type: String,
    digest: String,
    #[serde(default)]
    size: u64,
    platform: Option<Platform>,
    artifact_type: Option<String>,
    annotations: Option<BTreeMap<String, String>>,
}

impl TryFrom<WireDescriptor> for Descriptor {
    type Error = ManifestError;

    fn try_from(wire: WireDescriptor) -> Result<Self, ManifestError> {
        let digest = Digest::parse(&wire.digest)?;
        Ok(Self {
            media_type: wire.media_type,
            digest,
            size: wire.size,
            platform: wire.platform,
            artifact_type: wire.artifact_type.filter(|text| !text.is_empty()),
            annotations: wire.annotations.unwrap_or_default(),
        })
    }
}

fn descriptors(wire: Option<Vec<WireDescriptor>>) -> Result<Vec<Descriptor>, ManifestError> {
    wire.unwrap_or_default().into_iter().map(Descriptor::try_from).collect()
}

fn digest_of(wire: Option<WireDescriptor>) -> Result<Option<Digest>, ManifestError> {
    wire.map(|wire| Descriptor::try_from(wire).map(|descriptor| descriptor.digest)).transpose()
}
