//! Images of any shape, with everything that they need.

use chrono::{DateTime, Utc};
use serde_json::json;
use tags::model::{Platform, media_type};
use tags::sandbox::content::{Build, BuiltImage, Format, ManifestBytes, Provenance};

pub(crate) fn platform(architecture: &str) -> Platform {
    Platform { os: "linux".to_owned(), architecture: architecture.to_owned(), variant: None }
}

/// What was built for one platform; the text makes the layer.
pub(crate) fn build(text: &str, architecture: &str, created: DateTime<Utc>) -> Build {
    let platform = platform(architecture);
    Build { created, revision: String::new(), platform, text: text.to_owned() }
}

/// An image for one platform.
pub(crate) fn single(text: &str, created: DateTime<Utc>) -> BuiltImage {
    BuiltImage::single(&build(text, "amd64", created), Format::Oci)
}

/// An index of two platforms.
pub(crate) fn index(text: &str, created: DateTime<Utc>, provenance: Provenance) -> BuiltImage {
    let builds = ["amd64", "arm64"].map(|one| build(text, one, created));
    BuiltImage::index(&builds, Format::Oci, provenance)
}

/// An index of manifests that are pushed already, or never.
pub(crate) fn index_of<'a>(children: impl IntoIterator<Item = &'a ManifestBytes>) -> ManifestBytes {
    let entry = |child: &ManifestBytes| {
        let (digest, size) = (child.digest.to_string(), child.bytes.len());
        json!({"mediaType": child.media_type, "digest": digest, "size": size})
    };
    let children: Vec<_> = children.into_iter().map(entry).collect();
    ManifestBytes::new(media_type::OCI_INDEX, json!({ "manifests": children }))
}
