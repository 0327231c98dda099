//! An image in a directory, as tools hand images to each other.
//!
//! <https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md>

use std::fs;
use std::path::Path;

use serde_json::json;
use tags::model::Digest;
use tags::sandbox::content::BuiltImage;

/// Writes an image into an empty directory, under a name.
pub(crate) fn write(directory: &Path, image: &BuiltImage, name: &str) {
    for blob in &image.blobs {
        put(directory, &blob.digest, &blob.bytes);
    }
    for manifest in image.manifests() {
        put(directory, &manifest.digest, &manifest.bytes);
    }
    let root = &image.root;
    let index = json!({"schemaVersion": 2, "manifests": [{
        "mediaType": root.media_type,
        "digest": root.digest.to_string(),
        "size": root.bytes.len(),
        "annotations": {"org.opencontainers.image.ref.name": name},
    }]});
    fs::write(directory.join("index.json"), index.to_string()).unwrap();
    fs::write(directory.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
}

fn put(directory: &Path, digest: &Digest, bytes: &[u8]) {
    let place = directory.join("blobs").join(digest.algorithm());
    fs::create_dir_all(&place).unwrap();
    fs::write(place.join(digest.encoded()), bytes).unwrap();
}
