//! Lists tags and manifests, page by page, and merges the two lists.
//!
//! A tag about which the lists differ is added to every manifest that either list names for it, and reported
//! as a contradiction. The lists are read one after the other, so a push in between looks like one as well;
//! then they agree in the next run.

use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;

use super::api::{Api, PageQuery};
use super::{DocrRegistry, wire};
use crate::http::{Call, Reply, RequestError};
use crate::model::{
    Contradiction, Digest, RepositoryPath, StatementSource, TagName, TagPush, TagStatement,
};
use crate::registry::management::ManagementClient;
use crate::registry::pages::{self, Page};
use crate::registry::{ListedManifest, ListedTag, ManifestListing, TagListing, management};

/// The entries that the control API lists: tags and manifests.
pub(super) trait Entry: Clone + PartialEq + Send + Sync {
    /// Identifies an entry, to notice one that is listed twice.
    type Key: Ord + std::fmt::Display + Send + Sync;
    /// The plural of the entries, for messages.
    const WORD: &'static str;
    fn call(api: &Api, repository: &RepositoryPath, page: usize) -> Call;
    fn read(query: PageQuery<'_>, reply: &Reply) -> Result<Page<Self>, RequestError>;
    fn key(&self) -> Self::Key;
}

impl Entry for ListedTag {
    type Key = TagName;
    const WORD: &'static str = "tags";

    fn call(api: &Api, repository: &RepositoryPath, page: usize) -> Call {
        api.tags(repository, page)
    }

    fn read(query: PageQuery<'_>, reply: &Reply) -> Result<Page<Self>, RequestError> {
        wire::tags(query, reply)
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

    fn read(query: PageQuery<'_>, reply: &Reply) -> Result<Page<Self>, RequestError> {
        wire::manifests(query, reply)
    }

    fn key(&self) -> Digest {
        self.digest.clone()
    }
}

/// One of a repository's lists.
struct RepositoryList<'a, T> {
    docr: &'a DocrRegistry,
    client: &'a management::ManagementClient<'a>,
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
        self.docr.page(self.client, self.repository, number).await
    }

    fn key(entry: &T) -> T::Key {
        entry.key()
    }
}

impl DocrRegistry {
    pub(in crate::registry) async fn tag_list(&self, repository: &RepositoryPath) -> TagListing {
        let client = ManagementClient::with_token(&self.http, &self.authenticator).await;
        let client = match client {
            Ok(Some(client)) => client,
            Ok(None) => return self.oci.tag_list(repository).await,
            Err(error) => return TagListing::broken(error),
        };
        let (listed, broken) = self.list::<ListedTag>(&client, repository).await;
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
        let client = ManagementClient::with_token(&self.http, &self.authenticator).await;
        let client = match client {
            Ok(client) => client?,
            Err(error) => return Some(ManifestListing::broken(error)),
        };
        let (manifests, mut broken) = self.list::<ListedManifest>(&client, repository).await;
        let mut tags = Vec::new();
        if broken.is_none() {
            (tags, broken) = self.list::<ListedTag>(&client, repository).await;
        }
        // Incomplete lists cannot be compared.
        let contradictions =
            if broken.is_none() { contradictions(&manifests, &tags) } else { Vec::new() };
        let manifests = merged(manifests, tags);
        Some(ManifestListing { manifests, contradictions, broken })
    }

    async fn list<T: Entry>(
        &self,
        client: &management::ManagementClient<'_>,
        repository: &RepositoryPath,
    ) -> (Vec<T>, Option<RequestError>) {
        pages::read(&RepositoryList { docr: self, client, repository, of: PhantomData }).await
    }

    pub(super) async fn page<T: Entry>(
        &self,
        client: &management::ManagementClient<'_>,
        repository: &RepositoryPath,
        page: usize,
    ) -> Result<Page<T>, RequestError> {
        let call = T::call(&self.api, repository, page);
        let reply = client.send(&call).await?;
        match reply.status.as_u16() {
            200 => T::read(self.api.query(&call.url, repository), &reply),
            _ => Err(self.refused(&call.url, &reply).await),
        }
    }
}

/// The tags about which the two lists differ.
fn contradictions(manifests: &[ListedManifest], tags: &[ListedTag]) -> Vec<Contradiction> {
    let mut digests: BTreeMap<&TagName, [BTreeSet<Option<&Digest>>; 2]> = BTreeMap::new();
    for tag in tags {
        digests.entry(&tag.tag).or_default()[0].insert(tag.digest.as_ref());
    }
    for manifest in manifests {
        for tag in &manifest.tags {
            digests.entry(&tag.name).or_default()[1].insert(Some(&manifest.digest));
        }
    }
    digests.retain(|_, [by_tags, by_digests]| by_tags.len() != 1 || by_tags != by_digests);
    let each = digests.into_iter().map(|(tag, [by_tags, by_digests])| {
        let of = |source, set: BTreeSet<Option<&Digest>>| {
            let none = set.is_empty().then_some((source, TagStatement::Missing));
            let some = set.into_iter().map(move |digest| (source, TagStatement::of(digest)));
            some.chain(none).collect::<Vec<_>>()
        };
        let statements =
            [of(StatementSource::DocrTags, by_tags), of(StatementSource::DocrDigests, by_digests)]
                .concat();
        Contradiction { tag: tag.clone(), statements }
    });
    each.collect()
}

/// The manifests with the tags of both lists. Only the list of tags has the times of tags.
fn merged(manifests: Vec<ListedManifest>, tags: Vec<ListedTag>) -> Vec<ListedManifest> {
    let mut all: BTreeMap<Digest, ListedManifest> = BTreeMap::new();
    for tag in tags {
        let Some(digest) = tag.digest else { continue };
        let blank = wire::only_digest(digest.clone());
        let pushed = TagPush { name: tag.tag, pushed: tag.pushed };
        management::add(&mut all, ListedManifest { tags: vec![pushed], ..blank });
    }
    for manifest in manifests {
        management::add(&mut all, manifest);
    }
    all.into_values().collect()
}
