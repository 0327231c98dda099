//! Images of any age and shape, with everything that they need.

use std::sync::OnceLock;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use tags::model::{Digest, media_type};
use tags::sandbox::content::{Blob, BuiltImage, Format, ManifestBytes, Provenance};

use crate::support::{images, program};

/// An image and the time at which it was built and is pushed.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    pub(crate) built: BuiltImage,
    pub(crate) time: DateTime<Utc>,
}

impl Image {
    pub(crate) fn digest(&self) -> &Digest {
        &self.built.root.digest
    }

    /// The digests of the root and of all that is in it.
    pub(crate) fn manifests(&self) -> Vec<Digest> {
        self.built.manifests().map(|manifest| manifest.digest.clone()).collect()
    }

    /// The tag by which cosign signs it.
    pub(crate) fn signature_tag(&self) -> String {
        signature_tag(self.digest())
    }
}

pub(crate) fn signature_tag(digest: &Digest) -> String {
    format!("{}.sig", digest.to_string().replace(':', "-"))
}

/// The time at which all of this happens.
pub(crate) fn now() -> DateTime<Utc> {
    static NOW: OnceLock<DateTime<Utc>> = OnceLock::new();
    *NOW.get_or_init(program::now)
}

pub(crate) fn days(days: i64) -> DateTime<Utc> {
    now() - TimeDelta::days(days)
}

pub(crate) fn minutes(minutes: i64) -> DateTime<Utc> {
    now() - TimeDelta::minutes(minutes)
}

/// A full SHA whose name says nothing of its number.
pub(crate) fn sha(number: u32) -> String {
    Digest::of(&number.to_be_bytes()).encoded()[..40].to_owned()
}

/// An image for one platform.
pub(crate) fn image(text: &str, time: DateTime<Utc>) -> Image {
    Image { built: images::single(text, time), time }
}

/// An index of two platforms with attestations.
pub(crate) fn index(text: &str, time: DateTime<Utc>, provenance: Provenance) -> Image {
    let builds = ["amd64", "arm64"].map(|one| images::build(&format!("{text} {one}"), one, time));
    Image { built: BuiltImage::index(&builds, Format::Oci, provenance), time }
}

/// An index of other images, which may be indexes themselves.
pub(crate) fn index_of(parts: &[&Image], time: DateTime<Utc>) -> Image {
    let root = images::index_of(parts.iter().map(|part| &part.built.root));
    let children = parts.iter().flat_map(|part| part.built.manifests().cloned()).collect();
    let blobs = parts.iter().flat_map(|part| part.built.blobs.iter().cloned()).collect();
    Image { built: BuiltImage { root, children, blobs }, time }
}

/// A signature or the like, that names its subject.
pub(crate) fn referrer(of: &ManifestBytes, text: &str, time: DateTime<Utc>) -> Image {
    let built = BuiltImage::artifact(of, "application/vnd.example.signature", text.as_bytes());
    Image { built, time }
}

/// An image whose config does not say when it was built.
pub(crate) fn undated(text: &str, time: DateTime<Utc>) -> Image {
    let config = json!({"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers"}});
    let config = Blob::new(media_type::OCI_CONFIG, config.to_string().into_bytes());
    let layer = Blob::new("application/vnd.oci.image.layer.v1.tar", text.as_bytes().to_vec());
    let named = |blob: &Blob| {
        json!({
            "mediaType": blob.media_type,
            "digest": blob.digest.to_string(),
            "size": blob.bytes.len(),
        })
    };
    let manifest = json!({"config": named(&config), "layers": [named(&layer)]});
    let root = ManifestBytes::new(media_type::OCI_MANIFEST, manifest);
    Image { built: BuiltImage { root, children: Vec::new(), blobs: vec![layer, config] }, time }
}
