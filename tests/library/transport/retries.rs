//! What is tried again, how often, and for how long.

use std::time::{Duration, SystemTime};

use tags::registry::ErrorKind;
use tags::sandbox::{Auth, Fault, FaultKind, Matcher, RetryAfter, Sandbox, Times};
use tokio::time::Instant;

use crate::support::registries::fault;
use crate::transport::support::{Client, count, registry, token_auth};

const HEAD: &str = "HEAD /v2/acme/app/manifests/prod-latest";

async fn open_registry(text: &str) -> (Sandbox, Client) {
    let registry = registry(Auth::None).await;
    fault(&registry, text);
    let client = Client::new(&[&registry]);
    (registry, client)
}

fn retries(client: &Client) -> u64 {
    client.connections.http().meter().traffic().retries
}

#[tokio::test(start_paused = true)]
async fn trouble_that_passes_costs_one_more_request() {
    for trouble in ["500", "502", "503", "504", "429", "drop"] {
        let (registry, client) = open_registry(&format!("{trouble}@/manifests/")).await;
        assert!(client.head("prod-latest").await.unwrap().is_some(), "{trouble}");
        assert_eq!((count(&registry, HEAD), retries(&client)), (2, 1), "{trouble}");
    }
}

#[tokio::test(start_paused = true)]
async fn trouble_that_stays_ends_after_three_retries() {
    for (trouble, kind) in [
        ("500", ErrorKind::Status),
        ("503", ErrorKind::Status),
        ("429", ErrorKind::RateLimited),
        ("drop", ErrorKind::Interrupted),
    ] {
        let (registry, client) = open_registry(&format!("{trouble}@/manifests/*always")).await;
        let begin = Instant::now();
        let error = client.head("prod-latest").await.unwrap_err();
        assert_eq!(error.kind(), kind, "{trouble}: {error}");
        assert_eq!((count(&registry, HEAD), retries(&client)), (4, 3), "{trouble}");
        // 0.2 + 0.4 + 0.8 seconds, each up to twice as long.
        let took = begin.elapsed().as_millis();
        assert!((1_400..3_000).contains(&took), "{trouble}: {took} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_passing_trouble_is_asked_once() {
    for status in [400, 404, 418, 501, 505] {
        let (registry, client) = open_registry(&format!("{status}@/manifests/*always")).await;
        match client.head("prod-latest").await {
            Ok(answer) => assert_eq!((answer, status), (None, 404)),
            Err(error) => assert_eq!(error.status(), Some(status)),
        }
        assert_eq!((count(&registry, HEAD), retries(&client)), (1, 0), "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_registry_that_asks_for_time_gets_it() {
    let (registry, client) = open_registry("429:retry-after=7@/manifests/").await;
    let begin = Instant::now();
    assert!(client.head("prod-latest").await.unwrap().is_some());
    assert_eq!(count(&registry, HEAD), 2);
    let took = begin.elapsed().as_secs();
    assert!((7..9).contains(&took), "{took} s");
}

#[tokio::test(start_paused = true)]
async fn a_date_to_come_back_is_read_by_the_clock_of_the_registry() {
    let registry = registry(Auth::None).await;
    let client = Client::new(&[&registry]);
    #[expect(clippy::disallowed_methods, reason = "the registry's `Date` is that of the machine")]
    let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(9));
    let when = Matcher { path_contains: Some("/manifests/".to_owned()), ..Matcher::default() };
    let kind = FaultKind::TooManyRequests { retry_after: Some(RetryAfter::Date(date)) };
    registry.faults().add(Fault { when, kind, times: Times::Once });
    let begin = Instant::now();
    assert!(client.head("prod-latest").await.unwrap().is_some());
    let took = begin.elapsed().as_secs();
    assert!((6..11).contains(&took), "{took} s");
}

#[tokio::test(start_paused = true)]
async fn a_registry_that_asks_for_too_much_time_is_left_alone_at_once() {
    let (registry, client) = open_registry("429:retry-after=3600@/manifests/*always").await;
    let begin = Instant::now();
    let error = client.head("prod-latest").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(error.retry_after(), Some(Duration::from_hours(1)));
    assert!(error.hint().unwrap().contains("1h"), "{:?}", error.hint());
    assert_eq!(count(&registry, HEAD), 1);
    assert!(begin.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn while_one_request_waits_as_asked_no_other_is_sent() {
    let (registry, client) = open_registry("429:retry-after=5@/manifests/").await;
    let begin = Instant::now();
    let others = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let answers = client.heads(3).await;
        (answers.iter().all(Result::is_ok), begin.elapsed().as_secs())
    };
    let (first, others) = tokio::join!(client.head("prod-latest"), others);
    assert!(first.is_ok());
    assert_eq!(others, (true, 5));
    assert_eq!(count(&registry, HEAD), 5);
}

#[tokio::test(start_paused = true)]
async fn a_registry_that_is_down_costs_one_round_of_retries_however_many_ask() {
    for (path, auth) in [("GET /v2/ ", Auth::None), ("GET /token", token_auth(None))] {
        let registry = registry(auth).await;
        fault(&registry, &format!("503@{}*always", path.trim().replace(' ', ":")));
        let client = Client::new(&[&registry]);
        let begin = Instant::now();
        for answer in client.heads(20).await {
            assert_eq!(answer.unwrap_err().status(), Some(503));
        }
        assert_eq!(count(&registry, path), 4);
        assert!(begin.elapsed() < Duration::from_secs(3), "{:?}", begin.elapsed());
        registry.faults().clear();
        assert!(client.head("prod-latest").await.unwrap().is_some(), "it is up again");
    }
}
