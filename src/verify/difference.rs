//! Why one image has two digests in two registries.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Utc};

use crate::model::{ContentTree, Digest, Manifest};

/// The difference between two manifests of one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// One is an index whose only image is the other.
    IndexWraps,
    /// The same platforms, with other attestations.
    Attestation,
    /// The same manifests, with other annotations or in another order.
    Annotations,
    /// The same images, but one has platforms that the other lacks.
    Platforms,
    /// The same image in manifests of another media type.
    Converted,
    /// The same image with its layers packed in another way.
    Repacked,
    /// Two builds, with their times where known.
    Build(Option<DateTime<Utc>>, Option<DateTime<Utc>>),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |time: &Option<DateTime<Utc>>| {
            time.map_or("at an unknown time".to_owned(), |t| {
                t.format("%Y-%m-%d %H:%M:%S UTC").to_string()
            })
        };
        match self {
            Self::IndexWraps => f.write_str("same image, one is an index wrapping one manifest"),
            Self::Attestation => f.write_str("same platforms, only the attestation differs"),
            Self::Annotations => {
                f.write_str("same manifests, only the index's annotations or order differ")
            }
            Self::Platforms => {
                f.write_str("same images, but one has platforms that the other lacks")
            }
            Self::Converted => f.write_str("same image, media type converted"),
            Self::Repacked => f.write_str("same image, layers compressed differently"),
            Self::Build(a, b) if a == b => f.write_str("different build"),
            Self::Build(a, b) => write!(f, "different build ({} and {})", time(a), time(b)),
        }
    }
}

/// Compares two manifests that should be the same.
#[must_use]
pub fn explain(a: &ContentTree, b: &ContentTree) -> Difference {
    match (&a.manifest, &b.manifest) {
        (Manifest::Index(_), Manifest::Image(_)) if wraps(a, b) => return Difference::IndexWraps,
        (Manifest::Image(_), Manifest::Index(_)) if wraps(b, a) => return Difference::IndexWraps,
        (Manifest::Index(_), Manifest::Index(_)) if runnable(a) == runnable(b) => {
            return if all(a) == all(b) {
                Difference::Annotations
            } else {
                Difference::Attestation
            };
        }
        (Manifest::Index(_), Manifest::Index(_)) if part_of(a, b) || part_of(b, a) => {
            return Difference::Platforms;
        }
        _ => {}
    }
    let configs = configs(a);
    if configs.is_empty() || configs != self::configs(b) {
        let created = |tree: &ContentTree| tree.main_config().and_then(|config| config.created);
        return Difference::Build(created(a), created(b));
    }
    if layers(a) == layers(b) { Difference::Converted } else { Difference::Repacked }
}

/// Whether this image is the only runnable one in the index.
fn wraps(index: &ContentTree, image: &ContentTree) -> bool {
    runnable(index).into_iter().eq([&image.digest])
}

fn runnable(tree: &ContentTree) -> BTreeSet<&Digest> {
    match &tree.manifest {
        Manifest::Index(index) => {
            index.children.iter().filter(|c| c.is_runnable()).map(|c| &c.digest).collect()
        }
        Manifest::Image(_) => BTreeSet::from([&tree.digest]),
    }
}

/// Whether the first has runnable images, and all of them are in the second too.
fn part_of(some: &ContentTree, more: &ContentTree) -> bool {
    let some = runnable(some);
    !some.is_empty() && some.is_subset(&runnable(more))
}

fn all(tree: &ContentTree) -> BTreeSet<&Digest> {
    match &tree.manifest {
        Manifest::Index(index) => index.children.iter().map(|c| &c.digest).collect(),
        Manifest::Image(_) => BTreeSet::from([&tree.digest]),
    }
}

/// The images below a tree that can run.
fn images(tree: &ContentTree) -> Vec<&ContentTree> {
    match &tree.manifest {
        Manifest::Image(_) => vec![tree],
        Manifest::Index(_) => {
            runnable(tree).iter().filter_map(|digest| tree.child(digest)).flat_map(images).collect()
        }
    }
}

fn configs(tree: &ContentTree) -> BTreeSet<&Digest> {
    images(tree)
        .into_iter()
        .filter_map(|image| match &image.manifest {
            Manifest::Image(manifest) => manifest.config.as_ref().map(|config| &config.digest),
            Manifest::Index(_) => None,
        })
        .collect()
}

fn layers(tree: &ContentTree) -> BTreeSet<&Digest> {
    images(tree)
        .into_iter()
        .flat_map(|image| match &image.manifest {
            Manifest::Image(manifest) => manifest.layers.as_slice(),
            Manifest::Index(_) => &[],
        })
        .map(|layer| &layer.digest)
        .collect()
}
