//! Attestations in both of `BuildKit`'s forms, and artifacts with a subject in general.
//!
//! <https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md>. The
//! statements have the right shape but no signature.

use serde_json::{Value, json};

use super::{Blob, Build, BuiltImage, ManifestBytes, Provenance};
use crate::model::{Digest, media_type};

const STATEMENT: &str = "application/vnd.in-toto+json";
const PREDICATE: &str = "https://slsa.dev/provenance/v1";
const ATTESTATION: &str = "application/vnd.docker.attestation.manifest.v1+json";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// The attestation of an image, if there is to be one.
pub(super) fn attest(
    build: &Build,
    image: &ManifestBytes,
    provenance: Provenance,
) -> Option<BuiltImage> {
    let statement = Blob::new(STATEMENT, statement(build, image).to_string().into_bytes());
    match provenance {
        Provenance::None => None,
        Provenance::Plain => Some(plain(statement)),
        Provenance::Artifact => Some(artifact(image, ATTESTATION, statement)),
    }
}

/// How an index refers to an attestation.
pub(super) fn descriptor(attestation: &ManifestBytes, image: &Digest) -> Value {
    let mut descriptor = attestation.descriptor();
    descriptor["platform"] = json!({"architecture": "unknown", "os": "unknown"});
    descriptor["annotations"] = json!({
        "vnd.docker.reference.digest": image.to_string(),
        "vnd.docker.reference.type": "attestation-manifest",
    });
    descriptor
}

/// An artifact with one blob, which refers to `subject`.
pub(super) fn artifact(subject: &ManifestBytes, kind: &str, payload: Blob) -> BuiltImage {
    let empty = Blob::new(EMPTY, b"{}".to_vec());
    let manifest = json!({
        "artifactType": kind,
        "config": empty.descriptor(),
        "layers": [layer(&payload)],
        "subject": subject.descriptor(),
    });
    let root = ManifestBytes::new(media_type::OCI_MANIFEST, manifest);
    BuiltImage { root, children: Vec::new(), blobs: vec![payload, empty] }
}

/// A manifest that looks like an image, with a minimal config.
fn plain(statement: Blob) -> BuiltImage {
    let config = json!({
        "architecture": "unknown",
        "os": "unknown",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [statement.digest.to_string()]},
    });
    let config = Blob::new(media_type::OCI_CONFIG, config.to_string().into_bytes());
    let manifest = json!({"config": config.descriptor(), "layers": [layer(&statement)]});
    let root = ManifestBytes::new(media_type::OCI_MANIFEST, manifest);
    BuiltImage { root, children: Vec::new(), blobs: vec![statement, config] }
}

fn layer(blob: &Blob) -> Value {
    let mut layer = blob.descriptor();
    if blob.media_type == STATEMENT {
        layer["annotations"] = json!({"in-toto.io/predicate-type": PREDICATE});
    }
    layer
}

/// <https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md>
fn statement(build: &Build, image: &ManifestBytes) -> Value {
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": PREDICATE,
        "subject": [{
            "name": build.platform.to_string(),
            "digest": {"sha256": image.digest.encoded()},
        }],
        "predicate": {"buildDefinition": {"externalParameters": {"revision": build.revision}}},
    })
}
