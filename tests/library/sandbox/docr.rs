//! The face of DigitalOcean's registry: tokens, lists, deletion, and refusals.

use chrono::TimeDelta;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tags::sandbox::Settings;
use tags::sandbox::docr::{DocrScope, DocrSettings};

use crate::sandbox::support::{Registry, TOKEN, code, header_of, image, index, now};
use crate::support::{path, tag};

const REALM: &str = "/v2/registry/auth";
const APP: &str = "/v2/registries/acme/repositories/team%2Fapp";

fn docr() -> DocrSettings {
    DocrSettings::new("acme", TOKEN)
}

/// With `acme/team/app`: `v1` a day old, `v2` an hour, `multi` an index as old.
async fn filled(docr: DocrSettings) -> Registry {
    let registry = Registry::start(Settings::docr(docr, now())).await;
    let store = registry.sandbox.store();
    let app = path("acme/team/app");
    store.push(&app, &image("one"), &[tag("v1")], Some(now() - TimeDelta::days(1)));
    store.push(&app, &index("two"), &[tag("multi")], Some(now() - TimeDelta::hours(1)));
    store.push(&app, &image("two"), &[tag("v2")], Some(now() - TimeDelta::hours(1)));
    registry
}

#[tokio::test]
async fn the_api_token_buys_a_token_for_the_registry() {
    let registry = filled(docr()).await;
    let place = "/v2/acme/team/app/tags/list";
    let refused = registry.get(place).await;
    let challenge = format!(
        "Bearer realm=\"{}{REALM}\",service=\"registry.digitalocean.com\",\
         scope=\"repository:acme/team/app:pull\"",
        registry.sandbox.url()
    );
    assert_eq!(header_of(&refused, "www-authenticate"), challenge);
    let scope = "repository:acme/team/app:pull";
    let listed = registry.with_token(REALM, scope, (Method::GET, place)).await;
    assert_eq!(listed.status(), StatusCode::OK);

    let status = async |method: Method, query: &str, password: &str| {
        let request = registry.ask(method, &format!("{REALM}?{query}"));
        request.basic_auth(TOKEN, Some(password)).send().await.unwrap().status().as_u16()
    };
    assert_eq!(status(Method::POST, "", TOKEN).await, 405);
    assert_eq!(status(Method::GET, "scope=repository:team/app:pull", TOKEN).await, 400);
    assert_eq!(status(Method::GET, "scope=repository:acme/team/app:pull", "x").await, 401);
    let anonymous = registry.get(&format!("{REALM}?scope={scope}")).await;
    assert_eq!(anonymous.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_registry_deletes_by_digest_only_and_has_no_referrers() {
    let registry = filled(docr()).await;
    let scope = "repository:acme/team/app:pull,delete";
    let ask = async |method: Method, place: &str| {
        let place = format!("/v2/acme/team/app/{place}");
        registry.with_token(REALM, scope, (method, &place)).await
    };
    let digest = image("one").root.digest;
    let by_tag = ask(Method::DELETE, "manifests/v1").await;
    assert_eq!(by_tag.status(), StatusCode::BAD_REQUEST);
    let referrers = ask(Method::GET, &format!("referrers/{digest}")).await;
    assert_eq!(referrers.status(), StatusCode::NOT_FOUND);
    let by_digest = ask(Method::DELETE, &format!("manifests/{digest}")).await;
    assert_eq!(by_digest.status(), StatusCode::ACCEPTED);
    assert_eq!(ask(Method::GET, "manifests/v1").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn tags_and_manifests_are_listed_newest_first() {
    let registry = filled(docr()).await;
    let (status, tags) = registry.manage(Method::GET, &format!("{APP}/tags")).await;
    assert_eq!((status, &tags["meta"]), (200, &json!({"total": 3})));
    let first = &tags["tags"][0];
    assert_eq!(first["tag"], "multi");
    assert_eq!(first["manifest_digest"], index("two").root.digest.to_string());
    assert_eq!(first["updated_at"], "2026-07-01T11:00:00Z");
    assert_eq!(first["repository"], "team/app");
    assert!(tags.get("links").is_none());

    let (_, manifests) = registry.manage(Method::GET, &format!("{APP}/digests")).await;
    // The image for amd64 is in the index and has a tag of its own.
    assert_eq!(manifests["meta"]["total"], 6);
    let listed = manifests["manifests"].as_array().unwrap();
    assert_eq!(listed.iter().filter(|entry| entry.get("tags").is_none()).count(), 3);

    let (_, all) = registry.manage(Method::GET, "/v2/registries/acme/repositoriesV2").await;
    let repository = &all["repositories"][0];
    assert_eq!((&repository["name"], &repository["tag_count"]), (&json!("team/app"), &json!(3)));
}

#[tokio::test]
async fn what_is_open_can_be_set_to_either_side() {
    let mut docr = docr();
    docr.assumptions.lists_children = false;
    docr.assumptions.leaves_out_empty_tags = false;
    docr.assumptions.tags_show_children = true;
    let registry = filled(docr).await;
    let (_, manifests) = registry.manage(Method::GET, &format!("{APP}/digests")).await;
    assert_eq!(manifests["meta"]["total"], 2);
    let (_, tags) = registry.manage(Method::GET, &format!("{APP}/tags")).await;
    assert_eq!(tags["tags"][0]["manifest_digest"], index("two").children[0].digest.to_string());
}

#[tokio::test]
async fn pages_follow_links_and_tokens() {
    let registry = filled(docr()).await;
    for name in ["a", "b"] {
        registry.sandbox.store().push(
            &path(&format!("acme/{name}")),
            &image("x"),
            &[tag("t")],
            None,
        );
    }
    let (_, page) = registry.manage(Method::GET, &format!("{APP}/tags?per_page=2&page=1")).await;
    let root = registry.sandbox.url();
    let next = format!("{root}/v2/registry/acme/repositories/team%2Fapp/tags?page=2&per_page=2");
    assert_eq!(page["links"]["pages"], json!({"next": next, "last": next}));
    let (_, page) = registry.manage(Method::GET, next.strip_prefix(&root).unwrap()).await;
    assert_eq!(page["tags"].as_array().unwrap().len(), 1);
    assert!(page["links"]["pages"].get("next").is_none());

    let mut place = "/v2/registries/acme/repositoriesV2?per_page=1".to_owned();
    let mut names = Vec::new();
    loop {
        let (_, page) = registry.manage(Method::GET, &place).await;
        names.push(page["repositories"][0]["name"].as_str().unwrap().to_owned());
        let Some(next) = page["links"]["pages"]["next"].as_str() else { break };
        assert!(next.contains("page_token="));
        // With a token the number of the page means nothing.
        place = next.strip_prefix(&root).unwrap().replace("?page=", "?page=9");
    }
    assert_eq!(names, ["a", "b", "team/app"]);
    assert_eq!(registry.manage(Method::GET, &format!("{APP}/tags?per_page=0")).await.0, 400);
}

#[tokio::test]
async fn a_tag_leaves_its_manifest_and_a_digest_takes_its_tags_along() {
    let registry = filled(docr()).await;
    let store = registry.sandbox.store();
    let app = path("acme/team/app");
    let delete =
        async |place: &str| registry.manage(Method::DELETE, &format!("{APP}/{place}")).await.0;
    assert_eq!(delete("tags/v1").await, 204);
    assert_eq!(delete("tags/v1").await, 404);
    assert!(store.manifest(&app, &image("one").root.digest).is_some());
    assert_eq!(delete(&format!("digests/{}", index("two").children[0].digest)).await, 204);
    assert_eq!(store.resolve(&app, &tag("v2")), None);
    // The index is still there, without one of its images.
    assert!(store.resolve(&app, &tag("multi")).is_some());
    assert_eq!(delete("digests/sha256:00").await, 404);
}

#[tokio::test]
async fn several_registries_must_be_named() {
    let registry = filled(docr()).await;
    assert_eq!(registry.manage(Method::GET, "/v2/registry").await.0, 200);
    let (_, all) = registry.manage(Method::GET, "/v2/registries").await;
    assert_eq!(all["registries"].as_array().unwrap().len(), 1);

    let docr = DocrSettings { other_registries: vec!["other".to_owned()], ..docr() };
    let registry = filled(docr).await;
    let (status, problem) = registry.manage(Method::GET, "/v2/registry").await;
    assert_eq!((status, &problem["id"]), (412, &json!("precondition_failed")));
    let (_, all) = registry.manage(Method::GET, "/v2/registries").await;
    assert_eq!(all["registries"][1]["name"], "other");
    assert_eq!(registry.manage(Method::GET, "/v2/registries/other").await.0, 200);
    assert_eq!(registry.manage(Method::GET, "/v2/registries/third").await.0, 404);
}

#[tokio::test]
async fn refusals_have_an_id_a_message_and_a_request_id() {
    let mut docr = docr();
    docr.scopes.remove(&DocrScope::Delete);
    docr.hourly_limit = 4;
    let registry = filled(docr).await;
    let anonymous = registry.json("/v2/registries").await;
    assert_eq!(anonymous["id"], "unauthorized");
    let (status, problem) = registry.manage(Method::DELETE, &format!("{APP}/tags/v1")).await;
    assert_eq!((status, &problem["id"]), (403, &json!("forbidden")));
    assert_eq!(problem["message"], "you do not have access for the attempted action");
    assert!(problem["request_id"].is_string());
    let unencoded = "/v2/registries/acme/repositories/team/app/tags";
    assert_ne!(registry.manage(Method::GET, unencoded).await.0, 200);

    registry.fault("429:retry-after=7@/v2/registries");
    let burst = registry.managed(Method::GET, "/v2/registries").await;
    assert_eq!(header_of(&burst, "retry-after"), "7");
    assert_eq!(header_of(&burst, "ratelimit-remaining"), "1");
    let problem: serde_json::Value = burst.json().await.unwrap();
    assert_eq!(problem["id"], "too_many_requests");

    let last = registry.managed(Method::GET, "/v2/registries").await;
    assert_eq!(header_of(&last, "ratelimit-remaining"), "0");
    assert_eq!(header_of(&last, "ratelimit-limit"), "4");
    let reset: i64 = header_of(&last, "ratelimit-reset").parse().unwrap();
    assert!((3595..=3600).contains(&(reset - now().timestamp())), "{reset}");
    let beyond = registry.managed(Method::GET, "/v2/registries").await;
    assert_eq!(beyond.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(beyond.headers().get("retry-after").is_none());
    // The registry itself does not count these.
    registry.fault("403@/tags/list");
    assert_eq!(code(registry.get("/v2/acme/x/tags/list").await).await, "DENIED");
}
