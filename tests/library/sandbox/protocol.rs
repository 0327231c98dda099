//! Pull, push, list, delete and referrers, as the distribution specification has them.

use reqwest::{Method, Response, StatusCode};
use serde_json::json;
use tags::model::media_type;
use tags::sandbox::content::{BuiltImage, Format, ManifestBytes, Provenance};
use tags::sandbox::{Listing, Settings, TagDelete};

use crate::sandbox::support::{Registry, build, code, digest, header_of, image};
use crate::support::{path, tag};

async fn put_manifest(registry: &Registry, place: &str, manifest: &ManifestBytes) -> Response {
    let request = registry.ask(Method::PUT, place).header("content-type", &manifest.media_type);
    request.body(manifest.bytes.to_vec()).send().await.unwrap()
}

async fn push(registry: &Registry, repository: &str, reference: &str, image: &BuiltImage) {
    for blob in &image.blobs {
        let place = format!("/v2/{repository}/blobs/uploads/?digest={}", blob.digest);
        let request = registry.ask(Method::POST, &place).body(blob.bytes.to_vec());
        assert_eq!(request.send().await.unwrap().status(), StatusCode::CREATED);
    }
    for manifest in &image.children {
        let place = format!("/v2/{repository}/manifests/{}", manifest.digest);
        assert_eq!(put_manifest(registry, &place, manifest).await.status(), StatusCode::CREATED);
    }
    let place = format!("/v2/{repository}/manifests/{reference}");
    let pushed = put_manifest(registry, &place, &image.root).await;
    assert_eq!(pushed.status(), StatusCode::CREATED);
    assert_eq!(header_of(&pushed, "docker-content-digest"), image.root.digest.to_string());
}

#[tokio::test]
async fn what_was_pushed_can_be_pulled_byte_for_byte() {
    let registry = Registry::start(Settings::default()).await;
    let builds = [build("x", "amd64"), build("x", "arm64")];
    for (at, format) in [Format::Oci, Format::Docker].into_iter().enumerate() {
        let image = BuiltImage::index(&builds, format, Provenance::Plain);
        let repository = format!("a/b/c{at}");
        push(&registry, &repository, "v1", &image).await;
        let pulled = registry.get(&format!("/v2/{repository}/manifests/v1")).await;
        assert_eq!(header_of(&pulled, "content-type"), image.root.media_type);
        assert_eq!(pulled.bytes().await.unwrap(), *image.root.bytes);
        for blob in &image.blobs {
            let pulled = registry.get(&format!("/v2/{repository}/blobs/{}", blob.digest)).await;
            assert_eq!(header_of(&pulled, "docker-content-digest"), blob.digest.to_string());
            assert_eq!(pulled.bytes().await.unwrap(), *blob.bytes);
        }
    }
    assert_eq!(registry.get("/v2/").await.status(), StatusCode::OK);
    assert_eq!(registry.json("/v2/_catalog").await, json!({"repositories": ["a/b/c0", "a/b/c1"]}));
    assert_eq!(registry.sandbox.connections(), 1);
}

#[tokio::test]
async fn head_tells_digest_type_and_length() {
    let registry = Registry::filled(Settings::default()).await;
    let root = image("one").root;
    for reference in ["latest", &root.digest.to_string()] {
        let place = format!("/v2/acme/app/manifests/{reference}");
        let head = registry.ask(Method::HEAD, &place).send().await.unwrap();
        assert_eq!(head.status(), StatusCode::OK);
        assert_eq!(header_of(&head, "content-length"), root.bytes.len().to_string());
        assert_eq!(header_of(&head, "content-type"), media_type::OCI_MANIFEST);
        assert_eq!(header_of(&head, "docker-content-digest"), root.digest.to_string());
    }
    let missing = registry.ask(Method::HEAD, "/v2/acme/app/manifests/none").send().await.unwrap();
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    assert!(missing.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_type_that_is_not_accepted_is_not_found() {
    let registry = Registry::filled(Settings::default()).await;
    let url = format!("{}/v2/acme/app/manifests/latest", registry.sandbox.url());
    for accept in [media_type::OCI_INDEX, "*/*"] {
        let response = registry.client.get(&url).header("accept", accept).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{accept}");
        assert_eq!(code(response).await, "MANIFEST_UNKNOWN");
    }
    let weighted = format!("text/html, {};q=0.5", media_type::OCI_MANIFEST);
    let response = registry.client.get(&url).header("accept", weighted).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_manifest_needs_its_content_its_digest_and_its_type() {
    let registry = Registry::start(Settings::default()).await;
    let root = image("one").root;
    let missing = put_manifest(&registry, "/v2/acme/app/manifests/v1", &root).await;
    assert_eq!(missing.status(), StatusCode::BAD_REQUEST);
    assert_eq!(code(missing).await, "MANIFEST_BLOB_UNKNOWN");

    let place = format!("/v2/acme/app/manifests/{}", digest(b"other"));
    assert_eq!(code(put_manifest(&registry, &place, &root).await).await, "DIGEST_INVALID");

    for media_type in [media_type::OCI_INDEX, "application/json"] {
        let wrong = ManifestBytes { media_type: media_type.to_owned(), ..root.clone() };
        let refused = put_manifest(&registry, "/v2/acme/app/manifests/v1", &wrong).await;
        assert_eq!(code(refused).await, "MANIFEST_INVALID");
    }
    assert_eq!(registry.get("/v2/acme/app/tags/list").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn blobs_come_in_chunks_or_by_mount() {
    let registry = Registry::start(Settings::default()).await;
    let begun = registry.ask(Method::POST, "/v2/a/blobs/uploads/").send().await.unwrap();
    assert_eq!(begun.status(), StatusCode::ACCEPTED);
    let location = header_of(&begun, "location").to_owned();
    let chunk = |range: &'static str, body: &'static str| {
        registry.ask(Method::PATCH, &location).header("content-range", range).body(body).send()
    };
    assert_eq!(header_of(&chunk("0-2", "abc").await.unwrap(), "range"), "0-2");
    assert_eq!(chunk("5-6", "xx").await.unwrap().status(), StatusCode::RANGE_NOT_SATISFIABLE);
    let whole = digest(b"abcdef");
    let end = format!("{location}?digest={whole}");
    let end = registry.ask(Method::PUT, &end).body("def").send().await.unwrap();
    assert_eq!(end.status(), StatusCode::CREATED);
    assert_eq!(registry.get(header_of(&end, "location")).await.text().await.unwrap(), "abcdef");

    let mount = |from: &str| format!("/v2/b/blobs/uploads/?mount={whole}&from={from}");
    assert_eq!(registry.status(Method::POST, &mount("none")).await, StatusCode::ACCEPTED);
    let there = format!("/v2/b/blobs/{whole}");
    assert_eq!(code(registry.get(&there).await).await, "BLOB_UNKNOWN");
    assert_eq!(registry.status(Method::POST, &mount("a")).await, StatusCode::CREATED);
    assert_eq!(registry.status(Method::HEAD, &there).await, StatusCode::OK);
    assert_eq!(registry.status(Method::DELETE, &there).await, StatusCode::ACCEPTED);
    assert_eq!(registry.status(Method::DELETE, &there).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn tags_are_listed_page_by_page() {
    let registry = Registry::start(Settings::default()).await;
    let unknown = registry.get("/v2/acme/app/tags/list").await;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    assert_eq!(code(unknown).await, "NAME_UNKNOWN");

    let tags = ["c", "a", "b", "B"].map(tag);
    registry.sandbox.store().push(&path("acme/app"), &image("one"), &tags, None);
    let first = registry.get("/v2/acme/app/tags/list?n=2").await;
    let link = header_of(&first, "link").to_owned();
    assert_eq!(link, "</v2/acme/app/tags/list?last=a&n=2>; rel=\"next\"");
    assert_eq!(
        first.json::<serde_json::Value>().await.unwrap(),
        json!({"name": "acme/app", "tags": ["B", "a"]})
    );
    let second = registry.get("/v2/acme/app/tags/list?last=a&n=2").await;
    assert_eq!(header_of(&second, "link"), "");
    assert_eq!(second.json::<serde_json::Value>().await.unwrap()["tags"], json!(["b", "c"]));
    assert_eq!(registry.json("/v2/acme/app/tags/list?n=0").await["tags"], json!([]));
    let wrong = registry.get("/v2/acme/app/tags/list?n=x").await;
    assert_eq!(code(wrong).await, "PAGINATION_NUMBER_INVALID");
}

#[tokio::test]
async fn a_listing_can_be_as_odd_as_those_of_others() {
    for (listing, query, names, linked) in [
        (Listing::IgnoresPageSize, "?n=1&last=b", json!(["a", "b", "c"]), false),
        (Listing::MaxPage(2), "", json!(["a", "b"]), true),
        (Listing::MaxPage(2), "?n=100&last=b", json!(["c"]), false),
        (Listing::WithoutLink, "?n=1", json!(["a"]), false),
        (Listing::NullWhenEmpty, "?last=c", json!(null), false),
    ] {
        let registry = Registry::start(Settings { listing, ..Settings::default() }).await;
        let tags = ["a", "b", "c"].map(tag);
        registry.sandbox.store().push(&path("x"), &image("one"), &tags, None);
        let page = registry.get(&format!("/v2/x/tags/list{query}")).await;
        assert_eq!(page.headers().contains_key("link"), linked, "{listing:?}");
        assert_eq!(page.json::<serde_json::Value>().await.unwrap()["tags"], names, "{listing:?}");
    }
}

#[tokio::test]
async fn a_tag_goes_alone_and_a_digest_takes_its_tags_along() {
    let registry = Registry::start(Settings::default()).await;
    let root = image("one").root;
    let tags = ["a", "b", "c"].map(tag);
    registry.sandbox.store().push(&path("x"), &image("one"), &tags, None);
    let by_digest = format!("/v2/x/manifests/{}", root.digest);
    let delete = Method::DELETE;
    assert_eq!(registry.status(delete.clone(), "/v2/x/manifests/a").await, StatusCode::ACCEPTED);
    assert_eq!(registry.status(delete.clone(), "/v2/x/manifests/a").await, StatusCode::NOT_FOUND);
    assert_eq!(registry.json("/v2/x/tags/list").await["tags"], json!(["b", "c"]));
    assert_eq!(registry.status(delete.clone(), &by_digest).await, StatusCode::ACCEPTED);
    assert_eq!(registry.json("/v2/x/tags/list").await["tags"], json!([]));
    assert_eq!(registry.status(delete, &by_digest).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn deletion_can_be_switched_off() {
    let delete = |place: &'static str, registry: Registry| async move {
        let answer = registry.ask(Method::DELETE, place).send().await.unwrap();
        (answer.status().as_u16(), code(answer).await)
    };
    let place = "/v2/acme/app/manifests/latest";
    let settings = Settings { tag_delete: TagDelete::Refused, ..Settings::default() };
    let refused = delete(place, Registry::filled(settings).await).await;
    assert_eq!(refused, (400, "DIGEST_INVALID".to_owned()));
    let settings = Settings { delete: false, ..Settings::default() };
    let refused = delete(place, Registry::filled(settings).await).await;
    assert_eq!(refused, (405, "UNSUPPORTED".to_owned()));
}

#[tokio::test]
async fn referrers_are_found_by_their_subject() {
    let registry = Registry::filled(Settings::default()).await;
    let subject = image("one").root;
    let place = format!("/v2/acme/app/referrers/{}", subject.digest);
    assert_eq!(registry.json(&place).await["manifests"], json!([]));

    let signature = BuiltImage::artifact(&subject, "application/x-signature", b"signed");
    push(&registry, "acme/app", &signature.root.digest.to_string(), &signature).await;
    let response = registry.get(&format!("{place}?artifactType=application/x-signature")).await;
    assert_eq!(header_of(&response, "oci-filters-applied"), "artifactType");
    assert_eq!(header_of(&response, "content-type"), media_type::OCI_INDEX);
    let found: serde_json::Value = response.json().await.unwrap();
    assert_eq!(found["manifests"][0]["digest"], signature.root.digest.to_string());
    assert_eq!(found["manifests"][0]["artifactType"], "application/x-signature");
    assert_eq!(registry.json(&format!("{place}?artifactType=other")).await["manifests"], json!([]));

    let again = format!("/v2/acme/app/manifests/{}", signature.root.digest);
    let again = put_manifest(&registry, &again, &signature.root).await;
    assert_eq!(header_of(&again, "oci-subject"), subject.digest.to_string());

    let without = Registry::filled(Settings { referrers: false, ..Settings::default() }).await;
    assert_eq!(without.get(&place).await.status(), StatusCode::NOT_FOUND);
}
