//! A registry as the scenes see it: pushed to and asked past the program.

use tags::model::{Digest, Manifest, RepositoryPath, TagName};
use tags::sandbox::{Sandbox, Settings, Store, StoredTag};

use crate::failures::debian::Debian;
use crate::failures::images::Image;

pub(crate) enum Server {
    Embedded(Sandbox),
    Debian(Debian),
}

impl Server {
    pub(crate) fn embedded(settings: Settings) -> Self {
        let listen = ([127, 0, 0, 1], 0).into();
        let sandbox = Sandbox::start_in_background(listen, settings, Store::new());
        Self::Embedded(sandbox.expect("a registry"))
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Embedded(sandbox) => sandbox.url(),
            Self::Debian(debian) => debian.url.clone(),
        }
    }

    /// Pushes a whole image, blobs and children first.
    pub(crate) fn push(&self, path: &str, image: &Image, tags: &[&str]) {
        match self {
            Self::Embedded(sandbox) => {
                let tags: Vec<TagName> = tags.iter().map(|tag| tag_name(tag)).collect();
                sandbox.store().push(&repository(path), &image.built, &tags, Some(image.time));
            }
            Self::Debian(debian) => {
                for blob in &image.built.blobs {
                    debian.push_blob(path, blob);
                }
                for manifest in image.built.manifests() {
                    debian.push_manifest(path, manifest.digest.as_str(), manifest);
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
                let stored = StoredTag { digest, updated: Some(crate::failures::images::now()) };
                sandbox.store().set_tag(&repository(path), &tag_name(tag), stored);
            }
            Self::Debian(debian) => debian.push_manifest(path, tag, &image.built.root),
        }
    }

    pub(crate) fn resolve(&self, path: &str, tag: &str) -> Option<Digest> {
        match self {
            Self::Embedded(sandbox) => sandbox.store().resolve(&repository(path), &tag_name(tag)),
            Self::Debian(debian) => debian.manifest(path, tag).map(|(_, bytes)| Digest::of(&bytes)),
        }
    }

    pub(crate) fn has_manifest(&self, path: &str, digest: &Digest) -> bool {
        self.manifest(path, digest).is_some()
    }

    fn manifest(&self, path: &str, digest: &Digest) -> Option<Manifest> {
        match self {
            Self::Embedded(sandbox) => {
                let stored = sandbox.store().manifest(&repository(path), digest)?;
                let parsed = Manifest::parse(Some(&stored.media_type), &stored.bytes);
                Some(parsed.expect("a manifest"))
            }
            Self::Debian(debian) => {
                debian.manifest(path, digest.as_str()).map(|(manifest, _)| manifest)
            }
        }
    }

    fn has_blob(&self, path: &str, digest: &Digest) -> bool {
        match self {
            Self::Embedded(sandbox) => sandbox.store().blob(&repository(path), digest).is_some(),
            Self::Debian(debian) => debian.has_blob(path, digest.as_str()),
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

pub(crate) fn repository(path: &str) -> RepositoryPath {
    RepositoryPath::parse(path).expect("a path")
}

pub(crate) fn tag_name(text: &str) -> TagName {
    TagName::parse(text).expect("a tag")
}
