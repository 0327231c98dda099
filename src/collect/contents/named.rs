//! Finds manifests that another one references as a layer, or as another kind of manifest than they
//! are.
//!
//! There are many layers and they are hardly ever manifests, so only hashes of their digests are kept
//! while a repository is read.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{Hash as _, Hasher as _};

use crate::model::{Descriptor, Digest, Manifest, TypeClass};

/// The type of one manifest, and what it references as which type.
pub(super) struct ManifestNames {
    class: Option<TypeClass>,
    children: Vec<(Digest, TypeClass)>,
    blobs: Vec<u64>,
    /// Layers that are manifests by their media type.
    manifest_layers: Vec<Digest>,
}

impl ManifestNames {
    pub(super) fn new(manifest: &Manifest) -> Self {
        let children = match manifest {
            Manifest::Index(index) => index.children.as_slice(),
            Manifest::Image(_) => &[],
        };
        let class = |child: &Descriptor| {
            let plain = child.media_type.to_ascii_lowercase();
            Some((child.digest.clone(), TypeClass::of(&plain)?))
        };
        let (manifest_layers, blobs): (Vec<&Descriptor>, Vec<&Descriptor>) =
            manifest.blobs().partition(|blob| !blob.media_type.is_empty() && blob.is_manifest());
        Self {
            class: TypeClass::of(manifest.media_type()),
            children: children.iter().filter_map(class).collect(),
            blobs: blobs.into_iter().map(|blob| hash(&blob.digest)).collect(),
            manifest_layers: manifest_layers.into_iter().map(|blob| blob.digest.clone()).collect(),
        }
    }
}

/// The types and references of all manifests of a repository.
#[derive(Default)]
pub(super) struct NamedContent {
    classes: HashMap<u64, TypeClass>,
    children: BTreeMap<Digest, TypeClass>,
    /// Children that two indexes reference as different kinds.
    ambiguous: Vec<Digest>,
    blobs: HashSet<u64>,
    manifest_layers: Vec<(Digest, Digest)>,
}

impl NamedContent {
    pub(super) fn add(&mut self, digest: &Digest, named: ManifestNames) {
        if let Some(class) = named.class {
            self.classes.insert(hash(digest), class);
        }
        for (child, class) in named.children {
            if *self.children.entry(child.clone()).or_insert(class) != class {
                self.ambiguous.push(child);
            }
        }
        self.blobs.extend(named.blobs);
        self.manifest_layers
            .extend(named.manifest_layers.into_iter().map(|blob| (digest.clone(), blob)));
    }

    /// Those of the given manifests that are referenced as a wrong type, each with an explanation.
    pub(super) fn misdeclared<'a>(
        &self,
        digests: impl Iterator<Item = &'a Digest>,
    ) -> Vec<(Digest, String)> {
        let mut found = Vec::new();
        for digest in digests {
            let is = self.classes.get(&hash(digest));
            let named = self.children.get(digest);
            if self.blobs.contains(&hash(digest)) {
                found
                    .push((digest.clone(), "another manifest references it as a layer".to_owned()));
            } else if self.ambiguous.contains(digest) {
                found.push((
                    digest.clone(),
                    "two indexes reference it as different kinds of manifest".to_owned(),
                ));
            } else if let (Some(is), Some(named)) = (is, named)
                && is != named
            {
                let how = format!(
                    "an index references it as {}, but it is {}",
                    named.as_str(),
                    is.as_str()
                );
                found.push((digest.clone(), how));
            }
        }
        found
    }

    /// Manifests that are a layer of another one: the other one, and the manifest.
    pub(super) fn manifest_layers(&self) -> &[(Digest, Digest)] {
        &self.manifest_layers
    }
}

fn hash(digest: &Digest) -> u64 {
    let mut hasher = DefaultHasher::new();
    digest.hash(&mut hasher);
    hasher.finish()
}
