//! The packages API of the embedded GitHub registry, answer by answer.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::Value;
use tags::sandbox::Settings;
use tags::sandbox::ghcr::{GhcrSettings, MissingRight, OwnerKind};
use tags::sandbox::history::History;

use crate::openapi::ask;
use crate::openapi::description::Description;
use crate::sandbox::support::{Registry, TOKEN, index, now};
use crate::support::{path, tag};

async fn filled(ghcr: GhcrSettings) -> Registry {
    let registry = Registry::start(Settings::ghcr(ghcr, now())).await;
    let store = registry.sandbox.store();
    History::ending_at(now()).fill_below(store, "acme", |_| false);
    store.push(&path("acme/team/app"), &index("x"), &[tag("v1")], None);
    registry
}

async fn walk(description: &Description, kind: OwnerKind, root: &str) {
    let registry = filled(GhcrSettings::new("acme", kind, TOKEN)).await;
    let get = async |place: &str| ask(&registry, description, (Method::GET, place), None).await;
    assert_eq!(get(&format!("/{root}/packages?package_type=container&per_page=2")).await.0, 200);
    assert_eq!(get(&format!("/{root}/packages/container/none")).await.0, 404);
    let app = format!("/{root}/packages/container/team%2Fapp");
    assert_eq!(get(&app).await.0, 200);
    let backend = format!("/{root}/packages/container/backend/versions");
    let (_, all) = get(&format!("{backend}?state=active&page=2&per_page=10")).await;
    assert_eq!(all.as_array().unwrap().len(), 10);
    let version = format!("{backend}/{}", all[0]["id"]);
    let restore = format!("{version}/restore");
    assert_eq!(get(&version).await.0, 200);
    for (status, method, place) in [
        (204, Method::DELETE, &version),
        (404, Method::DELETE, &version),
        (404, Method::GET, &version),
        (204, Method::POST, &restore),
        (404, Method::POST, &restore),
        (204, Method::DELETE, &version),
    ] {
        let (found, _) = ask(&registry, description, (method, place), None).await;
        assert_eq!(found, status, "{place}");
    }
    let (_, deleted) = get(&format!("{backend}?state=deleted")).await;
    assert_eq!(deleted.as_array().unwrap().len(), 1);

    let (_, versions) = get(&format!("{app}/versions")).await;
    let is_tagged = |version: &&Value| version["metadata"]["container"]["tags"][0] == "v1";
    let last = &versions.as_array().unwrap().iter().find(is_tagged).unwrap()["id"];
    let last = format!("{app}/versions/{last}");
    let (found, _) = ask(&registry, description, (Method::DELETE, &last), None).await;
    assert_eq!(found, 400);
}

#[tokio::test]
async fn packages_of_organizations_and_users_are_described() {
    let Some(description) = Description::ghcr() else { return };
    walk(&description, OwnerKind::Organization, "orgs/acme").await;
    walk(&description, OwnerKind::User, "users/acme").await;
    walk(&description, OwnerKind::User, "user").await;
}

#[tokio::test]
async fn limits_and_refusals_are_described() {
    let Some(description) = Description::ghcr() else { return };
    let ghcr = GhcrSettings::new("acme", OwnerKind::Organization, TOKEN);
    let registry = filled(ghcr.clone()).await;
    let get = async |registry: &Registry, place: &str| {
        ask(registry, &description, (Method::GET, place), None).await.0
    };
    assert_eq!(get(&registry, "/rate_limit").await, 200);
    assert_eq!(get(&registry, "/orgs/acme/packages").await, 400);
    assert_eq!(get(&registry, "/users/acme").await, 200);
    let versions = "/orgs/acme/packages/container/backend/versions";
    for status in [401, 403, 404, 429, 500] {
        registry.fault(&format!("{status}@/orgs/"));
        assert_eq!(get(&registry, versions).await, status);
    }
    let anonymous = registry.get(versions).await;
    assert_eq!(anonymous.status().as_u16(), 401);
    let body = anonymous.json().await.unwrap();
    description.assert_answer(("GET", versions), 401, Some(&body));
    for (missing_right, status) in [(MissingRight::NotFound, 404), (MissingRight::Forbidden, 403)] {
        let scopes = BTreeSet::new();
        let registry = filled(GhcrSettings { scopes, missing_right, ..ghcr.clone() }).await;
        assert_eq!(get(&registry, versions).await, status);
    }
}
