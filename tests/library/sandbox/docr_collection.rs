//! Garbage collection: its states, what it takes, and the registry that is read-only meanwhile.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tags::sandbox::Settings;
use tags::sandbox::docr::{DocrSettings, StateDuration};

use crate::sandbox::support::{Registry, TOKEN, image, index, now};
use crate::support::{path, tag};

const COLLECTION: &str = "/v2/registries/acme/garbage-collection";
/// So long that nothing changes during a test.
const NEVER: StateDuration = StateDuration::Time(Duration::from_hours(1));

fn docr(pace: StateDuration) -> DocrSettings {
    let mut docr = DocrSettings::new("acme", TOKEN);
    docr.collection.state_duration = pace;
    docr
}

/// With a tagged index in `acme/app`, and an image without a tag.
async fn filled(docr: DocrSettings) -> Registry {
    let registry = Registry::start(Settings::docr(docr, now())).await;
    let store = registry.sandbox.store();
    store.push(&path("acme/app"), &index("multi"), &[tag("multi")], None);
    store.push(&path("acme/app"), &image("old"), &[tag("old")], None);
    store.remove_tag(&path("acme/app"), &tag("old"));
    registry
}

async fn begin(registry: &Registry, body: &Value) -> (u16, Value) {
    let request = registry.ask(Method::POST, COLLECTION).bearer_auth(TOKEN).json(body);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn status(registry: &Registry) -> String {
    let (_, all) = registry.manage(Method::GET, &format!("{COLLECTION}s")).await;
    all["garbage_collections"][0]["status"].as_str().unwrap().to_owned()
}

/// Follows a collection until it ends; the states in their order.
async fn followed(registry: &Registry) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for _ in 0..1000 {
        let state = status(registry).await;
        let over = ["succeeded", "failed", "cancelled"].contains(&state.as_str());
        if seen.last() != Some(&state) {
            seen.push(state);
        }
        if over {
            break;
        }
    }
    seen
}

#[tokio::test]
async fn it_goes_through_its_states() {
    let mut docr = docr(StateDuration::UntilPolled);
    docr.collection.unknown_state = Some("counting sheep".to_owned());
    let registry = filled(docr).await;
    assert_eq!(registry.manage(Method::GET, COLLECTION).await.0, 404);
    let (code, begun) = begin(&registry, &json!({"type": "unreferenced blobs only"})).await;
    assert_eq!((code, &begun["garbage_collection"]["status"]), (201, &json!("requested")));
    assert_eq!(begin(&registry, &json!({})).await.0, 409);
    assert_eq!(
        followed(&registry).await,
        [
            "requested",
            "waiting for write JWTs to expire",
            "scanning manifests",
            "counting sheep",
            "deleting unreferenced blobs",
            "succeeded",
        ]
    );
    assert_eq!(registry.manage(Method::GET, COLLECTION).await.0, 404);
    let other = begin(&registry, &json!({"type": "everything"})).await;
    assert_eq!(other.0, 400);
}

#[tokio::test]
async fn it_goes_on_while_nobody_looks() {
    let registry = filled(docr(StateDuration::Time(Duration::from_millis(1)))).await;
    begin(&registry, &json!({})).await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(registry.manage(Method::GET, COLLECTION).await.0, 404);
    assert_eq!(status(&registry).await, "succeeded");

    let registry = filled(docr(NEVER)).await;
    begin(&registry, &json!({})).await;
    for _ in 0..3 {
        let (status, active) = registry.manage(Method::GET, COLLECTION).await;
        assert_eq!((status, &active["garbage_collection"]["status"]), (200, &json!("requested")));
    }
}

#[tokio::test]
async fn what_is_taken_depends_on_the_type() {
    let app = path("acme/app");
    for (kind, spares, manifests, blobs) in [
        (json!({}), false, 6, 0),
        (json!({"type": "untagged manifests only"}), false, 1, 0),
        (json!({"type": "untagged manifests only"}), true, 5, 0),
        (json!({"type": "untagged manifests and unreferenced blobs"}), true, 5, 2),
        (json!({"type": "untagged manifests and unreferenced blobs"}), false, 1, 9),
    ] {
        let mut docr = docr(StateDuration::UntilPolled);
        docr.assumptions.collects_children = !spares;
        let registry = filled(docr).await;
        assert_eq!(begin(&registry, &kind).await.0, 201);
        followed(&registry).await;
        assert_eq!(registry.sandbox.store().manifests(&app).len(), manifests, "{kind} {spares}");
        let (_, all) = registry.manage(Method::GET, &format!("{COLLECTION}s")).await;
        assert_eq!(all["garbage_collections"][0]["blobs_deleted"], blobs, "{kind} {spares}");
        assert_eq!(all["garbage_collections"][0]["freed_bytes"] == 0, blobs == 0);
    }
}

#[tokio::test]
async fn nothing_is_written_or_deleted_meanwhile() {
    let registry = filled(docr(NEVER)).await;
    let place = format!("/v2/acme/app/manifests/{}", index("multi").root.digest);
    let scope = "repository:acme/app:pull,push,delete";
    let ask = async |method: Method, place: &str| {
        registry.with_token("/v2/registry/auth", scope, (method, place)).await.status().as_u16()
    };
    assert_eq!(ask(Method::POST, "/v2/acme/app/blobs/uploads/").await, 202);
    begin(&registry, &json!({})).await;
    assert_eq!(ask(Method::GET, &place).await, 200);
    assert_eq!(ask(Method::POST, "/v2/acme/app/blobs/uploads/").await, 401);
    assert_eq!(ask(Method::DELETE, &place).await, 401);
    let tag = "/v2/registries/acme/repositories/app/tags/multi";
    assert_eq!(registry.manage(Method::DELETE, tag).await.0, 409);

    let mut deletes = docr(NEVER);
    deletes.assumptions.refuses_deletes_with = None;
    let registry = filled(deletes).await;
    begin(&registry, &json!({})).await;
    assert_eq!(registry.manage(Method::DELETE, tag).await.0, 204);
}

#[tokio::test]
async fn tokens_of_before_work_until_the_scan() {
    let registry = filled(docr(StateDuration::UntilPolled)).await;
    let realm = "/v2/registry/auth?scope=repository:acme/app:pull,push";
    let ticket = registry.ask(Method::GET, realm).basic_auth(TOKEN, Some(TOKEN));
    let ticket: Value = ticket.send().await.unwrap().json().await.unwrap();
    let push = async || {
        let request = registry.ask(Method::POST, "/v2/acme/app/blobs/uploads/");
        let request = request.bearer_auth(ticket["token"].as_str().unwrap());
        request.send().await.unwrap().status().as_u16()
    };
    begin(&registry, &json!({})).await;
    assert_eq!(push().await, 202);
    while status(&registry).await != "waiting for write JWTs to expire" {}
    assert_eq!(push().await, 403);
    followed(&registry).await;
    assert_eq!(push().await, 202);
}

#[tokio::test]
async fn it_can_be_cancelled_and_it_can_fail() {
    let registry = filled(docr(StateDuration::UntilPolled)).await;
    let kind = json!({"type": "untagged manifests only"});
    let (_, begun) = begin(&registry, &kind).await;
    let place = format!("{COLLECTION}/{}", begun["garbage_collection"]["uuid"].as_str().unwrap());
    let cancel = async |place: &str| {
        let request = registry.ask(Method::PUT, place).bearer_auth(TOKEN);
        request.json(&json!({"cancel": true})).send().await.unwrap().status().as_u16()
    };
    assert_eq!(cancel(&format!("{COLLECTION}/other")).await, 404);
    assert_eq!(cancel(&place).await, 200);
    assert_eq!(followed(&registry).await, ["cancelling", "cancelled"]);
    assert_eq!(cancel(&place).await, 404);
    assert_eq!(registry.sandbox.store().manifests(&path("acme/app")).len(), 6);

    let mut fails = docr(StateDuration::UntilPolled);
    fails.collection.fails = true;
    let registry = filled(fails).await;
    begin(&registry, &kind).await;
    assert_eq!(followed(&registry).await.last().unwrap(), "failed");
    assert_eq!(registry.sandbox.store().manifests(&path("acme/app")).len(), 6);
}
