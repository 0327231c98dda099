//! The lists of the packages API: packages and versions, and single ones of both.
//!
//! The digest is the name of a container's version:
//! <https://docs.github.com/en/rest/packages/packages#list-package-versions-for-a-package-owned-by-an-organization>.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::super::call::Answer;
use super::super::page::{Order, Page, encoded};
use super::super::rest::time;
use super::request::{OwnerPath, Package, Request};
use super::versions::Version;
use super::wire::{self, Problem};
use crate::model::TagName;

/// The default and the largest page size.
const DEFAULT_PAGE_SIZE: usize = 30;
const MAX_PAGE_SIZE: usize = 100;

pub(super) fn packages(request: &Request<'_>, root: OwnerPath) -> Result<Answer, Problem> {
    if request.call.param("package_type") != Some("container") {
        let message = "package_type must be given";
        return Err(Problem::new(StatusCode::BAD_REQUEST, message));
    }
    let prefix = format!("{}/", request.ghcr.owner);
    let all: Vec<Package> = request
        .shared
        .store
        .repositories()
        .into_iter()
        .filter_map(|path| {
            let name = path.as_str().strip_prefix(&prefix)?.to_owned();
            Some(Package { root, name, path })
        })
        .collect();
    Ok(wire::page(request.call, page(request)?, all, |found| package(request, &found)))
}

/// A package as the API describes it, without its owner.
pub(super) fn package(request: &Request<'_>, package: &Package) -> Value {
    let live = request.shared.versions.live(&request.shared.store, &package.path);
    let now = request.shared.clock.now();
    let times = || live.iter().filter_map(|version| version.manifest.pushed);
    json!({
        "id": 7_654_321,
        "name": package.name,
        "package_type": "container",
        "url": url(request, package),
        "html_url": html_url(request, package),
        "version_count": live.len(),
        "visibility": if request.ghcr.public { "public" } else { "private" },
        "created_at": time(times().min().unwrap_or(now)),
        "updated_at": time(times().max().unwrap_or(now)),
    })
}

pub(super) fn versions(request: &Request<'_>, package: &Package) -> Result<Answer, Problem> {
    let paged = package.root != OwnerPath::Users || request.ghcr.users_paging;
    let deleted = match request.call.param("state") {
        Some("deleted") => paged,
        None | Some("active") => false,
        Some(_) => return Err(Problem::new(StatusCode::BAD_REQUEST, "Invalid state")),
    };
    let mut all = if deleted {
        request.shared.versions.deleted(&package.path)
    } else {
        request.shared.versions.live(&request.shared.store, &package.path)
    };
    if request.ghcr.order == Order::NewestFirst {
        all.reverse();
    }
    let entry = |version: Version| entry(request, package, &version);
    if paged {
        return Ok(wire::page(request.call, page(request)?, all, entry));
    }
    let first = Page { number: 1, size: DEFAULT_PAGE_SIZE }.cut(all);
    let first: Vec<Value> = first.into_iter().map(entry).collect();
    Ok(Answer::json(StatusCode::OK, &Value::from(first)))
}

pub(super) fn version(
    request: &Request<'_>,
    package: &Package,
    id: u64,
) -> Result<Answer, Problem> {
    let live = request.shared.versions.live(&request.shared.store, &package.path);
    let version = live.iter().find(|version| version.id == id).ok_or_else(Problem::no_version)?;
    Ok(Answer::json(StatusCode::OK, &entry(request, package, version)))
}

/// A version as the API describes it. Changing its tags does not change `updated_at`.
fn entry(request: &Request<'_>, package: &Package, version: &Version) -> Value {
    let pushed = version.manifest.pushed.unwrap_or(request.shared.clock.now());
    let tags: Vec<&str> = version.tags.keys().map(TagName::as_str).collect();
    let html = format!("https://github.com/{}", owned(request, package));
    let mut value = json!({
        "id": version.id,
        "name": version.digest.to_string(),
        "url": format!("{}/versions/{}", url(request, package), version.id),
        "package_html_url": html_url(request, package),
        "created_at": time(pushed),
        "updated_at": time(pushed),
        "html_url": format!("{html}/packages/container/{}/{}", encoded(&package.name), version.id),
        "metadata": {"package_type": "container", "container": {"tags": tags}},
    });
    if let Some(deleted) = version.deleted {
        value["deleted_at"] = time(deleted);
    }
    value
}

fn owned(request: &Request<'_>, package: &Package) -> String {
    let kind = if package.root == OwnerPath::Orgs { "orgs" } else { "users" };
    format!("{kind}/{}", request.ghcr.owner)
}

fn url(request: &Request<'_>, package: &Package) -> String {
    let owned = owned(request, package);
    format!("http://{}/{owned}/packages/container/{}", request.call.host, encoded(&package.name))
}

fn html_url(request: &Request<'_>, package: &Package) -> String {
    let owned = owned(request, package);
    format!("https://github.com/{owned}/packages/container/package/{}", encoded(&package.name))
}

fn page(request: &Request<'_>) -> Result<Page, Problem> {
    let page = Page::asked(
        request.call,
        DEFAULT_PAGE_SIZE,
        request.shared.quirks.max_page_size(MAX_PAGE_SIZE),
    );
    page.ok_or_else(|| Problem::new(StatusCode::BAD_REQUEST, "Invalid page"))
}
