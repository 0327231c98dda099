//! The lists of the control API: registries, repositories, tags and manifests.
//!
//! Sizes are sums of layer sizes. What the real API gives for an index is not known; here it is 0.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::super::call::Answer;
use super::super::page::{Order, Page};
use super::super::store::{StoredManifest, StoredTag};
use super::request::Request;
use super::settings::is_in_registry;
use super::wire::{List, Problem, page_of_token, time};
use crate::model::{Digest, Manifest, RepositoryPath, TagName};

/// The largest and the default page size.
///
/// <https://docs.digitalocean.com/reference/api/digitalocean/#tag/Container-Registries/operation/registries_list_repositoryTags>
const MAX_PAGE_SIZE: usize = 200;
const DEFAULT_PAGE_SIZE: usize = 20;

pub(super) fn registries(request: &Request<'_>) -> Answer {
    let all: Vec<Value> = request.docr.registries().map(|name| registry(request, name)).collect();
    Answer::json(StatusCode::OK, &json!({"registries": all}))
}

/// A registry as the API describes it; the time of its storage usage has fractions of seconds.
pub(super) fn registry(request: &Request<'_>, name: &str) -> Value {
    let store = &request.shared.store;
    let paths = paths(request, name);
    let used: u64 = paths.iter().flat_map(|path| store.blobs(path).into_values()).sum();
    let now = request.shared.clock.now();
    let measured = now - TimeDelta::nanoseconds(3_600_469_437_769);
    json!({
        "name": name,
        "created_at": time(now - TimeDelta::days(400)),
        "region": "fra1",
        "storage_usage_bytes": used,
        "storage_usage_bytes_updated_at": measured.to_rfc3339_opts(SecondsFormat::Nanos, true),
    })
}

/// The repositories of a registry as they are stored.
pub(super) fn paths(request: &Request<'_>, registry: &str) -> Vec<RepositoryPath> {
    let mut all = request.shared.store.repositories();
    all.retain(|path| is_in_registry(path.as_str(), registry));
    all
}

pub(super) fn repositories(request: &Request<'_>, registry: &str) -> Result<Answer, Problem> {
    let mut page = page(request)?;
    if let Some(token) = request.call.param("page_token") {
        page.number =
            page_of_token(token).ok_or_else(|| Problem::bad_request("invalid page token"))?;
    }
    let all = paths(request, registry);
    let total = all.len();
    let items = page
        .cut(all)
        .iter()
        .map(|path| repository(request, &NamedRepository::new(registry, path)))
        .collect();
    let path = vec![registry, "repositoriesV2"];
    Ok(List { key: "repositories", path, items, total, tokens: true }.page(request.call, page))
}

/// A repository and its names in the API.
struct NamedRepository<'a> {
    registry: &'a str,
    name: &'a str,
    path: &'a RepositoryPath,
}

impl<'a> NamedRepository<'a> {
    fn new(registry: &'a str, path: &'a RepositoryPath) -> Self {
        let name = path.as_str().get(registry.len() + 1..).unwrap_or_default();
        Self { registry, name, path }
    }
}

fn repository(request: &Request<'_>, named: &NamedRepository<'_>) -> Value {
    let store = &request.shared.store;
    let manifests = store.manifests(named.path);
    let tags = store.tags(named.path).unwrap_or_default();
    let latest = manifests.iter().max_by_key(|(_, manifest)| manifest.pushed);
    let mut value = json!({
        "registry_name": named.registry,
        "name": named.name,
        "tag_count": tags.len(),
        "manifest_count": manifests.len(),
    });
    if let Some((digest, manifest)) = latest {
        value["latest_manifest"] = entry(request, named, digest, (manifest, &tags));
    }
    value
}

pub(super) fn tags(
    request: &Request<'_>,
    registry: &str,
    repository: &str,
) -> Result<Answer, Problem> {
    let page = page(request)?;
    let path = request.repository(registry, repository)?;
    let manifests = request.shared.store.manifests(&path);
    let tags = request.shared.store.tags(&path).unwrap_or_default();
    let mut tags: Vec<(TagName, StoredTag)> = tags.into_iter().collect();
    in_order(request, &mut tags, |(_, tag)| tag.updated);
    let total = tags.len();
    let items = page
        .cut(tags)
        .iter()
        .map(|(name, tag)| {
            let manifest = manifests.get(&tag.digest);
            let size = manifest.map_or(0, size);
            let child = manifest.filter(|_| request.docr.assumptions.tags_show_children);
            let child = child.and_then(first_child);
            json!({
                "registry_name": registry,
                "repository": repository,
                "tag": name.as_str(),
                "manifest_digest": child.as_ref().unwrap_or(&tag.digest).to_string(),
                "compressed_size_bytes": size,
                "size_bytes": size,
                "updated_at": time(tag.updated.unwrap_or(request.shared.clock.now())),
            })
        })
        .collect();
    let path = vec![registry, "repositories", repository, "tags"];
    Ok(List { key: "tags", path, items, total, tokens: false }.page(request.call, page))
}

pub(super) fn digests(
    request: &Request<'_>,
    registry: &str,
    repository: &str,
) -> Result<Answer, Problem> {
    let page = page(request)?;
    let path = request.repository(registry, repository)?;
    let named = NamedRepository { registry, name: repository, path: &path };
    let tags = request.shared.store.tags(&path).unwrap_or_default();
    let all = request.shared.store.manifests(&path);
    let hidden =
        if request.docr.assumptions.lists_children { BTreeSet::new() } else { children(&all) };
    let mut all: Vec<(Digest, StoredManifest)> =
        all.into_iter().filter(|(digest, _)| !hidden.contains(digest)).collect();
    in_order(request, &mut all, |(_, manifest)| manifest.pushed);
    let total = all.len();
    let items = page
        .cut(all)
        .iter()
        .map(|(digest, manifest)| entry(request, &named, digest, (manifest, &tags)))
        .collect();
    let path = vec![registry, "repositories", repository, "digests"];
    Ok(List { key: "manifests", path, items, total, tokens: false }.page(request.call, page))
}

/// A manifest as the API describes it.
fn entry(
    request: &Request<'_>,
    named: &NamedRepository<'_>,
    digest: &Digest,
    (manifest, tags): (&StoredManifest, &BTreeMap<TagName, StoredTag>),
) -> Value {
    let tags: Vec<&str> = tags
        .iter()
        .filter(|(_, tag)| tag.digest == *digest)
        .map(|(name, _)| name.as_str())
        .collect();
    let mut value = json!({
        "registry_name": named.registry,
        "repository": named.name,
        "digest": digest.to_string(),
        "compressed_size_bytes": size(manifest),
        "size_bytes": size(manifest),
        "updated_at": time(manifest.pushed.unwrap_or(request.shared.clock.now())),
        "blobs": blobs(manifest),
    });
    if !tags.is_empty() || !request.docr.assumptions.leaves_out_empty_tags {
        value["tags"] = json!(tags);
    }
    value
}

fn page(request: &Request<'_>) -> Result<Page, Problem> {
    Page::asked(request.call, DEFAULT_PAGE_SIZE, request.shared.quirks.max_page_size(MAX_PAGE_SIZE))
        .ok_or_else(|| Problem::bad_request("invalid page"))
}

/// Sorts by time; items of equal time stay in the order of names or digests.
fn in_order<T>(request: &Request<'_>, items: &mut [T], at: impl Fn(&T) -> Option<DateTime<Utc>>) {
    match request.docr.assumptions.order {
        Order::NewestFirst => items.sort_by_key(|item| std::cmp::Reverse(at(item))),
        Order::OldestFirst => items.sort_by_key(at),
    }
}

fn size(manifest: &StoredManifest) -> u64 {
    match manifest.parsed() {
        Some(Manifest::Image(image)) => image.layers.iter().map(|layer| layer.size).sum(),
        Some(Manifest::Index(_)) | None => 0,
    }
}

fn blobs(manifest: &StoredManifest) -> Vec<Value> {
    let Some(Manifest::Image(image)) = manifest.parsed() else { return Vec::new() };
    let all = image.config.iter().chain(&image.layers);
    all.map(|blob| json!({"digest": blob.digest.to_string(), "compressed_size_bytes": blob.size}))
        .collect()
}

fn first_child(manifest: &StoredManifest) -> Option<Digest> {
    match manifest.parsed() {
        Some(Manifest::Index(index)) => index.main_child().map(|child| child.digest.clone()),
        Some(Manifest::Image(_)) | None => None,
    }
}

/// All manifests that are in an index.
fn children(manifests: &BTreeMap<Digest, StoredManifest>) -> BTreeSet<Digest> {
    let parsed = manifests.values().filter_map(StoredManifest::parsed);
    let indexes = parsed.filter_map(|manifest| match manifest {
        Manifest::Index(index) => Some(index.children),
        Manifest::Image(_) => None,
    });
    indexes.flatten().map(|child| child.digest).collect()
}
