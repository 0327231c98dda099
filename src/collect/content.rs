//! Checks the content of a tag: the manifest, the children of an index at any depth, configs and
//! layers. Each is requested once, all concurrently; the manifest of the tag by its digest as well.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use futures_util::future::{BoxFuture, join_all};

use super::Collector;
use super::reader::{ContentReader, ReadManifest, not_json};
use crate::model::{
    ContentReport, ContentRole, ContentTree, Contradiction, Descriptor, Digest, ImageConfig,
    ImageManifest, Index, Manifest, MissingContent, Repository, RepositoryPath, StatementSource,
    TagName, TagObservation, TagStatement,
};
use crate::registry::{
    ErrorKind, FetchedManifest, ManifestSelector, Presence, RequestError, manifest_exists,
};

/// The deepest nesting of indexes that is followed.
const DEEPEST: usize = 16;

/// Checks that the manifest of a tag and everything below it is in the repository. The manifest itself is
/// requested too, although a tag points to it: some registries keep the tags of deleted manifests. Then
/// tag and manifest contradict each other, and the content counts as unread.
pub async fn check_content(
    collector: Collector<'_>,
    repository: &Repository,
    digest: &Digest,
) -> ContentReport {
    let reader = match collector.reader(&repository.registry) {
        Ok(reader) => reader,
        Err(error) => {
            return ContentReport { unread: vec![error.to_unread()], ..ContentReport::default() };
        }
    };
    let walk = Walk::new(reader, &repository.path);
    let tree = walk.manifest(digest.clone(), 0).await;
    walk.report(tree)
}

/// What a tag points to, and the content below it, as [`check_content`] reports it. The manifest is read by
/// the tag: that saves a round trip.
pub(crate) async fn tag_with_content(
    collector: Collector<'_>,
    repository: &Repository,
    tag: &TagName,
) -> (TagObservation, Option<ContentReport>) {
    let (reader, path) = match collector.reader(&repository.registry) {
        Ok(reader) => (reader, &repository.path),
        Err(error) => return (TagObservation::Unread(error.to_unread()), None),
    };
    let selector = ManifestSelector::Tag(tag);
    match reader.registry.manifest_get(path, selector).await {
        Ok(Some(fetched)) => {
            let walk = Walk::new(reader, path);
            let tree = walk.fetched(&fetched).await;
            (TagObservation::Found(fetched.digest), Some(walk.report(tree)))
        }
        // A registry may keep the tag of a deleted manifest: HEAD shows it.
        Ok(None) => match reader.registry.manifest_head(path, selector).await {
            Ok(Some(digest)) => {
                let statements = vec![
                    (StatementSource::Head, TagStatement::PointsTo(digest)),
                    (StatementSource::Get, TagStatement::Missing),
                ];
                let why = Contradiction { tag: tag.clone(), statements }.to_unread(path);
                (TagObservation::Unread(why), None)
            }
            Ok(None) => (TagObservation::Missing, None),
            Err(error) => (TagObservation::Unread(error.to_unread()), None),
        },
        Err(error) => (TagObservation::Unread(error.to_unread()), None),
    }
}

struct Walk<'a> {
    reader: ContentReader<'a>,
    path: &'a RepositoryPath,
    seen: Mutex<HashSet<Digest>>,
    found: Mutex<ContentReport>,
}

impl<'a> Walk<'a> {
    fn new(reader: ContentReader<'a>, path: &'a RepositoryPath) -> Self {
        Self { reader, path, seen: Mutex::default(), found: Mutex::default() }
    }

    fn report(self, tree: Option<ContentTree>) -> ContentReport {
        let mut found = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.missing.sort();
        found.unread.sort_by(|a, b| a.message.cmp(&b.message));
        found.unread.dedup();
        ContentReport { tree, ..found }
    }
}

impl Walk<'_> {
    /// Whether the digest was not requested before.
    fn is_new(&self, digest: &Digest) -> bool {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(digest.clone())
    }

    fn missing(&self, role: ContentRole, digest: &Digest) {
        let missing = MissingContent { role, digest: digest.clone() };
        self.found.lock().unwrap_or_else(PoisonError::into_inner).missing.push(missing);
    }

    fn unread(&self, error: &RequestError) {
        let unread = error.to_unread();
        self.found.lock().unwrap_or_else(PoisonError::into_inner).unread.push(unread);
    }

    fn manifest(&self, digest: Digest, depth: usize) -> BoxFuture<'_, Option<ContentTree>> {
        Box::pin(async move {
            if !self.is_new(&digest) {
                return None;
            }
            if depth > DEEPEST {
                let message =
                    format!("{} is nested in more than {DEEPEST} indexes", digest.short());
                self.unread(&RequestError::new(ErrorKind::BadAnswer, message));
                return None;
            }
            match self.reader.manifest_confirmed(self.path, &digest).await {
                Ok(Some(read)) => self.read(digest, read, depth).await,
                Ok(None) if depth == 0 => {
                    self.unread(&tag_without_manifest(self.path, &digest));
                    None
                }
                Ok(None) => {
                    self.missing(ContentRole::Manifest, &digest);
                    None
                }
                Err(error) => {
                    self.unread(&error);
                    None
                }
            }
        })
    }

    /// A manifest that the tag was answered with. That the registry has it by its digest is asked meanwhile.
    async fn fetched(&self, fetched: &FetchedManifest) -> Option<ContentTree> {
        let digest = &fetched.digest;
        self.is_new(digest);
        let read = self.reader.accept(fetched);
        let (exists, tree) = futures_util::join!(
            manifest_exists(self.reader.registry, self.path, digest),
            self.read(digest.clone(), read, 0)
        );
        match exists {
            Ok(true) => return tree,
            Ok(false) => self.unread(&tag_without_manifest(self.path, digest)),
            Err(error) => self.unread(&error),
        }
        None
    }

    async fn read(&self, digest: Digest, read: ReadManifest, depth: usize) -> Option<ContentTree> {
        let ReadManifest::Json { read, .. } = read else {
            self.unread(&not_json(&digest));
            return None;
        };
        if let Some(how) = read.inconsistency {
            self.unread(&misdeclared(&digest, &how));
        }
        Some(self.below(digest, read.manifest, depth).await)
    }

    async fn below(&self, digest: Digest, manifest: Manifest, depth: usize) -> ContentTree {
        let (children, config) = match &manifest {
            Manifest::Index(index) => {
                let blobs = index.blobs.iter().filter(|blob| self.is_new(&blob.digest));
                let blobs = join_all(blobs.map(|blob| self.listed_blob(blob)));
                (futures_util::join!(self.children(index, depth), blobs).0, None)
            }
            Manifest::Image(image) => (Vec::new(), self.image(image).await),
        };
        ContentTree { digest, manifest, children, config }
    }

    async fn children(&self, index: &Index, depth: usize) -> Vec<ContentTree> {
        let children =
            index.children.iter().map(|child| self.manifest(child.digest.clone(), depth + 1));
        join_all(children).await.into_iter().flatten().collect()
    }

    async fn image(&self, image: &ImageManifest) -> Option<ImageConfig> {
        let layers = image
            .layers
            .iter()
            .filter(|layer| !layer.is_foreign() && self.is_new(&layer.digest))
            .map(|layer| self.blob(ContentRole::Layer, layer));
        let (config, _) = futures_util::join!(self.config(image.config.as_ref()), join_all(layers));
        config
    }

    async fn config(&self, config: Option<&Descriptor>) -> Option<ImageConfig> {
        let config = config.filter(|config| self.is_new(&config.digest))?;
        if !ImageConfig::is_described_by(config) {
            self.blob(ContentRole::Config, config).await;
            return None;
        }
        match self.reader.config_confirmed(self.path, &config.digest).await {
            Ok(Some(config)) => Some(config),
            Ok(None) => {
                self.missing(ContentRole::Config, &config.digest);
                None
            }
            Err(error) => {
                self.unread(&error);
                None
            }
        }
    }

    /// An entry of an index that is not a manifest by its media type. With an unknown type it may be one.
    async fn listed_blob(&self, blob: &Descriptor) {
        let registry = self.reader.registry;
        match registry.blob_head(self.path, &blob.digest).await {
            Ok(Presence::Present) => {}
            Ok(Presence::Missing) => {
                match manifest_exists(registry, self.path, &blob.digest).await {
                    Ok(true) => {}
                    Ok(false) => self.missing(ContentRole::Layer, &blob.digest),
                    Err(error) => self.unread(&error),
                }
            }
            Err(error) => self.unread(&error),
        }
    }

    async fn blob(&self, role: ContentRole, blob: &Descriptor) {
        match self.reader.registry.blob_head(self.path, &blob.digest).await {
            Ok(Presence::Present) => {}
            Ok(Presence::Missing) => self.missing(role, &blob.digest),
            Err(error) => self.unread(&error),
        }
    }
}

/// The tag exists, and its manifest does not.
fn tag_without_manifest(path: &RepositoryPath, digest: &Digest) -> RequestError {
    let message = format!(
        "{path}: the tag points to {}, but the registry has no manifest with that digest",
        digest.short()
    );
    RequestError::new(ErrorKind::BadAnswer, message)
        .with_hint("the manifest was deleted and the registry kept the tag; push the image again")
}

fn misdeclared(digest: &Digest, how: &str) -> RequestError {
    let message = format!("{} contradicts itself: {how}", digest.short());
    RequestError::new(ErrorKind::BadAnswer, message)
        .with_hint("clients may read it as another type; push the image again")
}
