//! Lists versions, page by page: every manifest is one, with all its tags.

use std::collections::{BTreeMap, HashSet};

use futures_util::future::BoxFuture;
use futures_util::{StreamExt as _, stream};

use super::{GhcrRegistry, wire};
use crate::model::{RepositoryPath, TagPush};
use crate::registry::error::RegistryError;
use crate::registry::listed::TagSource;
use crate::registry::{
    ListedManifest, ListedTag, ManifestList, ManifestListing, Registry as _, TagListing, management,
};

/// Pages that are asked for at once.
const PAGES_AT_ONCE: usize = 8;
/// More pages than any real package has; each is a hundred versions.
const MOST_PAGES: usize = 20_000;

/// What the pages have brought so far.
#[derive(Default)]
struct Seen {
    versions: Vec<wire::Version>,
    names: HashSet<String>,
}

impl Seen {
    /// Adds a page, and says how many of its versions were new.
    fn add(&mut self, page: wire::Page) -> usize {
        let before = self.names.len();
        self.names.extend(page.versions.iter().map(|version| version.name.clone()));
        self.versions.extend(page.versions);
        self.names.len() - before
    }
}

impl GhcrRegistry {
    async fn tags(&self, repository: &RepositoryPath) -> TagListing {
        let token = match self.broker.api_token().await {
            Ok(Some(token)) => token,
            Ok(None) => return self.oci.tag_list(repository).await,
            Err(error) => return TagListing { tags: Vec::new(), broken: Some(error) },
        };
        let caller = management::Caller { http: &self.http, token };
        let mut seen = Seen::default();
        let broken = self.pages(&caller, repository, &mut seen).await.err();
        let mut tags = BTreeMap::new();
        for version in seen.versions {
            let pushed = version.pushed();
            for tag in version.tags {
                let digest = version.digest.clone();
                management::keep(&mut tags, ListedTag { tag, digest, pushed });
            }
        }
        TagListing { tags: tags.into_values().collect(), broken }
    }

    async fn manifests(&self, repository: &RepositoryPath) -> Option<ManifestListing> {
        let token = match self.broker.api_token().await {
            Ok(token) => token?,
            Err(error) => {
                return Some(ManifestListing { manifests: Vec::new(), broken: Some(error) });
            }
        };
        let caller = management::Caller { http: &self.http, token };
        let mut seen = Seen::default();
        let mut broken = self.pages(&caller, repository, &mut seen).await.err();
        let mut manifests = BTreeMap::new();
        for version in seen.versions {
            if let Some(manifest) = manifest(version) {
                management::add(&mut manifests, manifest);
            } else {
                let no_digest = || management::changed(repository, "a version is no digest");
                broken = broken.or_else(|| Some(no_digest()));
            }
        }
        Some(ManifestListing { manifests: manifests.into_values().collect(), broken })
    }

    /// The first page tells how many there are, and they are asked for at once; what a push adds
    /// meanwhile, or a server that names only the next page, is read page by page.
    async fn pages(
        &self,
        caller: &management::Caller<'_>,
        repository: &RepositoryPath,
        seen: &mut Seen,
    ) -> Result<(), RegistryError> {
        let first = self.page(caller, repository, 1).await?;
        let named = first.last;
        let last = named.unwrap_or(1).max(1);
        if last > MOST_PAGES {
            return Err(management::changed(repository, "no end after 20,000 pages"));
        }
        let mut goes_on = first.goes_on;
        seen.add(first);
        let mut rest = stream::iter(2..=last)
            .map(|page| async move { (page, self.page(caller, repository, page).await) })
            .buffer_unordered(PAGES_AT_ONCE);
        while let Some((number, page)) = rest.next().await {
            let page = page?;
            if page.versions.is_empty() || page.last.is_some_and(|now| Some(now) < named) {
                return Err(management::changed(repository, "it has fewer pages than it said"));
            }
            if number == last {
                goes_on = page.goes_on;
            }
            seen.add(page);
        }
        drop(rest);
        if goes_on { self.one_by_one(caller, repository, last + 1, seen).await } else { Ok(()) }
    }

    async fn one_by_one(
        &self,
        caller: &management::Caller<'_>,
        repository: &RepositoryPath,
        from: usize,
        seen: &mut Seen,
    ) -> Result<(), RegistryError> {
        for page in from..MOST_PAGES {
            let page = self.page(caller, repository, page).await?;
            let goes_on = page.goes_on;
            let new = seen.add(page);
            match (goes_on, new) {
                (false, _) => return Ok(()),
                (true, 0) => break,
                (true, _) => {}
            }
        }
        Err(management::changed(repository, "its pages lead on, but to nothing new"))
    }
}

/// A version as a manifest. Its time is that of the digest's first push, so its tags have none of
/// their own: setting one later moves nothing.
fn manifest(version: wire::Version) -> Option<ListedManifest> {
    let pushed = version.pushed();
    let tags = version.tags.into_iter().map(|name| TagPush { name, pushed: None });
    Some(ListedManifest {
        digest: version.digest?,
        tags: tags.collect(),
        pushed,
        bytes: None,
        version: Some(version.id),
    })
}

impl TagSource for GhcrRegistry {
    fn tag_list<'a>(&'a self, repository: &'a RepositoryPath) -> BoxFuture<'a, TagListing> {
        Box::pin(self.tags(repository))
    }
}

impl ManifestList for GhcrRegistry {
    fn manifest_list<'a>(
        &'a self,
        repository: &'a RepositoryPath,
    ) -> BoxFuture<'a, Option<ManifestListing>> {
        Box::pin(self.manifests(repository))
    }
}
