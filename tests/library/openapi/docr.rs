//! The control API of the embedded DigitalOcean registry, answer by answer.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tags::sandbox::Settings;
use tags::sandbox::docr::{DocrScope, DocrSettings, StateDuration};
use tags::sandbox::history::History;

use crate::openapi::ask;
use crate::openapi::description::Description;
use crate::sandbox::support::{Registry, TOKEN, index, now};
use crate::support::{path, tag};

const ACME: &str = "/v2/registries/acme";

async fn filled(docr: DocrSettings) -> Registry {
    let registry = Registry::start(Settings::docr(docr, now())).await;
    let store = registry.sandbox.store();
    History::ending_at(now()).fill_below(store, "acme", |_| false);
    store.push(&path("acme/team/app"), &index("x"), &[tag("v1")], None);
    registry
}

#[tokio::test]
async fn what_is_listed_and_deleted_is_described() {
    let Some(description) = Description::docr() else { return };
    let docr = DocrSettings {
        other_registries: vec!["other".to_owned()],
        ..DocrSettings::new("acme", TOKEN)
    };
    let registry = filled(docr).await;
    let digest = index("x").root.digest;
    for (status, method, place) in [
        (200, Method::GET, String::new()),
        (200, Method::GET, "/repositoriesV2".to_owned()),
        (200, Method::GET, "/repositoriesV2?per_page=1&page=2".to_owned()),
        (400, Method::GET, "/repositoriesV2?page_token=none".to_owned()),
        (200, Method::GET, "/repositories/backend/tags".to_owned()),
        (200, Method::GET, "/repositories/backend/tags?page=2&per_page=10".to_owned()),
        (200, Method::GET, "/repositories/team%2Fapp/digests?per_page=200".to_owned()),
        (200, Method::GET, "/repositories/frontend/digests?page=2".to_owned()),
        (404, Method::GET, "/repositories/none/tags".to_owned()),
        (204, Method::DELETE, "/repositories/team%2Fapp/tags/v1".to_owned()),
        (404, Method::DELETE, "/repositories/team%2Fapp/tags/v1".to_owned()),
        (204, Method::DELETE, format!("/repositories/team%2Fapp/digests/{digest}")),
        (404, Method::DELETE, format!("/repositories/team%2Fapp/digests/{digest}")),
    ] {
        let place = format!("{ACME}{place}");
        let (found, _) = ask(&registry, &description, (method, &place), None).await;
        assert_eq!(found, status, "{place}");
    }
    let (_, all) = ask(&registry, &description, (Method::GET, "/v2/registries"), None).await;
    assert_eq!(all["registries"].as_array().unwrap().len(), 2);
    ask(&registry, &description, (Method::GET, "/v2/registries/none"), None).await;
    let (status, problem) = registry.manage(Method::GET, "/v2/registry").await;
    description.assert_answer(("GET", "/v2/registry"), status, Some(&problem));
}

#[tokio::test]
async fn garbage_collection_is_described() {
    let Some(description) = Description::docr() else { return };
    let mut docr = DocrSettings::new("acme", TOKEN);
    docr.collection.state_duration = StateDuration::Time(Duration::from_mins(10));
    let registry = filled(docr).await;
    let place = format!("{ACME}/garbage-collection");
    let all = format!("{place}s");
    assert_eq!(ask(&registry, &description, (Method::GET, &place), None).await.0, 404);
    let kind = json!({"type": "untagged manifests and unreferenced blobs"});
    let collect =
        async || ask(&registry, &description, (Method::POST, &place), Some(kind.clone())).await;
    let (status, begun) = collect().await;
    assert_eq!(status, 201);
    assert_eq!(collect().await.0, 409);
    assert_eq!(ask(&registry, &description, (Method::GET, &place), None).await.0, 200);
    let uuid = begun["garbage_collection"]["uuid"].as_str().unwrap();
    let one = format!("{place}/{uuid}");
    let cancel = Some(json!({"cancel": true}));
    assert_eq!(ask(&registry, &description, (Method::PUT, &one), cancel).await.0, 200);
    assert_eq!(ask(&registry, &description, (Method::GET, &all), None).await.0, 200);
}

#[tokio::test]
async fn refusals_are_described() {
    let Some(description) = Description::docr() else { return };
    let mut docr = DocrSettings::new("acme", TOKEN);
    docr.scopes.remove(&DocrScope::Delete);
    let registry = filled(docr).await;
    let tag = format!("{ACME}/repositories/team%2Fapp/tags/v1");
    assert_eq!(ask(&registry, &description, (Method::DELETE, &tag), None).await.0, 403);
    for status in [401, 403, 404, 429, 500, 503] {
        registry.fault(&format!("{status}@/v2/registries"));
        assert_eq!(ask(&registry, &description, (Method::GET, ACME), None).await.0, status);
    }
    let anonymous = registry.get(ACME).await;
    assert_eq!(anonymous.status().as_u16(), 401);
    let body = anonymous.json().await.unwrap();
    description.assert_answer(("GET", ACME), 401, Some(&body));
}
