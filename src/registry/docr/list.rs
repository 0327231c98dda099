//! Lists tags and manifests, page by page, and puts the two lists together.
//!
//! The lists are compared: a tag that they do not tell alike is on every manifest that either names
//! for it, and is told as a contradiction. They are read one after the other, so a push in between
//! looks the same; then the next run finds them agreed.

use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;

use super::api::{Api, PageQuery};
use super::{DocrRegistry, wire};
use crate::http::{Call, Reply, RequestError};
use crate::model::{
    Contradiction, Digest, RepositoryPath, StatementSource, TagName, TagPush, TagStatement,
};
use crate::registry::pages::{self, Page};
use crate::registry::{ListedManifest, ListedTag, ManifestListing, TagListing, management};

/// What the control API lists page by page.
pub(super) trait Entry: Clone + PartialEq + Send + Sync {
    /// By what an entry that comes twice is known.
    type Key: Ord + std::fmt::Display + Send + Sync;
    /// The word for several of them.
    const WORD: &'static str;
    fn call(api: &Api, repository: &RepositoryPath, page: usize) -> Call;
    fn read(asked: PageQuery<'_>, reply: &Reply) -> Result<Page<Self>, RequestError>;
    fn key(&self) -> Self::Key;
}

impl Entry for ListedTag {
    type Key = TagName;
    const WORD: &'static str = "tags";

    fn call(api: &Api, repository: &RepositoryPath, page: usize) -> Call {
        api.tags(repository, page)
    }

    fn read(asked: PageQuery<'_>, reply: &Reply) -> Result<Page<Self>, RequestError> {
        wire::tags(asked, reply)
    }

    fn key(&self) -> TagName {
        self.tag.clone()
    }
}

impl Entry for ListedManifest {
    type Key = Digest;
    const WORD: &'static str = "manifests";

    fn call(api: &Api, repository: &RepositoryPath, page: usize) -> Call {
        api.digests(repository, page)
    }

    fn read(asked: PageQuery<'_>, reply: &Reply) -> Result<Page<Self>, RequestError> {
        wire::manifests(asked, reply)
    }

    fn key(&self) -> Digest {
        self.digest.clone()
    }
}

/// One of a repository's lists.
struct RepositoryList<'a, T> {
    docr: &'a DocrRegistry,
    caller: &'a management::ManagementClient<'a>,
    repository: &'a RepositoryPath,
    of: PhantomData<T>,
}

impl<T: Entry> pages::Paged for RepositoryList<'_, T> {
    type Entry = T;
    type Key = T::Key;
    const WORD: &'static str = T::WORD;
    const SIZE: usize = super::api::PAGE;

    fn repository(&self) -> &RepositoryPath {
        self.repository
    }

    async fn page(&self, number: usize) -> Result<Page<T>, RequestError> {
        self.docr.page(self.caller, self.repository, number).await
    }

    fn key(entry: &T) -> T::Key {
        entry.key()
    }
}

impl DocrRegistry {
    pub(in crate::registry) async fn tag_list(&self, repository: &RepositoryPath) -> TagListing {
        let token = match self.authenticator.api_token().await {
            Ok(Some(token)) => token,
            Ok(None) => return self.oci.tag_list(repository).await,
            Err(error) => return TagListing::broken(error),
        };
        let caller = management::ManagementClient { http: &self.http, token };
        let (listed, broken) = self.list::<ListedTag>(&caller, repository).await;
        let mut seen = management::TagCollector::new(StatementSource::DocrTags);
        for tag in listed {
            seen.add(tag);
        }
        seen.into_listing(broken)
    }

    pub(in crate::registry) async fn manifest_list(
        &self,
        repository: &RepositoryPath,
    ) -> Option<ManifestListing> {
        let token = match self.authenticator.api_token().await {
            Ok(token) => token?,
            Err(error) => return Some(ManifestListing::broken(error)),
        };
        let caller = management::ManagementClient { http: &self.http, token };
        let (manifests, mut broken) = self.list::<ListedManifest>(&caller, repository).await;
        let mut tags = Vec::new();
        if broken.is_none() {
            (tags, broken) = self.list::<ListedTag>(&caller, repository).await;
        }
        // Of lists that are not whole nothing can be said about what they lack.
        let contradictions =
            if broken.is_none() { contradictions(&manifests, &tags) } else { Vec::new() };
        let manifests = merged(manifests, tags);
        Some(ManifestListing { manifests, contradictions, broken })
    }

    async fn list<T: Entry>(
        &self,
        caller: &management::ManagementClient<'_>,
        repository: &RepositoryPath,
    ) -> (Vec<T>, Option<RequestError>) {
        pages::read(&RepositoryList { docr: self, caller, repository, of: PhantomData }).await
    }

    pub(super) async fn page<T: Entry>(
        &self,
        caller: &management::ManagementClient<'_>,
        repository: &RepositoryPath,
        page: usize,
    ) -> Result<Page<T>, RequestError> {
        let call = T::call(&self.api, repository, page);
        let reply = caller.send(&call).await?;
        match reply.status.as_u16() {
            200 => T::read(self.api.asked(&call.url, repository), &reply),
            _ => Err(self.refused(&call.url, &reply).await),
        }
    }
}

/// The tags that the two lists do not tell alike.
fn contradictions(manifests: &[ListedManifest], tags: &[ListedTag]) -> Vec<Contradiction> {
    let mut said: BTreeMap<&TagName, [BTreeSet<Option<&Digest>>; 2]> = BTreeMap::new();
    for tag in tags {
        said.entry(&tag.tag).or_default()[0].insert(tag.digest.as_ref());
    }
    for manifest in manifests {
        for tag in &manifest.tags {
            said.entry(&tag.name).or_default()[1].insert(Some(&manifest.digest));
        }
    }
    said.retain(|_, [tags, digests]| tags.len() != 1 || tags != digests);
    let each = said.into_iter().map(|(tag, [tags, digests])| {
        let of = |source, set: BTreeSet<Option<&Digest>>| {
            let none = set.is_empty().then_some((source, TagStatement::Missing));
            let some = set.into_iter().map(move |digest| (source, TagStatement::of(digest)));
            some.chain(none).collect::<Vec<_>>()
        };
        let said = [of(StatementSource::DocrTags, tags), of(StatementSource::DocrDigests, digests)]
            .concat();
        Contradiction { tag: tag.clone(), statements: said }
    });
    each.collect()
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
