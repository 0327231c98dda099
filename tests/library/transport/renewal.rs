//! What happens after a 401: one renewal, however many requests it meets, and then an end.

use std::time::Duration;

use tags::registry::ErrorKind;
use tags::sandbox::Auth;

use crate::support::registries::fault;
use crate::transport::support::{Client, basic, basic_auth, count, registry, sent, token_auth};

const HEAD: &str = "HEAD /v2/acme/app/manifests/prod-latest";

#[tokio::test]
async fn a_token_that_ends_in_mid_run_is_renewed_once_for_all() {
    let registry = registry(token_auth(Some(Duration::from_mins(5)))).await;
    let client = Client::new(&[&registry]);
    client.head("prod-latest").await.unwrap();
    fault(&registry, "401");
    registry.clear_requests();

    assert!(client.heads(100).await.iter().all(|answer| matches!(answer, Ok(Some(_)))));
    assert_eq!(count(&registry, "GET /token"), 1);
    let refused = sent(&registry).iter().filter(|line| line.ends_with("401")).count();
    assert!(refused >= 1, "the token was good all the time");
    assert_eq!(count(&registry, HEAD), 100 + refused);
    assert_eq!(count(&registry, "GET /v2/ "), 0);
}

#[tokio::test]
async fn a_401_that_stays_ends_after_one_renewal() {
    let registry = registry(token_auth(None)).await;
    fault(&registry, "401@/manifests/*always");
    let error = Client::new(&[&registry]).head("prod-latest").await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Credentials, Some(401)));
    assert_eq!(count(&registry, HEAD), 2);
    assert_eq!(count(&registry, "GET /token"), 2);
    assert_eq!(registry.requests().len(), 5);
}

#[tokio::test]
async fn a_password_that_is_refused_is_not_sent_again() {
    let registry = registry(basic_auth()).await;
    let client = Client::with_credential(&registry, basic("wrong"));
    let error = client.head("prod-latest").await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Credentials, Some(401)));
    assert_eq!(sent(&registry), ["GET /v2/ 401".to_owned(), format!("{HEAD} 401")]);
}

#[tokio::test]
async fn a_403_is_about_credentials_and_asked_once() {
    for auth in [Auth::None, basic_auth(), token_auth(None)] {
        let registry = registry(auth).await;
        fault(&registry, "403@/manifests/*always");
        let error = Client::new(&[&registry]).head("prod-latest").await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Credentials, Some(403)));
        assert_eq!(count(&registry, HEAD), 1);
    }
}
