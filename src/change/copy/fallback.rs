//! The list of referrers of a manifest in a registry without the referrers API: an index under the tag
//! `sha256-<hex>`.
//!
//! <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema>.
//! Several writers may change it at the same time, and the last one wins: it is read, completed,
//! written and read again until everything is in it.

use std::time::Duration;

use serde_json::{Value, json};

use super::failure::{CopyCause, CopyFailure};
use super::graph::CopiedManifest;
use crate::model::{Digest, RepositoryPath, TagName, media_type};
use crate::registry::{Backend, ManifestSelector, PushedManifest};

/// How often it is written at most.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(300);

/// The tag of the list of referrers of a manifest, or cosign's tag with this suffix.
pub(super) fn accessory_tag(subject: &Digest, suffix: &str) -> Option<TagName> {
    let encoded = subject.encoded();
    let encoded = encoded.get(..64).unwrap_or(&encoded);
    TagName::parse(&format!("{}-{encoded}{suffix}", subject.algorithm())).ok()
}

/// The entries of such a list, as they are written; none when there is no list.
///
/// # Errors
/// [`CopyFailure`] when it cannot be read.
pub(super) async fn entries_read(
    registry: &Backend,
    path: &RepositoryPath,
    subject: &Digest,
) -> Result<Option<Vec<Value>>, CopyFailure> {
    let Some(tag) = accessory_tag(subject, "") else {
        return Ok(None);
    };
    let Some(fetched) = registry.manifest_get(path, ManifestSelector::Tag(&tag)).await? else {
        return Ok(None);
    };
    let mut body: Value = serde_json::from_slice(&fetched.bytes).unwrap_or_default();
    if let Some(Value::Array(entries)) = body.get_mut("manifests").map(Value::take) {
        return Ok(Some(entries));
    }
    let message = format!("{path}:{tag} is not a list of referrers of {}", subject.short());
    Err(CopyFailure::new(CopyCause::Conflict, message))
}

/// The digest of an entry.
pub(super) fn entry_digest(entry: &Value) -> Option<Digest> {
    Digest::parse(entry.get("digest")?.as_str()?).ok()
}

/// The list entry for a referrer: its artifact type (else the media type of its config) and its
/// annotations are included.
/// <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers>
pub(super) fn entry_of(manifest: &CopiedManifest) -> Value {
    let body: Value = serde_json::from_slice(&manifest.bytes).unwrap_or_default();
    let mut entry = json!({
        "mediaType": manifest.media_type,
        "digest": manifest.digest.to_string(),
        "size": manifest.bytes.len(),
    });
    let own = body.get("artifactType").filter(|text| text.as_str() != Some(""));
    let artifact_type = own.or_else(|| body.pointer("/config/mediaType"));
    let annotations = body.get("annotations");
    for (key, value) in [("artifactType", artifact_type), ("annotations", annotations)] {
        if let Some(value) = value {
            entry[key] = value.clone();
        }
    }
    entry
}

/// Completes the list of a repository with these entries.
///
/// # Errors
/// [`CopyFailure`] when it cannot be written, or others keep overwriting it.
pub(super) async fn entries_merge(
    registry: &Backend,
    path: &RepositoryPath,
    (subject, wanted): (&Digest, &[Value]),
) -> Result<(), CopyFailure> {
    let Some(tag) = accessory_tag(subject, "") else {
        return Ok(());
    };
    for tried in 0..=TRIES {
        let mut entries = entries_read(registry, path, subject).await?.unwrap_or_default();
        let lacking: Vec<&Value> = wanted.iter().filter(|one| !has(&entries, one)).collect();
        if lacking.is_empty() {
            return Ok(());
        }
        if tried == TRIES {
            break;
        }
        if tried > 0 {
            tokio::time::sleep(PAUSE * tried).await;
        }
        entries.extend(lacking.into_iter().cloned());
        let index = json!({
            "schemaVersion": 2,
            "mediaType": media_type::OCI_INDEX,
            "manifests": entries,
        });
        let bytes = index.to_string().into_bytes();
        let manifest = PushedManifest { media_type: media_type::OCI_INDEX, bytes: &bytes };
        registry.manifest_put(path, ManifestSelector::Tag(&tag), manifest).await?;
    }
    let message =
        format!("{path}:{tag} was written, but does not have all entries when read again");
    Err(CopyFailure::new(CopyCause::Registry, message))
}

fn has(entries: &[Value], wanted: &Value) -> bool {
    entries.iter().any(|entry| entry.get("digest") == wanted.get("digest"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_about_a_manifest_has_its_digest_as_a_tag() {
        let digest = Digest::of(b"");
        let hex = digest.encoded();
        let tag = |suffix| accessory_tag(&digest, suffix).expect("a tag").to_string();
        assert_eq!(tag(""), format!("sha256-{hex}"));
        assert_eq!(tag(".sig"), format!("sha256-{hex}.sig"));
        let long = Digest::parse(&format!("sha512:{}", "a".repeat(128))).expect("a digest");
        let tag = accessory_tag(&long, "").expect("a tag").to_string();
        assert_eq!(tag, format!("sha512-{}", "a".repeat(64)));
    }

    #[test]
    fn an_entry_has_the_artifact_type_of_the_config_where_there_is_no_other() {
        let manifest = |body: Value| {
            let bytes = body.to_string().into_bytes();
            let digest = Digest::of(&bytes);
            let media_type = media_type::OCI_MANIFEST.to_owned();
            CopiedManifest { digest, media_type, bytes: bytes.into(), subject: None }
        };
        let config = json!({"config": {"mediaType": "application/x"}, "annotations": {"a": "b"}});
        let entry = entry_of(&manifest(config));
        assert_eq!(entry["artifactType"], "application/x");
        assert_eq!(entry["annotations"]["a"], "b");
        let own =
            json!({"artifactType": "application/y", "config": {"mediaType": "application/x"}});
        assert_eq!(entry_of(&manifest(own))["artifactType"], "application/y");
    }
}
