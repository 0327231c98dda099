//! What is sent to delete something, how often, with which token, and what the refusals mean.

use std::time::Duration;

use tags::model::Digest;
use tags::registry::{DeletionAnswer, ErrorKind, ManifestToDelete, RequestError};
use tags::sandbox::Auth;

use crate::support::registries::fault;
use crate::support::server::server;
use crate::support::{path, tag};
use crate::transport::support::{Client, count, image_of, registry, token_auth};

async fn tag_delete(client: &Client) -> Result<DeletionAnswer, RequestError> {
    client.registry().tag_delete(&path("acme/app"), &tag("prod-latest")).await
}

async fn manifest_delete(client: &Client) -> Result<DeletionAnswer, RequestError> {
    let digest = &image_of("app").root.digest;
    let doomed = ManifestToDelete { digest, version: None };
    client.registry().manifest_delete(&path("acme/app"), doomed).await
}

#[tokio::test]
async fn a_deletion_is_sent_once_and_told_whether_it_was_surely_not_done() {
    // Whoever sends it again has to look before: in between the tag may have moved.
    for (trouble, undone) in [
        ("503@DELETE:*2", true),
        ("429:retry-after=5@DELETE:", true),
        ("drop@DELETE:", false),
        ("500@DELETE:", false),
    ] {
        let registry = registry(Auth::None).await;
        let client = Client::new(&[&registry]);
        fault(&registry, trouble);
        let error = tag_delete(&client).await.unwrap_err();
        assert_eq!(error.had_no_effect(), undone, "{trouble}: {error}");
        assert_eq!(count(&registry, "DELETE"), 1, "{trouble}");
    }
}

#[tokio::test]
async fn nothing_is_deleted_where_a_redirect_leads() {
    let (registry, other) = (registry(Auth::None).await, registry(Auth::None).await);
    let client = Client::new(&[&registry]);
    fault(&registry, &format!("redirect={}@DELETE:*2", other.url()));
    for refused in [tag_delete(&client).await, manifest_delete(&client).await] {
        let error = refused.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(307)), "{error}");
        assert!(error.had_no_effect());
    }
    assert_eq!(other.requests().len(), 0);
}

#[tokio::test]
async fn to_delete_a_token_of_its_own_is_asked_for_once() {
    let registry = registry(token_auth(Some(Duration::from_mins(5)))).await;
    let client = Client::new(&[&registry]);
    client.head("prod-latest").await.unwrap();
    assert_eq!(tag_delete(&client).await.unwrap(), DeletionAnswer::Accepted);
    assert_eq!(manifest_delete(&client).await.unwrap(), DeletionAnswer::Accepted);
    let scope = "scope=repository%3Aacme%2Fapp%3Apull%2Cdelete";
    let tokens: Vec<_> =
        registry.requests().into_iter().filter(|sent| sent.path() == "/token").collect();
    assert_eq!(tokens.len(), 2, "one to read, one to delete");
    assert!(tokens[1].target.contains(scope), "{}", tokens[1].target);
}

#[tokio::test]
async fn a_registry_that_calls_the_right_by_another_name_is_asked_for_that() {
    let address = server(|own, request| {
        let challenge = |scope: &str| {
            let scope = format!("repository:other/app:pull,admin repository:acme/app:{scope}");
            format!(
                "401 Unauthorized\nWWW-Authenticate: Bearer realm=\"{own}/token\",service=\"x\",scope=\"{scope}\"\n\n"
            )
        };
        match request {
            _ if request.starts_with("GET /token") => {
                let right =
                    if request.contains("pull%2Cdelete%2Cpush HTTP") { "may" } else { "no" };
                format!("200 OK\n\n{{\"token\":\"{right}\"}}")
            }
            _ if request.contains("Bearer may") => "202 Accepted\n\n".to_owned(),
            _ => challenge("pull,push"),
        }
    });
    let client = Client::at(&[address], |_| ());
    assert_eq!(tag_delete(&client).await.unwrap(), DeletionAnswer::Accepted);
    assert_eq!(manifest_delete(&client).await.unwrap(), DeletionAnswer::Accepted);
}

/// What the library makes of an answer to both deletions.
async fn made_of(answer: &'static str) -> [Result<DeletionAnswer, RequestError>; 2] {
    let address = server(move |_, request| match request {
        _ if request.starts_with("DELETE") => answer.to_owned(),
        _ => "200 OK\n\n{}".to_owned(),
    });
    let client = Client::at(&[address], |_| ());
    [tag_delete(&client).await, manifest_delete(&client).await]
}

#[tokio::test]
async fn what_registries_keep_by_a_rule_is_told_in_their_words() {
    let immutable = "412 Precondition Failed\n\n{\"errors\":[{\"code\":\"PRECONDITION\",\"message\":\"matches an immutable rule\"}]}";
    for answer in made_of(immutable).await {
        let kept = DeletionAnswer::Retained("PRECONDITION: matches an immutable rule".to_owned());
        assert_eq!(answer.unwrap(), kept);
    }
    let child = "405 Method Not Allowed\n\n{\"errors\":[{\"code\":\"DENIED\",\"message\":\"referenced by an index\"}]}";
    let [_, of_digest] = made_of(child).await;
    assert_eq!(
        of_digest.unwrap(),
        DeletionAnswer::Retained("DENIED: referenced by an index".to_owned())
    );
}

#[tokio::test]
async fn a_tag_that_cannot_be_deleted_alone_and_a_deletion_switched_off_are_told_apart() {
    for answer in [
        "400 Bad Request\n\n{\"errors\":[{\"code\":\"UNSUPPORTED\"}]}",
        "405 Method Not Allowed\n\n<html>",
    ] {
        let [of_tag, of_digest] = made_of(answer).await;
        assert!(matches!(of_tag.unwrap(), DeletionAnswer::Unsupported(_)), "{answer}");
        let error = of_digest.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials, "{error}");
    }
    let [of_tag, of_digest] =
        made_of("400 Bad Request\n\n{\"errors\":[{\"code\":\"NAME_INVALID\"}]}").await;
    for error in [of_tag.unwrap_err(), of_digest.unwrap_err()] {
        assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(400)), "{error}");
    }
}

#[tokio::test]
async fn a_missing_right_is_told_as_the_right_to_delete() {
    for (words, hint) in [("no access", "right to delete"), ("still referenced", "refers to it")] {
        let body = format!("{{\"errors\":[{{\"code\":\"DENIED\",\"message\":\"{words}\"}}]}}");
        let answer: &'static str = Box::leak(format!("403 Forbidden\n\n{body}").into_boxed_str());
        for refused in made_of(answer).await {
            let error = refused.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Credentials, "{error}");
            assert!(error.hint().unwrap().contains(hint), "{error}");
        }
    }
    let none = Digest::of(b"none");
    let client = Client::at(&[server(|_, _| "404 Not Found\n\nnot here".to_owned())], |_| ());
    let doomed = ManifestToDelete { digest: &none, version: None };
    let answer = client.registry().manifest_delete(&path("acme/app"), doomed).await.unwrap();
    assert_eq!(answer, DeletionAnswer::NotFound);
}
