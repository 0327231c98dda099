//! Every kind of fault, seen from the client.

use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use tags::model::{ByteCheck, Digest};
use tags::sandbox::{Auth, Settings};

use crate::sandbox::support::{Registry, code, header_of, image};

const MANIFEST: &str = "/v2/acme/app/manifests/latest";
const TAGS: &str = "/v2/acme/app/tags/list";

async fn registry(fault: &str) -> Registry {
    let registry = Registry::filled(Settings::default()).await;
    registry.fault(fault);
    registry
}

#[tokio::test]
async fn a_status_comes_as_often_and_where_it_is_told_to() {
    let registry = registry("503@GET:/manifests/*2").await;
    assert_eq!(registry.get(TAGS).await.status(), StatusCode::OK);
    assert_eq!(registry.status(Method::HEAD, MANIFEST).await, StatusCode::OK);
    for _ in 0..2 {
        let failed = registry.get(MANIFEST).await;
        assert_eq!(failed.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(code(failed).await, "UNAVAILABLE");
    }
    assert_eq!(registry.get(MANIFEST).await.status(), StatusCode::OK);
    assert!(registry.sandbox.faults().pending().is_empty());

    registry.fault("403*always");
    for _ in 0..3 {
        assert_eq!(code(registry.get(TAGS).await).await, "DENIED");
    }
    registry.sandbox.faults().clear();
    assert_eq!(registry.get(TAGS).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn too_many_requests_may_say_when_to_come_back() {
    let date = "Wed, 21 Oct 2026 07:28:00 GMT";
    for (fault, after) in [
        ("429", ""),
        ("429:retry-after=2", "2"),
        ("429:retry-after=Wed, 21 Oct 2026 07:28:00 GMT", date),
    ] {
        let limited = registry(fault).await.get(TAGS).await;
        assert_eq!(limited.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(header_of(&limited, "retry-after"), after);
        assert_eq!(code(limited).await, "TOOMANYREQUESTS");
    }
}

#[tokio::test]
async fn a_cut_body_is_shorter_than_promised() {
    let registry = registry("cut@/manifests/").await;
    let cut = registry.get(MANIFEST).await;
    assert_eq!(cut.status(), StatusCode::OK);
    assert_eq!(header_of(&cut, "content-length"), image("one").root.bytes.len().to_string());
    assert!(cut.bytes().await.is_err());
    assert!(registry.get(MANIFEST).await.bytes().await.is_ok());
}

#[tokio::test]
async fn a_dropped_connection_gives_no_answer() {
    let registry = registry("drop@/manifests/").await;
    assert!(registry.ask(Method::GET, MANIFEST).send().await.is_err());
    assert_eq!(registry.sandbox.requests()[0].status, None);
    assert_eq!(registry.get(MANIFEST).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_slow_body_comes_after_its_headers() {
    let registry = registry("slow=200ms").await;
    let begin = Instant::now();
    let slow = registry.get(TAGS).await;
    let headers = begin.elapsed();
    assert!(slow.bytes().await.is_ok());
    assert!(headers < Duration::from_millis(200), "{headers:?}");
    assert!(begin.elapsed() >= Duration::from_millis(200));

    registry.fault("delay=200ms");
    let begin = Instant::now();
    registry.get(TAGS).await;
    assert!(begin.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn a_wrong_digest_is_in_the_body_or_in_the_header() {
    let registry = registry("wrong-digest").await;
    let right = image("one").root;
    let altered = registry.get(MANIFEST).await;
    let told = Digest::parse(header_of(&altered, "docker-content-digest")).unwrap();
    let bytes = altered.bytes().await.unwrap();
    assert_eq!(told, right.digest);
    assert_eq!(told.check(&bytes), ByteCheck::Differ);
    assert_eq!(bytes.len(), right.bytes.len());
    assert!(serde_json::from_slice::<serde_json::Value>(&bytes).is_ok());

    registry.fault("wrong-digest=header");
    let altered = registry.get(MANIFEST).await;
    assert_ne!(header_of(&altered, "docker-content-digest"), right.digest.to_string());
    assert_eq!(altered.bytes().await.unwrap(), *right.bytes);
}

#[tokio::test]
async fn a_redirect_and_a_link_lead_elsewhere() {
    let registry = registry("redirect=http://other.test:1/cdn/@/manifests/").await;
    registry.fault("link=http://other.test/v2/x/tags/list?last=z");
    let redirect = registry.get(&format!("{MANIFEST}?a=b")).await;
    assert_eq!(redirect.status(), StatusCode::TEMPORARY_REDIRECT);
    let there = format!("http://other.test:1/cdn{MANIFEST}?a=b");
    assert_eq!(header_of(&redirect, "location"), there);
    let page = registry.get(TAGS).await;
    let link = "<http://other.test/v2/x/tags/list?last=z>; rel=\"next\"";
    assert_eq!(header_of(&page, "link"), link);
}

#[tokio::test]
async fn expired_tokens_must_be_fetched_anew() {
    let auth = Auth::Token {
        user: "alice".to_owned(),
        password: "secret".to_owned(),
        expires_in: None,
        anonymous_pull: true,
    };
    let registry = Registry::filled(Settings { auth, ..Settings::default() }).await;
    let token = async || {
        let ticket = registry.json("/token?scope=repository:acme/app:pull").await;
        ticket["token"].as_str().unwrap().to_owned()
    };
    let list = async |token: &str| {
        registry.ask(Method::GET, TAGS).bearer_auth(token).send().await.unwrap()
    };
    let first = token().await;
    registry.fault("401");
    assert_eq!(registry.get(TAGS).await.status(), StatusCode::UNAUTHORIZED);
    let expired = list(&first).await;
    assert!(header_of(&expired, "www-authenticate").contains("error=\"invalid_token\""));
    assert_eq!(list(&first).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(list(&token().await).await.status(), StatusCode::OK);
}
