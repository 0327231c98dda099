//! How many connections and requests one host has to bear.

use std::time::Duration;

use tags::sandbox::{Auth, Settings};

use crate::transport::support::{Client, registry, registry_with, token_auth};

#[tokio::test]
async fn a_cold_fan_out_opens_no_more_connections_than_requests_may_be_under_way() {
    let delay = Some(Duration::from_millis(20));
    for auth in [Auth::None, token_auth(None)] {
        let settings = Settings { auth, response_delay: delay, ..Settings::default() };
        let registry = registry_with(settings).await;
        let client = Client::with(&[&registry], |settings| settings.transport.at_once = 16);
        let answers = client.heads(200).await;
        assert!(answers.iter().all(Result::is_ok));
        assert_eq!(registry.peak_requests(), 16);
        assert!(registry.connections() <= 16, "{} connections", registry.connections());
    }
}

#[tokio::test]
async fn requests_one_after_the_other_share_one_connection() {
    let registry = registry(token_auth(None)).await;
    let client = Client::new(&[&registry]);
    for _ in 0..20 {
        client.head("prod-latest").await.unwrap();
        client.head("prod-none").await.unwrap();
    }
    assert_eq!(registry.connections(), 1);
}
