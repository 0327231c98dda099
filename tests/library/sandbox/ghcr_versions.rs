//! Versions of packages: one for each manifest, deleted softly, restored, and what cannot go.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use tags::sandbox::Settings;
use tags::sandbox::ghcr::{GhcrSettings, OwnerKind};
use tags::sandbox::history::History;
use tags::sandbox::{Store, content::BuiltImage};

use crate::sandbox::support::{Registry, TOKEN, header_of, image, index, now};
use crate::support::{path, tag};

const VERSIONS: &str = "/orgs/acme/packages/container/app/versions";

fn ghcr() -> GhcrSettings {
    GhcrSettings::new("acme", OwnerKind::Organization, TOKEN)
}

/// With `acme/app`: an index two days old under `multi`, an image a day old under `v1` and `v2`.
async fn filled(ghcr: GhcrSettings) -> Registry {
    let registry = Registry::start(Settings::ghcr(ghcr, now())).await;
    let store = registry.sandbox.store();
    let app = path("acme/app");
    store.push(&app, &index("x"), &[tag("multi")], Some(now() - TimeDelta::days(2)));
    let tags = [tag("v1"), tag("v2")];
    store.push(&app, &image("y"), &tags, Some(now() - TimeDelta::days(1)));
    registry
}

async fn versions(registry: &Registry, query: &str) -> Vec<Value> {
    let (status, all) = registry.manage(Method::GET, &format!("{VERSIONS}{query}")).await;
    assert_eq!(status, 200, "{all}");
    all.as_array().unwrap().clone()
}

/// Where the version of an image is.
async fn place(registry: &Registry, image: &BuiltImage) -> String {
    let all = versions(registry, "?per_page=100").await;
    let found = all.iter().find(|version| version["name"] == image.root.digest.to_string());
    format!("{VERSIONS}/{}", found.unwrap()["id"])
}

#[tokio::test]
async fn every_manifest_is_a_version() {
    let registry = filled(ghcr()).await;
    let all = versions(&registry, "").await;
    assert_eq!(all.len(), 6);
    assert_eq!(all[0]["name"], image("y").root.digest.to_string());
    assert_eq!(all[0]["metadata"]["container"]["tags"], json!(["v1", "v2"]));
    assert_eq!(all[0]["created_at"], "2026-06-30T12:00:00Z");
    assert_eq!(all[1]["name"], index("x").root.digest.to_string());
    let children = all[2..].iter().map(|version| &version["metadata"]["container"]["tags"]);
    assert!(children.eq(std::iter::repeat_n(&json!([]), 4)));
    assert!(all.iter().all(|version| version["id"].as_u64().unwrap() > 1_200_000_000));
    let (_, one) = registry.manage(Method::GET, &format!("{VERSIONS}/{}", all[0]["id"])).await;
    assert_eq!(one, all[0]);
}

#[tokio::test]
async fn a_tag_that_is_set_anew_changes_no_time() {
    let registry = filled(ghcr()).await;
    let scope = "repository:acme/app:pull,push";
    let ticket = format!("/token?scope={scope}");
    let ticket = registry.ask(Method::GET, &ticket).basic_auth("anyone", Some(TOKEN));
    let ticket: Value = ticket.send().await.unwrap().json().await.unwrap();
    let root = index("x").root;
    let push = registry.ask(Method::PUT, "/v2/acme/app/manifests/v1");
    let push = push.header("content-type", &root.media_type).body(root.bytes.to_vec());
    let push = push.bearer_auth(ticket["token"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(push.status().as_u16(), 201);
    let all = versions(&registry, "").await;
    assert_eq!(all[1]["metadata"]["container"]["tags"], json!(["multi", "v1"]));
    assert_eq!(all[1]["created_at"], "2026-06-29T12:00:00Z");
    assert_eq!(all[1]["updated_at"], "2026-06-29T12:00:00Z");
}

#[tokio::test]
async fn pages_are_linked() {
    let registry = filled(ghcr()).await;
    let page = registry.managed(Method::GET, &format!("{VERSIONS}?per_page=4&state=active")).await;
    let url = format!("{}{VERSIONS}?state=active&per_page=4&page=2", registry.sandbox.url());
    let link = format!("<{url}>; rel=\"next\", <{url}>; rel=\"last\"");
    assert_eq!(header_of(&page, "link"), link);
    assert_eq!(page.json::<Vec<Value>>().await.unwrap().len(), 4);
    let page = registry.managed(Method::GET, &format!("{VERSIONS}?per_page=4&page=2")).await;
    assert!(!header_of(&page, "link").contains("next"));
    assert_eq!(page.json::<Vec<Value>>().await.unwrap().len(), 2);
    let store = registry.sandbox.store();
    for number in 0..120 {
        store.push(&path("acme/app"), &image(&format!("image {number}")), &[], Some(now()));
    }
    assert_eq!(versions(&registry, "").await.len(), 30);
    assert_eq!(versions(&registry, "?per_page=1000").await.len(), 100);
}

#[tokio::test]
async fn a_version_goes_with_its_tags_and_comes_back() {
    let registry = filled(ghcr()).await;
    let version = place(&registry, &image("y")).await;
    assert_eq!(registry.manage(Method::DELETE, &version).await.0, 204);
    let (status, problem) = registry.manage(Method::DELETE, &version).await;
    assert_eq!((status, &problem["message"]), (404, &json!("Package version not found.")));
    let store = registry.sandbox.store();
    assert_eq!(store.resolve(&path("acme/app"), &tag("v1")), None);
    let deleted = versions(&registry, "?state=deleted").await;
    assert_eq!(deleted.len(), 1);
    assert!(deleted[0]["deleted_at"].is_string());
    let restore = format!("{version}/restore");
    // A tag that was set meanwhile stays where it is.
    store.push(&path("acme/app"), &image("z"), &[tag("v2")], Some(now()));
    assert_eq!(registry.manage(Method::POST, &restore).await.0, 204);
    assert_eq!(registry.manage(Method::POST, &restore).await.0, 404);
    let root = image("y").root.digest;
    assert_eq!(store.resolve(&path("acme/app"), &tag("v1")), Some(root.clone()));
    assert_ne!(store.resolve(&path("acme/app"), &tag("v2")), Some(root));
    assert_eq!(place(&registry, &image("y")).await, version);
    assert_eq!(versions(&registry, "?state=deleted").await, Vec::<Value>::new());
}

#[tokio::test]
async fn the_last_tagged_version_stays() {
    let registry = filled(ghcr()).await;
    let multi = place(&registry, &index("x")).await;
    let last = place(&registry, &image("y")).await;
    assert_eq!(registry.manage(Method::DELETE, &multi).await.0, 204);
    let (status, problem) = registry.manage(Method::DELETE, &last).await;
    let message = "You cannot delete the last tagged version of a package. You must delete the package instead.";
    assert_eq!((status, &problem["message"]), (400, &json!(message)));
    let child = &versions(&registry, "").await[1]["id"];
    assert_eq!(registry.manage(Method::DELETE, &format!("{VERSIONS}/{child}")).await.0, 204);
}

#[tokio::test]
async fn what_was_downloaded_often_stays_while_it_is_public() {
    let digest = image("y").root.digest;
    let downloads = std::collections::BTreeMap::from([(digest.clone(), 5000)]);
    let registry = filled(GhcrSettings { downloads: downloads.clone(), ..ghcr() }).await;
    let pull = (Method::GET, "/v2/acme/app/manifests/v1");
    let pulled = registry.with_token("/token", "repository:acme/app:pull", pull).await;
    assert_eq!(pulled.status().as_u16(), 200);
    let version = place(&registry, &image("y")).await;
    let (status, problem) = registry.manage(Method::DELETE, &version).await;
    assert_eq!(status, 400);
    assert!(problem["message"].as_str().unwrap().contains("more than 5000 downloads"));

    let downloads = std::collections::BTreeMap::from([(digest, 9000)]);
    let registry = filled(GhcrSettings { downloads, public: false, ..ghcr() }).await;
    let version = place(&registry, &image("y")).await;
    assert_eq!(registry.manage(Method::DELETE, &version).await.0, 204);
}

#[test]
fn the_history_fits_below_any_prefix_and_may_lack_an_image() {
    let history = History::ending_at(now());
    let lost = format!("prod-{}", history.newest("prod").unwrap());
    let store = Store::new();
    history.fill_below(&store, "other", |push| {
        push.repository == path("acme/backend") && push.tags.contains(&tag(&lost))
    });
    assert_eq!(store.repositories(), [path("other/backend"), path("other/frontend")]);
    assert!(store.resolve(&path("other/frontend"), &tag(&lost)).is_some());
    assert!(store.resolve(&path("other/backend"), &tag(&lost)).is_none());
    let tags = store.tags(&path("other/frontend")).unwrap();
    assert!(tags.values().all(|tag| tag.updated.is_some_and(|updated| updated < now())));
}
