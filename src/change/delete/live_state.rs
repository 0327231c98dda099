//! The current state of a repository: read right before its first deletion, and again during the deletions.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::change::access::{Failure, RegistryAccess};
use crate::change::order::accessory_subject;
use crate::model::{Digest, Manifest, References, RepositoryPath, TagName, VersionId};
use crate::registry::{ManifestListing, ManifestSelector, RequestError};
use crate::retention::PlanEntry;

/// How many requests are sent at once.
const AT_ONCE: usize = 16;

/// What to read again.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) access: RegistryAccess<'a>,
    pub(super) path: &'a RepositoryPath,
    /// All entries of the plan in the repository.
    pub(super) entries: &'a [PlanEntry],
    /// The entries that are still to be changed.
    pub(super) changed: &'a [&'a PlanEntry],
    /// The latest tags that the repository may have.
    pub(super) latest: &'a BTreeSet<TagName>,
}

/// The current state of a repository.
#[derive(Debug, Default)]
pub(super) struct LiveState {
    /// The existing manifests that the management API does not list, such as children of an index.
    pub(super) unlisted: BTreeSet<Digest>,
    /// Each tag with what it points to. A management API may have one tag on two manifests.
    tags: BTreeMap<TagName, BTreeSet<Digest>>,
    /// Each digest with its tags.
    tagged: BTreeMap<Digest, BTreeSet<TagName>>,
    /// The manifests that exist, of those that were listed or requested.
    pub(super) present: BTreeMap<Digest, Option<VersionId>>,
}

impl Reading<'_> {
    /// Reads the repository again.
    ///
    /// # Errors
    /// [`RequestError`] when anything could not be read: then nothing is known.
    pub(super) async fn read(&self) -> Result<LiveState, RequestError> {
        match self.access.registry.manifest_list(self.path).await {
            Some(ManifestListing { broken: Some(error), .. }) => Err(error),
            Some(listing) => self.with_unlisted(LiveState::of(listing)).await,
            None => self.read_tags().await,
        }
    }

    /// Without a listing of manifests each tag is read.
    async fn read_tags(&self) -> Result<LiveState, RequestError> {
        let listing = self.access.registry.tag_list(self.path).await;
        if let Some(error) = listing.broken {
            return Err(error);
        }
        let mut names: BTreeSet<TagName> = listing.tags.into_iter().map(|tag| tag.tag).collect();
        names.extend(self.latest.iter().cloned());
        names.extend(self.changed.iter().flat_map(|entry| entry.tags.iter().cloned()));
        let tags: Vec<_> = stream::iter(names)
            .map(|tag| async move {
                let found = self.access.tag_find(self.path, &tag).await?;
                Ok::<_, RequestError>(found.map(|digest| (tag, digest)))
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        let mut live = LiveState::default();
        tags.into_iter().flatten().for_each(|(tag, digest)| live.point(tag, digest));
        self.with_unlisted(live).await
    }

    /// Adds manifests that exist but are not listed: some listings lack the children of an index.
    async fn with_unlisted(&self, mut live: LiveState) -> Result<LiveState, RequestError> {
        let unknown: Vec<&Digest> = self
            .changed
            .iter()
            .map(|entry| &entry.digest)
            .filter(|digest| !live.present.contains_key(*digest))
            .collect();
        let there: Vec<Option<Digest>> = stream::iter(unknown)
            .map(|digest| self.head(ManifestSelector::Digest(digest)))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        for digest in there.into_iter().flatten() {
            live.present.insert(digest.clone(), None);
            live.unlisted.insert(digest);
        }
        Ok(live)
    }

    async fn head(&self, selector: ManifestSelector<'_>) -> Result<Option<Digest>, RequestError> {
        self.access.registry.manifest_head(self.path, selector).await
    }

    /// Every digest that is reached from something that the plan does not know, each with a reason: from new
    /// or moved tags, and from new manifests with their children and subjects.
    ///
    /// # Errors
    /// A failure when one of them could not be read: it may reach anything.
    pub(super) async fn reached(
        &self,
        live: &LiveState,
    ) -> Result<BTreeMap<Digest, String>, Failure> {
        let mut waiting = self.unplanned(live);
        let known: BTreeSet<&Digest> = self.entries.iter().map(|entry| &entry.digest).collect();
        let mut reached = BTreeMap::new();
        while let Some((digest, why)) = waiting.pop() {
            if reached.contains_key(&digest) {
                continue;
            }
            reached.insert(digest.clone(), why.clone());
            // The plan contains what a known manifest reaches.
            if known.contains(&digest) {
                continue;
            }
            if let Some(manifest) = manifest_read(self.access, self.path, &digest).await? {
                let references = manifest.references;
                let below = references.children().iter().chain(references.subject());
                waiting.extend(below.map(|digest| (digest.clone(), why.clone())));
            }
        }
        Ok(reached)
    }

    /// The tags and manifests that the plan does not know.
    fn unplanned(&self, live: &LiveState) -> Vec<(Digest, String)> {
        let planned: BTreeSet<(&TagName, &Digest)> = self
            .entries
            .iter()
            .flat_map(|entry| entry.tags.iter().map(move |tag| (tag, &entry.digest)))
            .collect();
        let known: BTreeSet<&Digest> = self.entries.iter().map(|entry| &entry.digest).collect();
        let mut found = Vec::new();
        let pairs = live.tags.iter().flat_map(|(tag, at)| at.iter().map(move |at| (tag, at)));
        for (tag, digest) in pairs {
            if planned.contains(&(tag, digest)) {
                continue;
            }
            found.push((digest.clone(), format!("the tag {tag} reaches it now")));
            let about = accessory_subject(tag);
            let why = format!("the new tag {tag} contains its digest");
            found.extend(about.map(|about| (about, why)));
        }
        for digest in live.present.keys().filter(|digest| !known.contains(digest)) {
            let why = format!("the new manifest {} reaches it", digest.short());
            found.push((digest.clone(), why));
        }
        // The last is processed first: a tag is a better reason than a manifest.
        found.reverse();
        found
    }
}

impl LiveState {
    fn of(listing: ManifestListing) -> Self {
        let mut live = Self::default();
        for manifest in listing.manifests {
            for tag in manifest.tags {
                live.point(tag.name, manifest.digest.clone());
            }
            live.present.insert(manifest.digest, manifest.version);
        }
        live
    }

    fn point(&mut self, tag: TagName, digest: Digest) {
        self.tagged.entry(digest.clone()).or_default().insert(tag.clone());
        self.tags.entry(tag).or_default().insert(digest);
    }

    /// What a tag points to now, if not to this digest.
    pub(super) fn elsewhere(&self, tag: &TagName, digest: &Digest) -> Option<&Digest> {
        self.tags.get(tag)?.iter().find(|at| *at != digest)
    }

    /// The tags that are on a digest now.
    pub(super) fn tags_of(&self, digest: &Digest) -> impl Iterator<Item = &TagName> {
        self.tagged.get(digest).into_iter().flatten()
    }
}

/// A manifest's text with what was read from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ManifestText {
    pub(super) media_type: String,
    pub(super) text: String,
    pub(super) references: References,
    /// Whether it, or a tag of it, holds a secret of this run, which no journal may hold.
    pub(super) secret: bool,
}

/// Reads a manifest, from the cache if it is there; none when the registry does not have it.
///
/// # Errors
/// A failure when the registry does not answer, or what it has is no manifest in UTF-8.
pub(super) async fn manifest_read(
    access: RegistryAccess<'_>,
    repository: &RepositoryPath,
    digest: &Digest,
) -> Result<Option<ManifestText>, Failure> {
    let (declared, bytes) = match access.cache.get(digest) {
        Some(bytes) => (None, bytes),
        None => {
            match access.registry.manifest_get(repository, ManifestSelector::Digest(digest)).await {
                Ok(Some(fetched)) => {
                    access.cache.put(digest, &fetched.bytes);
                    (fetched.media_type, fetched.bytes)
                }
                Ok(None) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
    };
    let unreadable = |why: &dyn std::fmt::Display| {
        Failure::registry(format!("{} cannot be read: {why}", digest.short()))
    };
    let manifest =
        Manifest::parse(declared.as_deref(), &bytes).map_err(|error| unreadable(&error))?;
    let text = std::str::from_utf8(&bytes).map_err(|error| unreadable(&error))?.to_owned();
    let (media_type, references) = (manifest.media_type().to_owned(), References::of(&manifest));
    let secret = access.cache.secrets().occur_in(&bytes);
    Ok(Some(ManifestText { media_type, text, references, secret }))
}
