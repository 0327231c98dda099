//! Manifests and indexes, with the fields that this program uses.
//!
//! `manifest_read` parses them. The formats are those of
//! <https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md> and of Docker's
//! schema 2. Manifests are never serialized again, since that would change their digest.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use super::Digest;

/// The bytes are not a manifest that can be read.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Not JSON.
    #[error("not a manifest")]
    Json(#[from] serde_json::Error),
    /// JSON, but not an object.
    #[error("not a manifest: it is JSON, but not an object")]
    NoObject,
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
    /// Whether this satisfies a request for `wanted`: a wanted variant must match; without one, any
    /// variant does.
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

/// A reference of a manifest to other content.
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

    /// Whether this is a manifest by its media type, or may be one because it has none.
    #[must_use]
    pub fn is_manifest(&self) -> bool {
        let kind = self.media_type.to_ascii_lowercase();
        kind.is_empty() || kind.contains("manifest") || kind.contains("image.index")
    }

    /// Whether this is a foreign layer, which a registry need not have.
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
    /// The manifests, in the order in which the index lists them.
    pub children: Vec<Descriptor>,
    /// Entries that are not manifests, such as the layers of a build cache.
    pub blobs: Vec<Descriptor>,
    /// The manifest that this one belongs to, as a signature or attestation does.
    pub subject: Option<Digest>,
}

impl Index {
    /// The child whose config has the build time of the index: linux/amd64, else the first runnable one.
    #[must_use]
    pub fn main_child(&self) -> Option<&Descriptor> {
        let amd64 = |child: &&Descriptor| {
            child.platform.as_ref().is_some_and(|p| p.os == "linux" && p.architecture == "amd64")
        };
        let runnable = || self.children.iter().filter(|child| child.is_runnable());
        runnable().find(amd64).or_else(|| runnable().next())
    }
}

/// One image, or another artifact of the same format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageManifest {
    /// The media type.
    pub media_type: String,
    /// The config.
    pub config: Option<Descriptor>,
    /// The layers.
    pub layers: Vec<Descriptor>,
    /// The manifest that this one belongs to, as a signature or attestation does.
    pub subject: Option<Digest>,
}

/// A manifest or an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Manifest {
    /// A list of manifests.
    Index(Index),
    /// One image.
    Image(ImageManifest),
}

impl Manifest {
    /// The media type.
    #[must_use]
    pub fn media_type(&self) -> &str {
        match self {
            Self::Index(index) => &index.media_type,
            Self::Image(image) => &image.media_type,
        }
    }

    /// The manifest that this one belongs to, as a signature or attestation does.
    #[must_use]
    pub fn subject(&self) -> Option<&Digest> {
        match self {
            Self::Index(index) => index.subject.as_ref(),
            Self::Image(image) => image.subject.as_ref(),
        }
    }

    /// Everything that is referenced as a blob: the config, the layers, and the entries of an index that
    /// are not manifests.
    pub fn blobs(&self) -> impl Iterator<Item = &Descriptor> {
        let (config, blobs) = match self {
            Self::Index(index) => (None, &index.blobs),
            Self::Image(image) => (image.config.as_ref(), &image.layers),
        };
        config.into_iter().chain(blobs)
    }
}
