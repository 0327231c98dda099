//! Who is let in: passwords, tokens, their scopes and their end.

use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use tags::sandbox::{Auth, Settings};

use crate::sandbox::support::{Registry, header_of};

const TAGS: &str = "/v2/acme/app/tags/list";
const MANIFEST: &str = "/v2/acme/app/manifests/latest";

fn settings(expires_in: Option<Duration>, anonymous_pull: bool) -> Settings {
    let (user, password) = ("alice".to_owned(), "s3:cret".to_owned());
    Settings {
        auth: Auth::Token { user, password, expires_in, anonymous_pull },
        ..Settings::default()
    }
}

async fn registry() -> Registry {
    Registry::filled(settings(None, false)).await
}

async fn send(request: RequestBuilder) -> Response {
    request.send().await.unwrap()
}

/// What the token endpoint gives the right user.
async fn ticket(registry: &Registry, query: &str) -> Value {
    let request = registry.ask(Method::GET, &format!("/token?{query}"));
    send(request.basic_auth("alice", Some("s3:cret"))).await.json().await.unwrap()
}

async fn token(registry: &Registry, scope: &str) -> String {
    let ticket = ticket(registry, &format!("service=tags+sandbox&scope={scope}")).await;
    ticket["token"].as_str().unwrap().to_owned()
}

async fn ask_with(registry: &Registry, token: &str, method: Method, path: &str) -> Response {
    send(registry.ask(method, path).bearer_auth(token)).await
}

#[tokio::test]
async fn a_challenge_names_realm_service_and_scope() {
    let registry = registry().await;
    let realm = format!("Bearer realm=\"{}/token\"", registry.sandbox.url());
    let challenge = async |method: Method, path: &str| {
        let response = registry.ask(method, path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        header_of(&response, "www-authenticate").to_owned()
    };
    let start = format!("{realm},service=\"tags sandbox\"");
    assert_eq!(challenge(Method::GET, "/v2/").await, start);
    let pull = format!("{start},scope=\"repository:acme/app:pull\"");
    assert_eq!(challenge(Method::HEAD, MANIFEST).await, pull);
    let push = format!("{start},scope=\"repository:acme/app:pull,push\"");
    assert_eq!(challenge(Method::PUT, MANIFEST).await, push);
    let delete = format!("{start},scope=\"repository:acme/app:delete\"");
    assert_eq!(challenge(Method::DELETE, MANIFEST).await, delete);
    let mount = "/v2/acme/app/blobs/uploads/?mount=sha256:00&from=acme/base";
    let both = format!("{start},scope=\"repository:acme/app:pull,push repository:acme/base:pull\"");
    assert_eq!(challenge(Method::POST, mount).await, both);
}

#[tokio::test]
async fn a_token_is_good_for_its_scope_only() {
    let registry = registry().await;
    let pull = token(&registry, "repository:acme/app:pull").await;
    assert_eq!(ask_with(&registry, &pull, Method::GET, TAGS).await.status(), StatusCode::OK);
    assert_eq!(ask_with(&registry, &pull, Method::GET, "/v2/").await.status(), StatusCode::OK);
    let refused = ask_with(&registry, &pull, Method::DELETE, MANIFEST).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert!(header_of(&refused, "www-authenticate").contains("error=\"insufficient_scope\""));
    let other = ask_with(&registry, &pull, Method::GET, "/v2/acme/other/tags/list").await;
    assert_eq!(other.status(), StatusCode::UNAUTHORIZED);

    let two = "repository:acme/other:pull&scope=repository:acme/app:pull,delete";
    let two = token(&registry, two).await;
    let deleted = ask_with(&registry, &two, Method::DELETE, MANIFEST).await;
    assert_eq!(deleted.status(), StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_token_comes_to_its_end() {
    let registry = Registry::filled(settings(Some(Duration::from_millis(200)), false)).await;
    let ticket = ticket(&registry, "scope=repository:acme/app:pull").await;
    assert_eq!(ticket["expires_in"], 1);
    let token = ticket["access_token"].as_str().unwrap();
    assert_eq!(ask_with(&registry, token, Method::GET, TAGS).await.status(), StatusCode::OK);
    tokio::time::sleep(Duration::from_millis(220)).await;
    let refused = ask_with(&registry, token, Method::GET, TAGS).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert!(header_of(&refused, "www-authenticate").contains("error=\"invalid_token\""));
}

#[tokio::test]
async fn wrong_credentials_get_no_token() {
    let registry = Registry::filled(settings(None, true)).await;
    let place = "/token?scope=repository:acme/app:pull,push";
    let wrong = registry.ask(Method::GET, place).basic_auth("alice", Some("s3"));
    assert_eq!(send(wrong).await.status(), StatusCode::UNAUTHORIZED);

    let anonymous: Value = registry.json(place).await;
    assert_eq!(anonymous["scope"], "repository:acme/app:pull");
    let token = anonymous["token"].as_str().unwrap();
    assert_eq!(ask_with(&registry, token, Method::GET, TAGS).await.status(), StatusCode::OK);
    let push = ask_with(&registry, token, Method::PUT, MANIFEST).await;
    assert_eq!(push.status(), StatusCode::UNAUTHORIZED);

    let closed = self::registry().await;
    assert_eq!(closed.get(place).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn oauth2_takes_a_password_or_a_refresh_token() {
    let registry = registry().await;
    let post =
        async |form: &[(&str, &str)]| send(registry.ask(Method::POST, "/token").form(form)).await;
    let scope = ("scope", "repository:acme/app:pull repository:acme/base:pull");
    let password = [
        ("grant_type", "password"),
        ("username", "alice"),
        ("password", "s3:cret"),
        ("access_type", "offline"),
        scope,
    ];
    let first: Value = post(&password).await.json().await.unwrap();
    assert_eq!(first["scope"], scope.1);
    let refresh = first["refresh_token"].as_str().unwrap();
    let again = [("grant_type", "refresh_token"), ("refresh_token", refresh), scope];
    let second: Value = post(&again).await.json().await.unwrap();
    let token = second["access_token"].as_str().unwrap();
    assert_ne!(token, first["access_token"].as_str().unwrap());
    assert_eq!(ask_with(&registry, token, Method::GET, TAGS).await.status(), StatusCode::OK);

    let wrong = [("grant_type", "refresh_token"), ("refresh_token", "guess"), scope];
    assert_eq!(post(&wrong).await.status(), StatusCode::UNAUTHORIZED);
    let unknown = [("grant_type", "wish")];
    assert_eq!(post(&unknown).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn basic_credentials_are_compared_as_given() {
    let auth = Auth::Basic { user: "alice".to_owned(), password: "s3:cret".to_owned() };
    assert!(!format!("{auth:?}").contains("s3:cret"));
    let registry = Registry::filled(Settings { auth, ..Settings::default() }).await;
    let refused = registry.get(TAGS).await;
    assert_eq!(header_of(&refused, "www-authenticate"), "Basic realm=\"tags sandbox\"");
    for (user, password, status) in
        [("alice", "s3:cret", 200), ("Alice", "s3:cret", 401), ("alice", "s3:cret ", 401)]
    {
        let request = registry.ask(Method::GET, TAGS).basic_auth(user, Some(password));
        assert_eq!(send(request).await.status().as_u16(), status, "{user} {password:?}");
    }
}
