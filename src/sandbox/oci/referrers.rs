//! The referrers of a manifest: manifests that have it as their subject, such as signatures.
//!
//! <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers>.
//! If it is switched off, the path is unknown.

use axum::http::header::HeaderName;
use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::super::call::{Answer, Call};
use super::super::shared::Shared;
use super::super::store::StoredManifest;
use crate::model::{Digest, RepositoryPath, media_type};

const OCI_FILTERS_APPLIED: HeaderName = HeaderName::from_static("oci-filters-applied");

pub(super) fn answer(
    shared: &Shared,
    call: &Call,
    repository: &RepositoryPath,
    subject: &Digest,
) -> Answer {
    if !shared.settings.referrers {
        return Answer::no_such_page();
    }
    if call.method != Method::GET && call.method != Method::HEAD {
        return Answer::unsupported();
    }
    let wanted = call.param("artifactType");
    let manifests: Vec<Value> = shared
        .store
        .referrers(repository, subject)
        .iter()
        .map(|(digest, manifest)| descriptor(digest, manifest))
        .filter(|found| wanted.is_none_or(|wanted| found["artifactType"] == *wanted))
        .collect();
    let index = json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_INDEX,
        "manifests": manifests,
    });
    let answer =
        Answer::json(StatusCode::OK, &index).with(header::CONTENT_TYPE, media_type::OCI_INDEX);
    if wanted.is_some() { answer.with(OCI_FILTERS_APPLIED, "artifactType") } else { answer }
}

/// The artifact type is the manifest's, else that of its config, as specified.
fn descriptor(digest: &Digest, manifest: &StoredManifest) -> Value {
    let body: Value = serde_json::from_slice(&manifest.bytes).unwrap_or_default();
    let mut descriptor = json!({
        "mediaType": manifest.media_type,
        "digest": digest.to_string(),
        "size": manifest.bytes.len(),
    });
    let own = body.get("artifactType").filter(|text| text.as_str() != Some(""));
    let artifact_type = own.or_else(|| body.pointer("/config/mediaType"));
    for (key, value) in [("artifactType", artifact_type), ("annotations", body.get("annotations"))]
    {
        if let Some(value) = value {
            descriptor[key] = value.clone();
        }
    }
    descriptor
}
