//! The face of GitHub's registry: its own protocol, who may see what, and refusals.

use chrono::TimeDelta;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tags::sandbox::Settings;
use tags::sandbox::ghcr::{
    GhcrSettings, MissingReferrers, MissingRight, OwnerKind, PackageScope, TokenKind,
};

use crate::sandbox::support::{Registry, TOKEN, header_of, image, now};
use crate::support::{path, tag};

const VERSIONS: &str = "/orgs/acme/packages/container/team%2Fapp/versions";

fn ghcr() -> GhcrSettings {
    GhcrSettings::new("acme", OwnerKind::Organization, TOKEN)
}

/// With three tags of `acme/team/app`, of which the last by name is the first by time.
async fn filled(ghcr: GhcrSettings) -> Registry {
    let registry = Registry::start(Settings::ghcr(ghcr, now())).await;
    let app = path("acme/team/app");
    for (name, days) in [("c", 3), ("b", 2), ("a", 1)] {
        let at = now() - TimeDelta::days(days);
        registry.sandbox.store().push(&app, &image(name), &[tag(name)], Some(at));
    }
    registry
}

#[tokio::test]
async fn anyone_may_pull_what_is_public_and_tokens_name_no_time() {
    let registry = filled(ghcr()).await;
    let place = "/v2/acme/team/app/tags/list";
    let url = registry.sandbox.url();
    let start = format!("Bearer realm=\"{url}/token\",service=\"ghcr.io\",scope=");
    let challenge = registry.get(place).await;
    let challenge = header_of(&challenge, "www-authenticate").to_owned();
    assert_eq!(challenge, format!("{start}\"repository:acme/team/app:pull\""));
    let ping = registry.get("/v2/").await;
    let placeholder = format!("{start}\"repository:user/image:pull\"");
    assert_eq!(header_of(&ping, "www-authenticate"), placeholder);

    let ticket = registry.json("/token?service=ghcr.io&scope=repository:acme/team/app:pull").await;
    assert!(ticket.get("expires_in").is_none());
    let list = registry.ask(Method::GET, place).bearer_auth(ticket["token"].as_str().unwrap());
    assert_eq!(list.send().await.unwrap().status(), StatusCode::OK);

    let raw = registry.managed(Method::GET, "/token?scope=repository:acme/team/app:pull").await;
    assert_eq!(raw.status(), StatusCode::UNAUTHORIZED);
    let private = filled(GhcrSettings { public: false, ..ghcr() }).await;
    let refused = private.get("/token?scope=repository:acme/team/app:pull").await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn tags_are_listed_oldest_first() {
    let registry = filled(GhcrSettings { default_tags_page_size: 2, ..ghcr() }).await;
    let scope = "repository:acme/team/app:pull";
    let list = async |query: &str| {
        let place = format!("/v2/acme/team/app/tags/list{query}");
        registry.with_token("/token", scope, (Method::GET, &place)).await
    };
    let page = list("").await;
    let next = "</v2/acme/team/app/tags/list?last=b>; rel=\"next\"";
    assert_eq!(header_of(&page, "link"), next);
    let page: serde_json::Value = page.json().await.unwrap();
    assert_eq!(page["tags"], json!(["c", "b"]));
    let rest: serde_json::Value = list("?last=b&n=1000").await.json().await.unwrap();
    assert_eq!(rest["tags"], json!(["a"]));
}

#[tokio::test]
async fn the_registry_deletes_nothing_and_has_no_referrers() {
    let registry = filled(ghcr()).await;
    let scope = "repository:acme/team/app:pull,push,delete";
    let digest = image("a").root.digest;
    let referrers = format!("/v2/acme/team/app/referrers/{digest}");
    for reference in ["a", &digest.to_string()] {
        let place = format!("/v2/acme/team/app/manifests/{reference}");
        let refused = registry.with_token("/token", scope, (Method::DELETE, &place)).await;
        assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED);
        let body = json!({"errors": [{"code": "UNSUPPORTED", "message": "The operation is unsupported."}]});
        assert_eq!(refused.json::<serde_json::Value>().await.unwrap(), body);
    }
    let missing = registry.with_token("/token", scope, (Method::GET, &referrers)).await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    assert_eq!(crate::sandbox::support::code(missing).await, "MANIFEST_UNKNOWN");

    let elsewhere = MissingReferrers::Redirect("http://other.test:1/".to_owned());
    let registry = filled(GhcrSettings { referrers: elsewhere, ..ghcr() }).await;
    let moved = registry.with_token("/token", scope, (Method::GET, &referrers)).await;
    assert_eq!(moved.status(), StatusCode::SEE_OTHER);
    let there = "http://other.test:1/-/v2/packages/container/package/acme%2Fteam%2Fapp%2Freferrers%2Fsha256";
    assert_eq!(header_of(&moved, "location"), there);
}

#[tokio::test]
async fn an_owner_is_told_apart_by_its_type() {
    for (kind, name, right, wrong) in [
        (OwnerKind::Organization, "Organization", "orgs", "users"),
        (OwnerKind::User, "User", "users", "orgs"),
    ] {
        let registry = filled(GhcrSettings { owner_kind: kind, ..ghcr() }).await;
        let (_, account) = registry.manage(Method::GET, "/users/acme").await;
        assert_eq!(account["type"], name);
        let package = |root: &str| format!("/{root}/acme/packages/container/team%2Fapp");
        assert_eq!(registry.manage(Method::GET, &package(right)).await.0, 200);
        assert_eq!(registry.manage(Method::GET, &package(wrong)).await.0, 404);
        assert_eq!(registry.manage(Method::GET, "/users/nobody").await.0, 404);
    }
    let ignores = GhcrSettings { owner_kind: OwnerKind::User, users_paging: false, ..ghcr() };
    let registry = filled(ignores).await;
    let place = "/users/acme/packages/container/team%2Fapp/versions?per_page=1&page=2";
    assert_eq!(registry.manage(Method::GET, place).await.1.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_missing_right_looks_like_a_missing_package() {
    let mut ghcr = ghcr();
    ghcr.scopes.remove(&PackageScope::Delete);
    let registry = filled(ghcr.clone()).await;
    let listed = registry.managed(Method::GET, VERSIONS).await;
    assert_eq!(header_of(&listed, "x-oauth-scopes"), "read:packages, write:packages");
    let id = listed.json::<serde_json::Value>().await.unwrap()[0]["id"].clone();
    let (status, problem) = registry.manage(Method::DELETE, &format!("{VERSIONS}/{id}")).await;
    assert_eq!((status, &problem["message"]), (404, &json!("Package not found.")));

    ghcr.missing_right = MissingRight::Forbidden;
    let registry = filled(ghcr).await;
    registry.manage(Method::GET, VERSIONS).await;
    assert_eq!(registry.manage(Method::DELETE, &format!("{VERSIONS}/{id}")).await.0, 403);

    let nothing = GhcrSettings { scopes: std::collections::BTreeSet::new(), ..self::ghcr() };
    assert_eq!(filled(nothing).await.manage(Method::GET, VERSIONS).await.0, 404);
    assert_eq!(registry.get(VERSIONS).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_token_of_a_workflow_is_nobodys_and_lists_no_packages() {
    let registry = filled(ghcr()).await;
    let packages = "/orgs/acme/packages?package_type=container";
    let (status, all) = registry.manage(Method::GET, packages).await;
    assert_eq!((status, &all[0]["name"]), (200, &json!("team/app")));
    assert_eq!(registry.manage(Method::GET, "/orgs/acme/packages").await.0, 400);
    assert_eq!(registry.manage(Method::GET, "/user").await.0, 200);

    let registry = filled(GhcrSettings { token_kind: TokenKind::Actions, ..ghcr() }).await;
    assert_eq!(registry.manage(Method::GET, packages).await.0, 403);
    assert_eq!(registry.manage(Method::GET, "/user").await.0, 403);
    let named = registry.managed(Method::GET, VERSIONS).await;
    assert_eq!(named.status(), StatusCode::OK);
    assert!(named.headers().get("x-oauth-scopes").is_none());
}

#[tokio::test]
async fn requests_are_counted_and_limited() {
    let registry = filled(GhcrSettings { hourly_limit: 2, ..ghcr() }).await;
    let first = registry.managed(Method::GET, VERSIONS).await;
    for (name, value) in [("limit", "2"), ("used", "1"), ("remaining", "1"), ("resource", "core")] {
        assert_eq!(header_of(&first, &format!("x-ratelimit-{name}")), value);
    }
    let (_, limits) = registry.manage(Method::GET, "/rate_limit").await;
    assert_eq!(limits["resources"]["core"]["remaining"], 1);
    registry.managed(Method::GET, VERSIONS).await;
    let beyond = registry.managed(Method::GET, VERSIONS).await;
    assert_eq!(beyond.status(), StatusCode::FORBIDDEN);
    assert_eq!(header_of(&beyond, "x-ratelimit-remaining"), "0");

    registry.fault("429:retry-after=3@/orgs/");
    let secondary = registry.managed(Method::GET, VERSIONS).await;
    assert_eq!(header_of(&secondary, "retry-after"), "3");
    let problem: serde_json::Value = secondary.json().await.unwrap();
    assert!(problem["message"].as_str().unwrap().contains("secondary rate limit"));
    registry.fault("429@/tags/list");
    let limited = registry.json("/v2/acme/team/app/tags/list").await;
    let message = "retry-after: 880.092µs, allowed: 44000/minute";
    assert_eq!(limited["errors"][0]["message"], message);
}
