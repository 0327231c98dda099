//! Parses manifests: everything that the bytes reference, whatever the declared type, and whether
//! declared types and bytes contradict each other.
//!
//! Any JSON object is parsed: Docker's schema 1, artifact manifests and unknown types name their
//! content in one of a few fields. A manifest references the union of these fields.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::manifest::{Descriptor, ImageManifest, Index, Manifest, ManifestError, Platform};
use super::{Digest, TypeClass, media_type};

/// A manifest, and whether it contradicts itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestRead {
    /// The manifest, with everything that its bytes reference, even if its types are contradictory.
    pub manifest: Manifest,
    /// How declared types and bytes contradict each other, if they do.
    pub inconsistency: Option<String>,
}

impl Manifest {
    /// Parses a manifest from any JSON object. [`ManifestRead::of`] also returns whether it contradicts
    /// itself.
    ///
    /// # Errors
    /// [`ManifestError`] when the bytes are not a JSON object.
    pub fn parse(content_type: Option<&str>, bytes: &[u8]) -> Result<Self, ManifestError> {
        ManifestRead::of(content_type, bytes).map(|read| read.manifest)
    }
}

impl ManifestRead {
    /// Parses a manifest that was sent with this `Content-Type`, if any.
    ///
    /// # Errors
    /// [`ManifestError`] when the bytes are not a JSON object.
    pub fn of(content_type: Option<&str>, bytes: &[u8]) -> Result<Self, ManifestError> {
        let Value::Object(body) = serde_json::from_slice(bytes)? else {
            return Err(ManifestError::NoObject);
        };
        let own =
            body.get("mediaType").and_then(Value::as_str).map(plain).filter(|t| !t.is_empty());
        let sent = content_type.map(plain).filter(|sent| TypeClass::of(sent).is_some());
        let mut reader = DescriptorReader::default();
        let parts = Parts::of(&body, &mut reader);
        let media_type =
            own.clone().or_else(|| sent.clone()).unwrap_or_else(|| parts.usual_type(&body));
        let inconsistency =
            contradiction(own.as_deref(), sent.as_deref(), &parts).or(reader.problem);
        Ok(Self { manifest: parts.into_manifest(media_type), inconsistency })
    }

    /// Whether bytes look like a manifest: a JSON object with a typical field.
    #[must_use]
    pub fn is_likely(bytes: &[u8]) -> bool {
        const FIELDS: [&str; 7] =
            ["schemaVersion", "mediaType", "manifests", "layers", "config", "blobs", "fsLayers"];
        let body = serde_json::from_slice::<Map<String, Value>>(bytes);
        body.is_ok_and(|body| FIELDS.iter().any(|field| body.contains_key(*field)))
    }
}

/// A media type without parameters, in lower case.
fn plain(text: &str) -> String {
    text.split(';').next().unwrap_or(text).trim().to_ascii_lowercase()
}

/// Everything that a body references, by field.
struct Parts {
    /// None where the field is missing or null.
    manifests: Option<Vec<Descriptor>>,
    subject: Option<Digest>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
    blobs: Option<Vec<Descriptor>>,
    /// `fsLayers` of schema 1.
    fs_layers: Option<Vec<Descriptor>>,
}

/// Reads descriptors, and keeps the first problem that it finds.
#[derive(Default)]
struct DescriptorReader {
    /// What could not be parsed, if anything.
    problem: Option<String>,
}

impl DescriptorReader {
    fn descriptor(&mut self, field: &str, value: &Value) -> Option<Descriptor> {
        let key = if field == "fsLayers" { "blobSum" } else { "digest" };
        let digest = value.get(key).and_then(Value::as_str).map(Digest::parse);
        let Some(Ok(digest)) = digest else {
            self.problem.get_or_insert_with(|| {
                format!("its `{field}` has an entry without a valid digest")
            });
            return None;
        };
        let wire = WireDescriptor::deserialize(value).unwrap_or_default();
        Some(Descriptor {
            media_type: wire.media_type,
            digest,
            size: wire.size,
            platform: wire.platform,
            artifact_type: wire.artifact_type.filter(|text| !text.is_empty()),
            annotations: wire.annotations.unwrap_or_default(),
        })
    }

    fn one(&mut self, body: &Map<String, Value>, field: &str) -> Option<Descriptor> {
        let value = body.get(field).filter(|value| !value.is_null())?;
        self.descriptor(field, value)
    }

    fn list(&mut self, body: &Map<String, Value>, field: &str) -> Option<Vec<Descriptor>> {
        let value = body.get(field).filter(|value| !value.is_null())?;
        let Some(entries) = value.as_array() else {
            self.problem.get_or_insert_with(|| format!("its `{field}` is not a list"));
            return Some(Vec::new());
        };
        Some(entries.iter().filter_map(|entry| self.descriptor(field, entry)).collect())
    }
}

impl Parts {
    fn of(body: &Map<String, Value>, reader: &mut DescriptorReader) -> Self {
        Self {
            manifests: reader.list(body, "manifests"),
            subject: reader.one(body, "subject").map(|subject| subject.digest),
            config: reader.one(body, "config"),
            layers: reader.list(body, "layers"),
            blobs: reader.list(body, "blobs"),
            fs_layers: reader.list(body, "fsLayers"),
        }
    }

    /// The media type of a body without one, by its fields.
    fn usual_type(&self, body: &Map<String, Value>) -> String {
        let of = if self.manifests.is_some() {
            media_type::OCI_INDEX
        } else if self.fs_layers.is_some() && body.contains_key("signatures") {
            media_type::DOCKER_SCHEMA_1_SIGNED
        } else if self.fs_layers.is_some() {
            media_type::DOCKER_SCHEMA_1
        } else {
            media_type::OCI_MANIFEST
        };
        of.to_owned()
    }

    fn into_manifest(self, media_type: String) -> Manifest {
        let Self { manifests, subject, config, layers, blobs, fs_layers } = self;
        let content = [layers, blobs, fs_layers].into_iter().flatten().flatten();
        match manifests {
            Some(manifests) => {
                let (children, others) = manifests.into_iter().partition(Descriptor::is_manifest);
                let others: Vec<Descriptor> = others;
                let blobs = config.into_iter().chain(content).chain(others).collect();
                Manifest::Index(Index { media_type, children, blobs, subject })
            }
            None if TypeClass::of(&media_type) == Some(TypeClass::Index) => {
                let blobs = config.into_iter().chain(content).collect();
                Manifest::Index(Index { media_type, children: Vec::new(), blobs, subject })
            }
            None => {
                let layers = content.collect();
                Manifest::Image(ImageManifest { media_type, config, layers, subject })
            }
        }
    }
}

/// How the `mediaType` in a body, its `Content-Type` and its fields contradict each other. An unknown
/// type may have any field.
fn contradiction(own: Option<&str>, sent: Option<&str>, parts: &Parts) -> Option<String> {
    let is_same = |a: &str, b: &str| {
        let class = TypeClass::of(a);
        a == b || (class == TypeClass::of(b) && class == Some(TypeClass::Schema1))
    };
    if let (Some(own), Some(sent)) = (own, sent)
        && !is_same(own, sent)
    {
        return Some(format!("its Content-Type is {sent}, its own `mediaType` {own}"));
    }
    let fields = [
        ("manifests", parts.manifests.is_some()),
        ("config", parts.config.is_some()),
        ("layers", parts.layers.is_some()),
        ("blobs", parts.blobs.is_some()),
        ("fsLayers", parts.fs_layers.is_some()),
    ];
    let has = |name: &str| fields.iter().any(|(field, there)| *field == name && *there);
    let (source, class) = match (own, sent) {
        (Some(own), _) => ("its own `mediaType`", TypeClass::of(own)),
        (None, Some(sent)) => ("its Content-Type", TypeClass::of(sent)),
        (None, None) if has("manifests") => ("its list of manifests", Some(TypeClass::Index)),
        (None, None) => return None,
    };
    let expected: &[&str] = match class? {
        TypeClass::Index => &["manifests"],
        TypeClass::Image => &["config", "layers"],
        TypeClass::Artifact => &["blobs"],
        TypeClass::Schema1 => &["fsLayers"],
    };
    let unexpected = fields.iter().find(|(field, there)| *there && !expected.contains(field))?.0;
    let kind = class?.as_str();
    Some(format!("by {source} it is {kind}, but it has `{unexpected}`"))
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct WireDescriptor {
    #[serde(default)]
    media_type: String,
    #[serde(default)]
    size: u64,
    platform: Option<Platform>,
    artifact_type: Option<String>,
    annotations: Option<std::collections::BTreeMap<String, String>>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn digest(text: &str) -> Digest {
        Digest::of(text.as_bytes())
    }

    fn entry(text: &str, media_type: &str) -> Value {
        json!({"digest": digest(text).to_string(), "mediaType": media_type, "size": 1})
    }

    fn read(content_type: Option<&str>, body: &Value) -> ManifestRead {
        ManifestRead::of(content_type, body.to_string().as_bytes()).expect("a manifest")
    }

    fn names(read: &ManifestRead) -> Vec<Digest> {
        let children = match &read.manifest {
            Manifest::Index(index) => index.children.as_slice(),
            Manifest::Image(_) => &[],
        };
        let children = children.iter().map(|child| child.digest.clone());
        let blobs = read.manifest.blobs().map(|blob| blob.digest.clone());
        let mut all: Vec<Digest> =
            children.chain(blobs).chain(read.manifest.subject().cloned()).collect();
        all.sort();
        all
    }

    #[test]
    fn every_reference_is_read_whatever_type_was_declared() {
        let body = json!({
            "manifests": [entry("child", media_type::OCI_MANIFEST)],
            "subject": entry("subject", media_type::OCI_MANIFEST),
            "config": entry("config", media_type::OCI_CONFIG),
            "layers": [entry("layer", "application/vnd.oci.image.layer.v1.tar")],
            "blobs": [entry("blob", "a/b")],
            "fsLayers": [{"blobSum": digest("fs").to_string()}],
        });
        let mut expected =
            ["child", "subject", "config", "layer", "blob", "fs"].map(digest).to_vec();
        expected.sort();
        let types = [
            None,
            Some(media_type::OCI_INDEX),
            Some(media_type::OCI_MANIFEST),
            Some(media_type::DOCKER_LIST),
            Some(media_type::OCI_ARTIFACT),
            Some(media_type::DOCKER_SCHEMA_1),
            Some("text/html"),
        ];
        for sent in types {
            let read = read(sent, &body);
            assert_eq!(names(&read), expected, "{sent:?}");
            assert!(read.inconsistency.is_some(), "{sent:?}");
        }
    }

    #[test]
    fn a_manifest_of_its_declared_type_is_consistent() {
        let index = json!({"manifests": [entry("a", media_type::OCI_MANIFEST)]});
        let image = json!({"config": entry("c", media_type::OCI_CONFIG), "layers": []});
        let with = |body: &Value, own: &str| {
            let mut body = body.clone();
            body["mediaType"] = own.into();
            body
        };
        for (sent, body) in [
            (Some(media_type::OCI_INDEX), index.clone()),
            (Some("application/vnd.oci.image.index.v1+json; charset=utf-8"), index.clone()),
            (None, index.clone()),
            (Some("application/json"), with(&index, media_type::DOCKER_LIST)),
            (Some(media_type::OCI_MANIFEST), with(&image, media_type::OCI_MANIFEST)),
            (None, image.clone()),
            (Some(media_type::DOCKER_SCHEMA_1_SIGNED), json!({"schemaVersion": 1, "fsLayers": []})),
            (Some(media_type::OCI_ARTIFACT), json!({"blobs": []})),
            (None, with(&json!({"manifests": [], "layers": []}), "application/vnd.example.new")),
            (Some(media_type::OCI_INDEX), json!({"manifests": null})),
        ] {
            assert_eq!(read(sent, &body).inconsistency, None, "{sent:?} {body}");
        }
    }

    #[test]
    fn types_and_bytes_that_contradict_each_other_are_explained() {
        let index = json!({"manifests": [entry("a", media_type::OCI_MANIFEST)]});
        let typed = json!({"mediaType": media_type::OCI_INDEX, "manifests": []});
        let image = json!({"mediaType": media_type::OCI_MANIFEST, "layers": []});
        let mixed = json!({"manifests": [], "layers": []});
        for (sent, body, word) in [
            (Some(media_type::OCI_MANIFEST), &index, "Content-Type"),
            (Some(media_type::OCI_MANIFEST), &typed, "mediaType"),
            (Some(media_type::DOCKER_MANIFEST), &image, "mediaType"),
            (Some(media_type::OCI_INDEX), &image, "mediaType"),
            (None, &mixed, "layers"),
        ] {
            let inconsistency = read(sent, body).inconsistency.expect("an inconsistency");
            assert!(inconsistency.contains(word), "{inconsistency}");
        }
    }

    #[test]
    fn an_invalid_entry_is_an_inconsistency_and_the_rest_is_read() {
        let body = json!({"manifests": [{"digest": "none"}, entry("a", ""), {}], "layers": "x"});
        let read = read(None, &body);
        assert_eq!(names(&read), [digest("a")]);
        assert!(read.inconsistency.is_some());
        for bytes in [b"<html>".as_slice(), b"[]", b"null", b"", b"\xff"] {
            assert!(ManifestRead::of(Some(media_type::OCI_INDEX), bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn layers_in_an_index_are_blobs() {
        let layer = "application/vnd.oci.image.layer.v1.tar+gzip";
        let body = json!({"manifests": [
            entry("layer", layer),
            entry("cache", "application/vnd.buildkit.cacheconfig.v0"),
            entry("child", media_type::DOCKER_MANIFEST),
            entry("untyped", ""),
        ]});
        let read = read(Some(media_type::OCI_INDEX), &body);
        let Manifest::Index(index) = &read.manifest else { panic!("an index") };
        let children: Vec<&Digest> = index.children.iter().map(|child| &child.digest).collect();
        assert_eq!(children, [&digest("child"), &digest("untyped")]);
        assert_eq!(index.blobs.len(), 2);
        assert_eq!(read.inconsistency, None);
    }
}
