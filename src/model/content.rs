//! The content of a tag as it was read: a tree of manifests, and what is missing in it.

use std::fmt;

use super::{Descriptor, Digest, ImageConfig, Manifest, Platform, Unread};

/// A manifest with everything below it that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentTree {
    /// The manifest's digest.
    pub digest: Digest,
    /// The manifest.
    pub manifest: Manifest,
    /// Its children, when it is an index; those that are missing are left out.
    pub children: Vec<ContentTree>,
    /// Its image config, when it is an image and the config could be read.
    pub config: Option<ImageConfig>,
}

impl ContentTree {
    /// The platforms that can be run, with the digests of their manifests.
    #[must_use]
    pub fn platforms(&self) -> Vec<(Platform, Digest)> {
        match &self.manifest {
            Manifest::Image(_) => self
                .config
                .iter()
                .filter_map(|config| config.platform.clone())
                .map(|platform| (platform, self.digest.clone()))
                .collect(),
            Manifest::Index(index) => {
                index.children.iter().flat_map(|child| self.child_platforms(child)).collect()
            }
        }
    }

    fn child_platforms(&self, child: &Descriptor) -> Vec<(Platform, Digest)> {
        if !child.is_runnable() {
            return Vec::new();
        }
        match (&child.platform, self.child(&child.digest)) {
            (Some(platform), _) => vec![(platform.clone(), child.digest.clone())],
            (None, Some(tree)) => tree.platforms(),
            (None, None) => Vec::new(),
        }
    }

    /// The tree of a child.
    #[must_use]
    pub fn child(&self, digest: &Digest) -> Option<&Self> {
        self.children.iter().find(|child| child.digest == *digest)
    }

    /// The config of the image, or that of the main child of an index.
    #[must_use]
    pub fn main_config(&self) -> Option<&ImageConfig> {
        match &self.manifest {
            Manifest::Image(_) => self.config.as_ref(),
            Manifest::Index(index) => {
                index.main_child().and_then(|child| self.child(&child.digest))?.main_config()
            }
        }
    }

    /// The configs of all images that can run.
    #[must_use]
    pub fn configs(&self) -> Vec<&ImageConfig> {
        match &self.manifest {
            Manifest::Image(_) => self.config.iter().collect(),
            Manifest::Index(index) => index
                .children
                .iter()
                .filter(|child| child.is_runnable())
                .filter_map(|child| self.child(&child.digest))
                .flat_map(Self::configs)
                .collect(),
        }
    }

    /// Whether the digest is this manifest's or that of one below it.
    #[must_use]
    pub fn contains(&self, digest: &Digest) -> bool {
        self.digest == *digest || self.children.iter().any(|child| child.contains(digest))
    }
}

/// The role of a piece of content in the manifest that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContentRole {
    /// A manifest: the tag's own, or a child of an index.
    Manifest,
    /// A config.
    Config,
    /// A layer.
    Layer,
}

impl fmt::Display for ContentRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Manifest => "manifest",
            Self::Config => "config",
            Self::Layer => "layer",
        })
    }
}

/// Content that a manifest names and the registry does not have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MissingContent {
    /// What it is.
    pub role: ContentRole,
    /// Its digest.
    pub digest: Digest,
}

impl fmt::Display for MissingContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.role, self.digest.short())
    }
}

/// The result of checking the content of a tag.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContentReport {
    /// What could be read.
    pub tree: Option<ContentTree>,
    /// What is missing, in a stable order.
    pub missing: Vec<MissingContent>,
    /// What could not be read.
    pub unread: Vec<Unread>,
}

impl ContentReport {
    /// Whether the tag is an index without a runnable image: empty, or with attestations only.
    #[must_use]
    pub fn is_empty_index(&self) -> bool {
        self.tree.as_ref().is_some_and(|tree| match &tree.manifest {
            Manifest::Index(index) => !index.children.iter().any(Descriptor::is_runnable),
            Manifest::Image(_) => false,
        })
    }
}
