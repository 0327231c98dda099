//! How registries say what refers to a manifest, or that they do not know.

use tags::model::{Descriptor, Digest};
use tags::registry::{ErrorKind, RequestError};

use crate::support::path;
use crate::support::server::server;
use crate::transport::support::Client;

const INDEX: &str = "200 OK\nContent-Type: application/vnd.oci.image.index.v1+json; charset=utf-8";

/// What the library makes of the answers to a request for referrers.
async fn asked(
    answer: impl Fn(&str, &str) -> String + Send + 'static,
) -> Result<Option<Vec<Descriptor>>, RequestError> {
    let address = server(move |own, request| match request {
        _ if request.contains("/referrers/") => answer(own, request),
        _ if request.starts_with("GET /v2/ ") => "200 OK\n\n{}".to_owned(),
        _ => panic!("nothing else is asked: {request}"),
    });
    let client = Client::at(&[address], |_| ());
    client.registry().referrer_list(&path("acme/app"), &Digest::of(b"subject")).await
}

fn manifests(names: &[&str]) -> String {
    let one = |name: &&str| {
        format!("{{\"digest\":\"{}\",\"size\":1,\"mediaType\":\"x\"}}", Digest::of(name.as_bytes()))
    };
    let all: Vec<String> = names.iter().map(one).collect();
    format!("{{\"schemaVersion\":2,\"manifests\":[{}]}}", all.join(","))
}

#[tokio::test]
async fn a_registry_that_does_not_know_is_told_from_one_that_knows_of_none() {
    for unknown in [
        "404 Not Found\n\n404 page not found",
        "400 Bad Request\n\n",
        "405 Method Not Allowed\n\n",
        "406 Not Acceptable\n\n",
        "303 See Other\nLocation: http://127.0.0.1:1/web\n\n",
        "200 OK\nContent-Type: text/html\n\n<html>",
        "200 OK\nContent-Type: application/json\n\n{\"manifests\":[]}",
    ] {
        assert_eq!(asked(move |_, _| unknown.to_owned()).await.unwrap(), None, "{unknown}");
    }
    let none = asked(|_, _| format!("{INDEX}\n\n{}", manifests(&[]))).await.unwrap();
    assert_eq!(none, Some(Vec::new()));
}

#[tokio::test]
async fn every_page_is_read_and_each_referrer_listed_once() {
    let found = asked(|_, request| match request {
        _ if request.contains("?page=2") => format!("{INDEX}\n\n{}", manifests(&["b", "c"])),
        _ => format!(
            "{INDEX}\nLink: </v2/acme/app/referrers/x?page=2>; rel=\"next\"\n\n{}",
            manifests(&["a", "b"])
        ),
    });
    let found = found.await.unwrap().unwrap();
    let expected = ["a", "b", "c"].map(|name| Digest::of(name.as_bytes()));
    assert!(found.iter().map(|one| &one.digest).eq(&expected), "{found:?}");
}

#[tokio::test]
async fn what_cannot_be_a_list_of_referrers_is_an_error_and_no_list() {
    for (answer, kind) in [
        (format!("{INDEX}\n\n{{}}"), ErrorKind::BadAnswer),
        (format!("{INDEX}\n\n<html>"), ErrorKind::BadAnswer),
        ("403 Forbidden\n\n".to_owned(), ErrorKind::Credentials),
        (
            format!("{INDEX}\nLink: <http://evil.example/x>; rel=next\n\n{}", manifests(&["a"])),
            ErrorKind::BadAnswer,
        ),
        (
            format!("{INDEX}\nLink: </v2/acme/app/referrers/x>; rel=next\n\n{}", manifests(&["a"])),
            ErrorKind::BadAnswer,
        ),
    ] {
        let said = answer.clone();
        let error = asked(move |_, _| said.clone()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{answer}: {error}");
    }
}
