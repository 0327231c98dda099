//! How tokens are had: for how long they are believed, and by which way of asking.

use std::time::Duration;

use serde_json::Value;
use tags::registry::ErrorKind;

use crate::support::client;
use crate::support::registries::fault;
use crate::transport::support::{
    Client, PASSWORD, basic, count, identity, registry, sent, token_auth,
};

const TOKEN: &str = "GET /token";

#[tokio::test(start_paused = true)]
async fn a_token_is_used_until_shortly_before_its_end() {
    for (life, fine_after, over_after) in [
        // Two seconds: half of them, rather than a new token for every request.
        (Some(2), Duration::from_millis(900), Duration::from_millis(200)),
        (Some(300), Duration::from_secs(280), Duration::from_secs(15)),
        // Unsaid: a minute, as the specification has it.
        (None, Duration::from_secs(45), Duration::from_secs(10)),
        // Five minutes in nanoseconds, which one server sends: not believed beyond an hour.
        (Some(300_000_000_000), Duration::from_mins(55), Duration::from_mins(6)),
    ] {
        let registry = registry(token_auth(life.map(Duration::from_secs))).await;
        let client = Client::new(&[&registry]);
        client.heads(8).await;
        tokio::time::sleep(fine_after).await;
        client.heads(8).await;
        assert_eq!(count(&registry, TOKEN), 1, "{life:?} before its end");
        tokio::time::sleep(over_after).await;
        client.heads(8).await;
        assert_eq!(count(&registry, TOKEN), 2, "{life:?} after its end");
        assert!(sent(&registry).iter().skip(1).all(|line| line.ends_with("200")));
    }
}

#[tokio::test]
async fn an_identity_token_is_exchanged_by_post() {
    let registry = registry(token_auth(None)).await;
    let form = [
        ("grant_type", "password"),
        ("username", "alice"),
        ("password", PASSWORD),
        ("access_type", "offline"),
    ];
    let login = client::builder().build().unwrap();
    let login = login.post(format!("{}/token", registry.url())).form(&form).send().await.unwrap();
    let login: Value = login.json().await.unwrap();
    let client =
        Client::with_credential(&registry, identity(login["refresh_token"].as_str().unwrap()));
    registry.clear_requests();

    assert!(client.head("prod-latest").await.unwrap().is_some());
    let head = "HEAD /v2/acme/app/manifests/prod-latest 200";
    assert_eq!(sent(&registry), ["GET /v2/ 401", "POST /token 200", head]);
    assert_eq!(registry.requests()[1].authorization, None);

    let unknown = Client::with_credential(&registry, identity("guess"));
    assert_eq!(unknown.head("prod-latest").await.unwrap_err().kind(), ErrorKind::Credentials);
}

#[tokio::test]
async fn a_token_server_that_knows_no_get_is_asked_by_post() {
    for status in [404, 405] {
        let registry = registry(token_auth(None)).await;
        fault(&registry, &format!("{status}@GET:/token*always"));
        let client = Client::with_credential(&registry, basic(PASSWORD));
        assert!(client.head("prod-latest").await.unwrap().is_some());
        assert_eq!(count(&registry, TOKEN), 1);
        assert_eq!(count(&registry, "POST /token 200"), 1);
    }
}

#[tokio::test]
async fn refused_credentials_are_not_tried_again_by_all_who_waited() {
    let registry = registry(token_auth(None)).await;
    let client = Client::with_credential(&registry, basic("wrong"));
    for answer in client.heads(20).await {
        let error = answer.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Credentials, Some(401)));
        assert!(
            error.to_string().contains("refused the credentials from the Docker config"),
            "{error}"
        );
        assert!(error.hint().is_some());
    }
    assert_eq!(sent(&registry).len(), 2, "{:?}", sent(&registry));
}

/// So DigitalOcean answers to a scope of somebody else's registry.
#[tokio::test]
async fn a_scope_that_a_token_server_does_not_know_is_no_refused_credential() {
    let registry = registry(token_auth(None)).await;
    fault(&registry, "400@/token*always");
    let client = Client::new(&[&registry]);
    let error = client.head("prod-latest").await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::NotFound, Some(400)));
    assert_eq!(count(&registry, TOKEN), 1, "it is not asked again");
}
