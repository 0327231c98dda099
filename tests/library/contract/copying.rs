//! An image is copied into every registry, whole and bit for bit; what is there is not sent again.

use serde_json::Value;
use tags::change::copy::{
    CopyCause, CopyJob, CopyPlan, CopyResult, TagCreation, copy_image, copy_plan, siblings,
    tag_create,
};
use tags::change::{Stop, copy::Copied};
use tags::collect::{Collector, NoProgress, check_content};
use tags::model::{Digest, RegistryName, Repository, TagReference};
use tags::policy::{Policy, RegistryKind};
use tags::registry::{Backend, Connections, ManifestSelector, Presence};
use tags::sandbox::content::{BuiltImage, Format, Provenance};
use tags::sandbox::{Sandbox, Settings};

use super::Subject;
use super::content::build;
use crate::connect::{basic, connect};
use crate::support::{path, policy, registries, tag};

/// A registry that has images, and the one under test, which has none.
pub(crate) struct Pair {
    pub(crate) source: Sandbox,
    policy: Policy,
    connections: Connections,
}

impl Pair {
    pub(crate) async fn with(subject: &Subject, source: Settings) -> Self {
        let source = registries::start_here(source).await;
        let text = [
            policy::VERSION,
            &policy::registry("there", RegistryKind::Oci, &source.url()),
            &policy::registry("here", subject.kind, &subject.url),
            &policy::image("backend", &["there", "here"]),
            &policy::image("frontend", &["there", "here"]),
            policy::PROD,
        ];
        let policy = policy::parsed(&text.concat());
        let (url, login) = (subject.url.clone(), subject.login);
        let connections = connect(&policy, move |registry| {
            let is_subject = registry.url.as_str().trim_end_matches('/') == url;
            login.filter(|_| is_subject).map(|login| basic(login.user, login.password))
        });
        Self { source, policy, connections }
    }

    pub(crate) async fn of(subject: &Subject) -> Self {
        Self::with(subject, Settings::default()).await
    }

    fn collector(&self) -> Collector<'_> {
        Collector { connections: &self.connections, progress: &NoProgress }
    }

    pub(crate) fn repository(&self, registry: &str, path: &str) -> &Repository {
        let mut known = self.policy.repositories.keys();
        known.find(|one| one.registry.as_str() == registry && one.path.as_str() == path).unwrap()
    }

    fn here(&self) -> &Backend {
        self.connections.registry(&RegistryName::parse("here").unwrap()).unwrap()
    }

    /// Copies an image of `acme/backend` from one registry to the other.
    pub(crate) async fn copy(&self, digest: &Digest) -> (CopyPlan, Copied) {
        let from = self.repository("there", "acme/backend");
        self.copy_from(from, self.repository("here", "acme/backend"), digest).await
    }

    async fn copy_from(
        &self,
        from: &Repository,
        to: &Repository,
        digest: &Digest,
    ) -> (CopyPlan, Copied) {
        let (stop, siblings) = (Stop::default(), siblings(&self.policy, to));
        let collector = self.collector();
        let job = CopyJob { collector, from, to, digest, siblings: &siblings, stop: &stop };
        let plan = copy_plan(&job).await.unwrap();
        let copied = copy_image(&job, &plan).await;
        (plan, copied)
    }

    /// Everything of an image is at its place, byte for byte.
    async fn assert_there(&self, repository: &str, image: &BuiltImage) {
        let to = self.repository("here", repository);
        for manifest in image.manifests() {
            let selector = ManifestSelector::Digest(&manifest.digest);
            let found = self.here().manifest_get(&to.path, selector).await.unwrap().unwrap();
            assert_eq!(found.bytes, manifest.bytes);
            let media_type = found.media_type.unwrap();
            assert_eq!(media_type.split(';').next().unwrap(), manifest.media_type);
        }
        for blob in &image.blobs {
            let found = self.here().blob_get(&to.path, &blob.digest).await.unwrap().unwrap();
            assert_eq!(found, blob.bytes);
        }
        let report = check_content(self.collector(), to, &image.root.digest).await;
        assert_eq!((report.missing, report.unread), (vec![], vec![]));
    }

    /// What the registry under test says refers to a manifest, by its API or by the fallback tag.
    async fn referrers(&self, subject: &Digest) -> Vec<Digest> {
        let to = path("acme/backend");
        if let Some(listed) = self.here().referrer_list(&to, subject).await.unwrap() {
            return listed.into_iter().map(|one| one.digest).collect();
        }
        let name = tag(&format!("sha256-{}", subject.encoded()));
        let index = self.here().manifest_get(&to, ManifestSelector::Tag(&name)).await.unwrap();
        let Some(index) = index else { return Vec::new() };
        let body: Value = serde_json::from_slice(&index.bytes).unwrap();
        let entries = body["manifests"].as_array().unwrap().iter();
        entries.map(|entry| Digest::parse(entry["digest"].as_str().unwrap()).unwrap()).collect()
    }
}

fn index() -> BuiltImage {
    index_of("copied")
}

fn index_of(text: &str) -> BuiltImage {
    let builds = ["amd64", "arm64"].map(|machine| build(text, machine));
    BuiltImage::index(&builds, Format::Oci, Provenance::Artifact)
}

pub(crate) async fn an_image_arrives_bit_for_bit_and_is_not_sent_twice(subject: &Subject) {
    let pair = Pair::of(subject).await;
    for image in [
        index(),
        BuiltImage::single(&build("docker", "amd64"), Format::Docker),
        BuiltImage::single(&build("oci", "amd64"), Format::Oci),
    ] {
        pair.source.store().push(&path("acme/backend"), &image, &[tag("v1")], None);
        let (plan, copied) = pair.copy(&image.root.digest).await;
        assert_eq!(copied.result, Ok(CopyResult::Copied), "{copied:?}");
        assert_eq!(copied.blobs, plan.blobs());
        assert_eq!(copied.blobs.sent + copied.blobs.present, distinct(&image));
        pair.assert_there("acme/backend", &image).await;
        let (plan, copied) = pair.copy(&image.root.digest).await;
        assert_eq!((plan.bytes(), plan.is_empty()), (0, true));
        assert_eq!((copied.result, copied.blobs.sent), (Ok(CopyResult::Already), 0));
    }
}

/// How many blobs an image has, of those that are the same one.
fn distinct(image: &BuiltImage) -> usize {
    image.blobs.iter().map(|blob| &blob.digest).collect::<std::collections::BTreeSet<_>>().len()
}

pub(crate) async fn what_lacks_below_a_root_that_is_there_is_sent(subject: &Subject) {
    let pair = Pair::of(subject).await;
    let image = index();
    pair.source.store().push(&path("acme/backend"), &image, &[tag("v1")], None);
    subject.push(&image, "acme/backend", &[tag("v1")]).await;
    let (layer, child) = (&image.blobs[1].digest, &image.children[0].digest);
    subject.backdoor.blob_remove(&path("acme/backend"), layer);
    subject.backdoor.manifest_remove(&path("acme/backend"), child);
    let (_, copied) = pair.copy(&image.root.digest).await;
    assert_eq!(copied.result, Ok(CopyResult::Copied), "{copied:?}");
    assert_eq!(copied.blobs.sent, 1);
    pair.assert_there("acme/backend", &image).await;
}

pub(crate) async fn a_blob_of_a_sibling_is_mounted(subject: &Subject) {
    let pair = Pair::of(subject).await;
    let image = index();
    subject.push(&image, "acme/backend", &[tag("v1")]).await;
    let (from, to) =
        (pair.repository("here", "acme/backend"), pair.repository("here", "acme/frontend"));
    let (plan, copied) = pair.copy_from(from, to, &image.root.digest).await;
    assert_eq!(copied.result, Ok(CopyResult::Copied), "{copied:?}");
    assert_eq!((copied.blobs.mounted, copied.blobs.sent), (distinct(&image), 0));
    assert_eq!((copied.bytes, plan.blobs()), (0, copied.blobs));
    pair.assert_there("acme/frontend", &image).await;
}

pub(crate) async fn signatures_and_attestations_follow_and_lists_are_completed(subject: &Subject) {
    for referrers in [true, false] {
        let source = Settings { referrers, ..Settings::default() };
        let pair = Pair::with(subject, source).await;
        let text = format!("signed, {referrers}");
        let (image, backend) = (index_of(&text), path("acme/backend"));
        let store = pair.source.store();
        store.push(&backend, &image, &[tag("v1")], None);
        let scan = BuiltImage::artifact(&image.root, "application/vnd.example.scan", b"clean");
        let sbom = BuiltImage::artifact(&image.children[0], "application/vnd.example.sbom", b"{}");
        let signed_scan = BuiltImage::artifact(&scan.root, "application/vnd.example.sig", b"s");
        for artifact in [&scan, &sbom, &signed_scan] {
            store.push(&backend, artifact, &[], None);
        }
        if !referrers {
            for (about, artifact) in
                [(&image.root, &scan), (&image.children[0], &sbom), (&scan.root, &signed_scan)]
            {
                let list = fallback(&artifact.root.digest, artifact.root.bytes.len());
                let name = tag(&format!("sha256-{}", about.digest.encoded()));
                pair.source.access().push_manifest(&backend, &list, &[name]);
            }
        }
        let signature =
            BuiltImage::single(&build(&format!("signature {text}"), "amd64"), Format::Oci);
        let sig = tag(&format!("sha256-{}.sig", image.root.digest.encoded()));
        store.push(&backend, &signature, std::slice::from_ref(&sig), None);

        let (_, copied) = pair.copy(&image.root.digest).await;
        assert_eq!(copied.result, Ok(CopyResult::Copied), "{copied:?}");
        for (about, artifact) in
            [(&image.root, &scan), (&image.children[0], &sbom), (&scan.root, &signed_scan)]
        {
            let found = pair.referrers(&about.digest).await;
            assert!(found.contains(&artifact.root.digest), "{found:?}");
        }
        pair.assert_there("acme/backend", &signature).await;
        let found = pair.here().manifest_head(&backend, ManifestSelector::Tag(&sig)).await;
        assert_eq!(found.unwrap().as_ref(), Some(&signature.root.digest));
        assert!(pair.copy(&image.root.digest).await.0.is_empty());
    }
}

fn fallback(digest: &Digest, size: usize) -> tags::sandbox::content::ManifestBytes {
    let media_type = "application/vnd.oci.image.index.v1+json";
    let body = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": media_type,
        "manifests": [{
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": digest.to_string(),
            "size": size,
        }],
    });
    tags::sandbox::content::ManifestBytes::new(media_type, body)
}

pub(crate) async fn a_tag_is_created_and_never_moved(subject: &Subject) {
    let pair = Pair::of(subject).await;
    let image = index();
    let other = BuiltImage::single(&build("other", "amd64"), Format::Oci);
    for image in [&image, &other] {
        pair.source.store().push(&path("acme/backend"), image, &[tag("v1")], None);
    }
    let repository = pair.repository("here", "acme/backend").clone();
    let reference = TagReference { repository, tag: tag("prod-abcdef0") };
    let (plan, _) = pair.copy(&image.root.digest).await;
    let created = tag_create(pair.collector(), &reference, plan.root()).await;
    assert_eq!(created, Ok(TagCreation::Created));
    let again = tag_create(pair.collector(), &reference, plan.root()).await;
    assert_eq!(again, Ok(TagCreation::Already));
    let (plan, copied) = pair.copy(&other.root.digest).await;
    assert_eq!(copied.result, Ok(CopyResult::Copied));
    let refused = tag_create(pair.collector(), &reference, plan.root()).await.unwrap_err();
    assert_eq!(refused.cause, CopyCause::Conflict, "{refused}");
    let (backend, by_tag) = (path("acme/backend"), ManifestSelector::Tag(&reference.tag));
    let head = pair.here().manifest_head(&backend, by_tag);
    assert_eq!(head.await.unwrap().as_ref(), Some(&image.root.digest));
}

/// 9 MiB: three chunks.
const LARGE: u64 = 9 << 20;

/// An image with a layer of many zeros.
fn large(pair: &Pair) -> (Digest, Digest) {
    let (layer, zeros) = tags::sandbox::StoredBlob::zeros(LARGE);
    let image = BuiltImage::single(&build("large", "amd64"), Format::Oci);
    let mut body: Value = serde_json::from_slice(&image.root.bytes).unwrap();
    let descriptor = serde_json::json!({
        "mediaType": "application/vnd.oci.image.layer.v1.tar",
        "digest": layer.to_string(),
        "size": LARGE,
    });
    body["layers"].as_array_mut().unwrap().push(descriptor);
    let root = tags::sandbox::content::ManifestBytes::new(&image.root.media_type, body);
    let store = pair.source.store();
    store.push(&path("acme/backend"), &image, &[tag("small")], None);
    store.store_blob(&path("acme/backend"), layer.clone(), zeros);
    pair.source.access().push_manifest(&path("acme/backend"), &root, &[tag("large")]);
    (root.digest, layer)
}

pub(crate) async fn a_large_layer_arrives(subject: &Subject) {
    let pair = Pair::of(subject).await;
    let (root, layer) = large(&pair);
    let (plan, copied) = pair.copy(&root).await;
    assert_eq!(copied.result, Ok(CopyResult::Copied), "{copied:?}");
    assert_eq!(copied.bytes, plan.bytes());
    assert!(copied.bytes > LARGE);
    let found = pair.here().blob_head(&path("acme/backend"), &layer).await;
    assert_eq!(found.unwrap(), Presence::Present);
}
