//! Starting and stopping, the log of requests, and what is counted.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::Method;
use tags::sandbox::{Authorization, Sandbox, Settings, Store};

use crate::sandbox::support::Registry;

#[tokio::test]
async fn every_request_is_recorded_with_its_credential() {
    let registry = Registry::filled(Settings::default()).await;
    let request = registry.ask(Method::GET, "/v2/acme/app/tags/list?n=1").bearer_auth("abc");
    request.send().await.unwrap();
    registry.status(Method::HEAD, "/v2/acme/app/manifests/none").await;
    let records = registry.sandbox.requests();
    assert_eq!(records[0].target, "/v2/acme/app/tags/list?n=1");
    assert_eq!(records[0].path(), "/v2/acme/app/tags/list");
    let bearer = Authorization { scheme: "Bearer".to_owned(), value: "abc".to_owned() };
    assert_eq!(records[0].authorization, Some(bearer));
    assert_eq!((records[1].method.as_str(), records[1].status), ("HEAD", Some(404)));
    assert_eq!(records[1].authorization, None);
    registry.sandbox.clear_requests();
    assert!(registry.sandbox.requests().is_empty());
}

#[tokio::test]
async fn requests_at_the_same_time_are_counted() {
    let response_delay = Some(Duration::from_millis(50));
    let registry = Registry::filled(Settings { response_delay, ..Settings::default() }).await;
    let ask = || registry.status(Method::GET, "/v2/");
    tokio::join!(ask(), ask(), ask());
    assert_eq!(registry.sandbox.peak_requests(), 3);
    assert_eq!(registry.sandbox.connections(), 3);
    ask().await;
    assert_eq!(registry.sandbox.connections(), 3);
}

#[test]
fn it_runs_without_a_runtime_and_stops_when_dropped() {
    let listen = ([127, 0, 0, 1], 0).into();
    let sandbox = Sandbox::start_in_background(listen, Settings::default(), Store::new()).unwrap();
    let address = sandbox.addr();
    assert_eq!(sandbox.url(), format!("http://{address}"));
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /v2/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");

    drop(sandbox);
    let closed = (0..80).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        TcpStream::connect(address).is_err()
    });
    assert!(closed, "still listening");
}
