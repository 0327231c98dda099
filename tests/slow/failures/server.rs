//! A registry as the scenes see it: pushed to and asked past the program.

use tags::model::{Digest, Manifest, TagName};
use tags::sandbox::{Sandbox, Settings, StoredTag};

use crate::failures::debian::Debian;
use crate::failures::images::{Image, now};
use crate::support::{self, registries};

pub(crate) enum Server {
    Embedded(Sandbox),
    Debian(Debian),
}

impl Server {
    pub(crate) fn embedded(settings: Settings) -> Self {
        Self::Embedded(registries::start(settings))
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Embedded(sandbox) => sandbox.url(),
            Self::Debian(debian) => debian.url().to_owned(),
        }
    }

    /// Pushes a whole image, blobs and children first.
    pub(crate) fn push(&self, path: &str, image: &Image, tags: &[&str]) {
        match self {
            Self::Embedded(sandbox) => {
                let tags: Vec<TagName> = tags.iter().map(|tag| support::tag(tag)).collect();
                sandbox.store().push(&support::path(path), &image.built, &tags, Some(image.time));
            }
            Self::Debian(debian) => {
                for blob in &image.built.blobs {
                    debian.push_blob(path, blob);
                }
                for manifest in image.built.manifests() {
                    debian.push_manifest(path, &manifest.digest.to_string(), manifest);
                }
                for tag in tags {
                    debian.push_manifest(path, tag, &image.built.root);
                }
            }
        }
    }

    /// Sets a tag anew on an image that is there.
    pub(crate) fn set_tag(&self, path: &str, image: &Image, tag: &str) {
        match self {
            Self::Embedded(sandbox) => {
                let digest = image.digest().clone();
                let stored = StoredTag { digest, updated: Some(now()) };
                sandbox.store().set_tag(&support::path(path), &support::tag(tag), stored);
            }
            Self::Debian(debian) => debian.push_manifest(path, tag, &image.built.root),
        }
    }

    pub(crate) fn resolve(&self, path: &str, tag: &str) -> Option<Digest> {
        match self {
            Self::Embedded(sandbox) => {
                sandbox.store().resolve(&support::path(path), &support::tag(tag))
            }
            Self::Debian(debian) => debian.manifest(path, tag).map(|(_, bytes)| Digest::of(&bytes)),
        }
    }

    pub(crate) fn has_manifest(&self, path: &str, digest: &Digest) -> bool {
        self.manifest(path, digest).is_some()
    }

    fn manifest(&self, path: &str, digest: &Digest) -> Option<Manifest> {
        match self {
            Self::Embedded(sandbox) => {
                let stored = sandbox.store().manifest(&support::path(path), digest)?;
                let parsed = Manifest::parse(Some(&stored.media_type), &stored.bytes);
                Some(parsed.expect("a manifest"))
            }
            Self::Debian(debian) => {
                debian.manifest(path, &digest.to_string()).map(|(manifest, _)| manifest)
            }
        }
    }

    fn has_blob(&self, path: &str, digest: &Digest) -> bool {
        match self {
            Self::Embedded(sandbox) => sandbox.store().blob(&support::path(path), digest).is_some(),
            Self::Debian(debian) => debian.has_blob(path, &digest.to_string()),
        }
    }

    /// What a pull of this digest on any platform would ask for, and not get.
    pub(crate) fn missing(&self, path: &str, digest: &Digest) -> Vec<Digest> {
        match self.manifest(path, digest) {
            None => vec![digest.clone()],
            Some(Manifest::Index(index)) => {
                let children = index.children.iter();
                children.flat_map(|child| self.missing(path, &child.digest)).collect()
            }
            Some(Manifest::Image(image)) => image
                .config
                .iter()
                .chain(&image.layers)
                .map(|blob| blob.digest.clone())
                .filter(|blob| !self.has_blob(path, blob))
                .collect(),
        }
    }
}
