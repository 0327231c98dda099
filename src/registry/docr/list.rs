//! Lists tags and manifests, page by page, and puts the two lists together.
//!
//! They are read one after the other, so they may disagree: a tag then stands on both manifests
//! that have been named for it, for others to see.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::BoxFuture;
use futures_util::{StreamExt as _, stream};

use super::api::{self, Api};
use super::{DocrRegistry, wire};
use crate::model::{Digest, RepositoryPath, TagName, TagPush};
use crate::registry::error::RegistryError;
use crate::registry::http::{Call, Reply};
use crate::registry::listed::TagSource;
use crate::registry::{
    ListedManifest, ListedTag, ManifestList, ManifestListing, Registry as _, TagListing, management,
};

/// Pages that are asked for at once.
const PAGES_AT_ONCE: usize = 8;
/// More pages than any real repository has.
const MOST_PAGES: usize = 20_000;

/// What the control API lists page by page.
pub(super) trait Paged: Sized + Send {
    /// By what an entry that comes twice is known.
    type Key: Ord + Send;
    /// The word for several of them.
    const WORD: &'static str;
    fn call(api: &Api, repository: &RepositoryPath, page: usize) -> Call;
    fn read(url: &url::Url, reply: &Reply) -> Result<wire::Page<Self>, RegistryError>;
    fn key(&self) -> Self::Key;
}

impl Paged for ListedTag {
    type Key = TagName;
    const WORD: &'static str = "tags";

    fn call(api: &Api, repository: &RepositoryPath, page: usize) -> Call {
        api.tags(repository, page)
    }

    fn read(url: &url::Url, reply: &Reply) -> Result<wire::Page<Self>, RegistryError> {
        wire::tags(url, reply)
    }

    fn key(&self) -> TagName {
        self.tag.clone()
    }
}

impl Paged for ListedManifest {
    type Key = Digest;
    const WORD: &'static str = "manifests";

    fn call(api: &Api, repository: &RepositoryPath, page: usize) -> Call {
        api.digests(repository, page)
    }

    fn read(url: &url::Url, reply: &Reply) -> Result<wire::Page<Self>, RegistryError> {
        wire::manifests(url, reply)
    }

    fn key(&self) -> Digest {
        self.digest.clone()
    }
}

impl DocrRegistry {
    async fn tags(&self, repository: &RepositoryPath) -> TagListing {
        let token = match self.broker.api_token().await {
            Ok(Some(token)) => token,
            Ok(None) => return self.oci.tag_list(repository).await,
            Err(error) => return TagListing { tags: Vec::new(), broken: Some(error) },
        };
        let caller = management::Caller { http: &self.http, token };
        let mut listed = Vec::new();
        let broken = self.pages(&caller, repository, &mut listed).await.err();
        let mut seen = BTreeMap::new();
        for tag in listed {
            management::keep(&mut seen, tag);
        }
        TagListing { tags: seen.into_values().collect(), broken }
    }

    async fn manifests(&self, repository: &RepositoryPath) -> Option<ManifestListing> {
        let token = match self.broker.api_token().await {
            Ok(token) => token?,
            Err(error) => {
                return Some(ManifestListing { manifests: Vec::new(), broken: Some(error) });
            }
        };
        let caller = management::Caller { http: &self.http, token };
        let (mut tags, mut manifests) = (Vec::new(), Vec::new());
        let mut broken = self.pages(&caller, repository, &mut manifests).await.err();
        if broken.is_none() {
            broken = self.pages(&caller, repository, &mut tags).await.err();
        }
        Some(ManifestListing { manifests: merged(manifests, tags), broken })
    }

    /// The first page tells how many there are; the others are asked for at once.
    async fn pages<T: Paged>(
        &self,
        caller: &management::Caller<'_>,
        repository: &RepositoryPath,
        listed: &mut Vec<T>,
    ) -> Result<(), RegistryError> {
        let first = self.page::<T>(caller, repository, 1).await?;
        let mut total = first.total;
        let pages = total.div_ceil(api::PAGE).max(1);
        if pages > MOST_PAGES {
            return Err(management::changed(repository, "no end after 20,000 pages"));
        }
        let mut goes_on = first.goes_on;
        listed.extend(first.entries);
        let mut rest = stream::iter(2..=pages)
            .map(|page| async move { (page, self.page::<T>(caller, repository, page).await) })
            .buffer_unordered(PAGES_AT_ONCE);
        while let Some((number, page)) = rest.next().await {
            let page = page?;
            if page.entries.is_empty() {
                return Err(management::changed(repository, "a page is empty before the last"));
            }
            if number == pages {
                goes_on = page.goes_on;
            }
            total = total.max(page.total);
            listed.extend(page.entries);
        }
        // A push while the pages are read moves entries to the next page, where they come twice;
        // a deletion moves them to the page before, where they are missed.
        let found = listed.iter().map(T::key).collect::<BTreeSet<_>>().len();
        if found < total || goes_on {
            let how = format!("{found} of {total} {}", T::WORD);
            return Err(management::changed(repository, &how));
        }
        Ok(())
    }

    pub(super) async fn page<T: Paged>(
        &self,
        caller: &management::Caller<'_>,
        repository: &RepositoryPath,
        page: usize,
    ) -> Result<wire::Page<T>, RegistryError> {
        let call = T::call(&self.api, repository, page);
        let reply = caller.send(&call).await?;
        match reply.status.as_u16() {
            200 => T::read(&call.url, &reply),
            _ => Err(self.refused(&call.url, &reply).await),
        }
    }
}

/// The manifests with the tags of both lists. Only the list of tags knows when one was set.
fn merged(manifests: Vec<ListedManifest>, tags: Vec<ListedTag>) -> Vec<ListedManifest> {
    let mut all: BTreeMap<Digest, ListedManifest> = BTreeMap::new();
    for tag in tags {
        let Some(digest) = tag.digest else { continue };
        let blank = wire::unlisted(digest.clone());
        let pushed = TagPush { name: tag.tag, pushed: tag.pushed };
        management::add(&mut all, ListedManifest { tags: vec![pushed], ..blank });
    }
    for manifest in manifests {
        management::add(&mut all, manifest);
    }
    all.into_values().collect()
}

impl TagSource for DocrRegistry {
    fn tag_list<'a>(&'a self, repository: &'a RepositoryPath) -> BoxFuture<'a, TagListing> {
        Box::pin(self.tags(repository))
    }
}

impl ManifestList for DocrRegistry {
    fn manifest_list<'a>(
        &'a self,
        repository: &'a RepositoryPath,
    ) -> BoxFuture<'a, Option<ManifestListing>> {
        Box::pin(self.manifests(repository))
    }
}
