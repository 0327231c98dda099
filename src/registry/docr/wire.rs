//! Parses the answers of DigitalOcean's registry API.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::super::management::another_repository;
use super::super::pages::Page;
use super::super::{ListedManifest, ListedTag};
use super::api::{PageAfter, PageQuery};
use crate::http::{ErrorKind, Reply, RequestError, redacted_url, sanitized};
use crate::model::{Collection, CollectionState, Digest, RepositoryPath, TagName, TagPush};

impl PageQuery<'_> {
    /// Checks that an entry is of this repository; otherwise the whole list is of another one.
    fn check(self, owner: &OwnerWire) -> Result<(), RequestError> {
        let differs = |name: &Option<String>, expected: &str| {
            name.as_ref().is_some_and(|name| !name.is_empty() && name != expected)
        };
        if !differs(&owner.registry_name, self.registry)
            && !differs(&owner.repository, self.repository)
        {
            return Ok(());
        }
        let name = [&owner.registry_name, &owner.repository].map(|name| name.as_deref());
        let [registry, repository] = name.map(|name| sanitized(name.unwrap_or("?")));
        Err(another_repository(self.url, &format!("{registry}/{repository}")))
    }
}

/// The registry and repository of an entry, if it names them.
#[derive(Deserialize)]
struct OwnerWire {
    registry_name: Option<String>,
    repository: Option<String>,
}

#[derive(Deserialize)]
struct TagsWire {
    tags: Option<Vec<TagWire>>,
    meta: MetaWire,
    links: Option<LinksWire>,
}

#[derive(Deserialize)]
struct MetaWire {
    total: usize,
}

#[derive(Deserialize)]
struct TagWire {
    #[serde(flatten)]
    owner: OwnerWire,
    tag: String,
    manifest_digest: String,
    updated_at: Option<String>,
}

pub(super) fn tags(query: PageQuery<'_>, reply: &Reply) -> Result<Page<ListedTag>, RequestError> {
    let url = query.url;
    let broken = || broken(url, "list of tags");
    let wire: TagsWire = read(url, reply, "list of tags")?;
    let listed = |tag: TagWire| {
        query.check(&tag.owner)?;
        let digest =
            Digest::parse(&tag.manifest_digest).map_err(|error| broken().with_source(error))?;
        let name = TagName::parse(&tag.tag).map_err(|error| broken().with_source(error))?;
        Ok(ListedTag { tag: name, digest: Some(digest), pushed: time(tag.updated_at) })
    };
    let entries =
        wire.tags.unwrap_or_default().into_iter().map(listed).collect::<Result<_, _>>()?;
    let has_next = has_next(wire.links);
    Ok(Page { entries, total: Some(wire.meta.total), last: None, has_next })
}

/// Whether another page follows.
fn has_next(links: Option<LinksWire>) -> bool {
    links.and_then(|links| links.pages).and_then(|pages| pages.next).is_some()
}

/// An invalid time only makes the time of this entry unknown.
fn time(text: Option<String>) -> Option<DateTime<Utc>> {
    text?.parse().ok()
}

#[derive(Deserialize)]
struct ManifestsWire {
    manifests: Option<Vec<ManifestWire>>,
    meta: MetaWire,
    links: Option<LinksWire>,
}

/// Its `blobs` are ignored: it is not known what they contain if the manifest is an index.
#[derive(Deserialize)]
struct ManifestWire {
    #[serde(flatten)]
    owner: OwnerWire,
    digest: String,
    tags: Option<Vec<String>>,
    updated_at: Option<String>,
    compressed_size_bytes: Option<serde_json::Number>,
}

/// A page of manifests. One without a list of tags has no tags, unless the list of tags names some.
pub(super) fn manifests(
    query: PageQuery<'_>,
    reply: &Reply,
) -> Result<Page<ListedManifest>, RequestError> {
    const WHAT: &str = "list of manifests";
    let url = query.url;
    let wire: ManifestsWire = read(url, reply, WHAT)?;
    let listed = |manifest: ManifestWire| {
        query.check(&manifest.owner)?;
        let digest = Digest::parse(&manifest.digest)
            .map_err(|error| broken(url, WHAT).with_source(error))?;
        let tag = |name: String| match TagName::parse(&name) {
            Ok(name) => Ok(TagPush { name, pushed: None }),
            Err(error) => Err(broken(url, WHAT).with_source(error)),
        };
        let tags = manifest.tags.unwrap_or_default().into_iter().map(tag);
        let size = manifest.compressed_size_bytes.and_then(|size| size.as_u64());
        Ok(ListedManifest {
            tags: tags.collect::<Result<_, _>>()?,
            pushed: time(manifest.updated_at),
            bytes: size.filter(|bytes| *bytes > 0),
            ..only_digest(digest)
        })
    };
    let all = wire.manifests.unwrap_or_default().into_iter().map(listed);
    let entries = all.collect::<Result<_, _>>()?;
    let has_next = has_next(wire.links);
    Ok(Page { entries, total: Some(wire.meta.total), last: None, has_next })
}

/// A manifest with nothing known but its digest.
pub(super) fn only_digest(digest: Digest) -> ListedManifest {
    ListedManifest { digest, tags: Vec::new(), pushed: None, bytes: None, version: None }
}

#[derive(Deserialize)]
struct RegistriesWire {
    registries: Option<Vec<NameWire>>,
}

#[derive(Deserialize)]
struct NameWire {
    name: String,
}

/// The names of the account's registries.
pub(super) fn registries(url: &Url, reply: &Reply) -> Result<Vec<String>, RequestError> {
    let wire: RegistriesWire = read(url, reply, "list of registries")?;
    Ok(wire.registries.unwrap_or_default().into_iter().map(|entry| entry.name).collect())
}

/// A page of repositories, with their total number and the next page.
#[derive(Debug)]
pub(super) struct RepositoriesPage {
    pub(super) names: Vec<RepositoryPath>,
    pub(super) total: usize,
    pub(super) next: Option<PageAfter>,
}

#[derive(Deserialize)]
struct RepositoriesWire {
    repositories: Option<Vec<NameWire>>,
    meta: MetaWire,
    links: Option<LinksWire>,
}

#[derive(Deserialize)]
struct LinksWire {
    pages: Option<PagesWire>,
}

#[derive(Deserialize)]
struct PagesWire {
    next: Option<String>,
}

pub(super) fn repositories(url: &Url, reply: &Reply) -> Result<RepositoriesPage, RequestError> {
    const WHAT: &str = "list of repositories";
    let wire: RepositoriesWire = read(url, reply, WHAT)?;
    let name = |entry: NameWire| {
        RepositoryPath::parse(&entry.name).map_err(|error| broken(url, WHAT).with_source(error))
    };
    let names = wire.repositories.unwrap_or_default().into_iter().map(name);
    let next = wire.links.and_then(|links| links.pages).and_then(|pages| pages.next);
    let next = match next.filter(|text| !text.is_empty()) {
        Some(text) => Some(page_after(&text).ok_or_else(|| broken(url, WHAT))?),
        None => None,
    };
    Ok(RepositoriesPage { names: names.collect::<Result<_, _>>()?, total: wire.meta.total, next })
}

/// Only the number and the token of the next page are used, since its URL may be outdated.
fn page_after(text: &str) -> Option<PageAfter> {
    let url = Url::parse(text).ok()?;
    let find = |name: &str| {
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    Some(PageAfter { page: find("page")?, token: find("page_token") })
}

#[derive(Deserialize)]
struct CollectionBody {
    garbage_collection: CollectionWire,
}

#[derive(Deserialize)]
struct CollectionsBody {
    garbage_collections: Option<Vec<CollectionWire>>,
}

#[derive(Deserialize)]
struct CollectionWire {
    uuid: String,
    status: String,
    created_at: Option<DateTime<Utc>>,
    updated_at: Option<DateTime<Utc>>,
    blobs_deleted: Option<u64>,
    freed_bytes: Option<u64>,
}

impl CollectionWire {
    /// The id becomes a part of a URL, so other characters are not accepted.
    fn collection(self) -> Option<Collection> {
        let is_valid = |c: char| c.is_ascii_alphanumeric() || c == '-';
        (!self.uuid.is_empty() && self.uuid.chars().all(is_valid)).then(|| Collection {
            id: self.uuid,
            state: CollectionState::parse(&self.status),
            created: self.created_at,
            updated: self.updated_at,
            blobs_deleted: self.blobs_deleted,
            freed_bytes: self.freed_bytes,
        })
    }
}

const COLLECTION: &str = "garbage collection";

pub(super) fn collection(url: &Url, reply: &Reply) -> Result<Collection, RequestError> {
    let wire: CollectionBody = read(url, reply, COLLECTION)?;
    wire.garbage_collection.collection().ok_or_else(|| broken(url, COLLECTION))
}

/// The valid collections of a page, and how many entries the page has.
pub(super) fn collections(
    url: &Url,
    reply: &Reply,
) -> Result<(Vec<Collection>, usize), RequestError> {
    let wire: CollectionsBody = read(url, reply, "list of garbage collections")?;
    let entries = wire.garbage_collections.unwrap_or_default();
    let count = entries.len();
    Ok((entries.into_iter().filter_map(CollectionWire::collection).collect(), count))
}

fn read<T: DeserializeOwned>(url: &Url, reply: &Reply, what: &str) -> Result<T, RequestError> {
    serde_json::from_slice(&reply.body).map_err(|error| broken(url, what).with_source(error))
}

fn broken(url: &Url, what: &str) -> RequestError {
    RequestError::new(
        ErrorKind::BadAnswer,
        format!("{} did not answer with a {what}", redacted_url(url)),
    )
    .with_hint("check `api-url` in the policy, and whether a proxy answers instead")
}
