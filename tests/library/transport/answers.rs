//! Answers that cannot be taken: broken, late, too large, or of another digest.

use std::sync::Arc;
use std::time::Duration;

use tags::model::Digest;
use tags::registry::{ErrorKind, ManifestSelector};
use tags::sandbox::{Auth, Sandbox};

use crate::support::registries::fault;
use crate::support::{path, tag};
use crate::transport::support::{Client, count, image_of, registry};

const GET: &str = "GET /v2/acme/app/manifests/prod-latest";

async fn open_registry(text: &str) -> (Sandbox, Client) {
    let registry = registry(Auth::None).await;
    fault(&registry, text);
    let client = Client::new(&[&registry]);
    (registry, client)
}

#[tokio::test(start_paused = true)]
async fn a_body_that_breaks_off_is_asked_for_again() {
    let (registry, client) = open_registry("cut@/manifests/").await;
    let (app, latest) = (path("acme/app"), tag("prod-latest"));
    let manifest = client.registry().manifest_get(&app, ManifestSelector::Tag(&latest)).await;
    assert_eq!(*manifest.unwrap().unwrap().bytes, *image_of("app").root.bytes);
    assert_eq!(count(&registry, GET), 2);

    let (registry, client) = open_registry("cut@/manifests/*always").await;
    assert_eq!(client.get_error().await.kind(), ErrorKind::Interrupted);
    assert_eq!(count(&registry, GET), 4);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_in_time_is_no_answer() {
    let (registry, _) = open_registry("slow=10s@/manifests/*always").await;
    let client = Client::with(&[&registry], |settings| {
        settings.transport.timeout = Duration::from_secs(2);
    });
    let error = client.get_error().await;
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.hint().unwrap().contains("--timeout"));
    assert_eq!(count(&registry, GET), 1);
}

#[tokio::test]
async fn a_manifest_must_have_the_digest_that_it_is_said_to_have() {
    for lie in ["body", "header"] {
        let (registry, client) =
            open_registry(&format!("wrong-digest={lie}@GET:/manifests/")).await;
        assert_eq!(client.get_error().await.kind(), ErrorKind::BadAnswer, "{lie}");
        assert_eq!(count(&registry, GET), 1, "{lie}");
    }
}

#[tokio::test]
async fn what_is_asked_for_by_digest_must_have_it() {
    let image = image_of("app");
    let (app, config) = (path("acme/app"), &image.blobs[1].digest);
    let (_registry, client) = open_registry("wrong-digest@/blobs/").await;
    let error = client.registry().blob_get(&app, config).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadAnswer);
    let blob = client.registry().blob_get(&app, config).await.unwrap();
    assert_eq!(blob.as_deref(), Some(&*image.blobs[1].bytes), "the next answer is right");

    let (_registry, client) = open_registry("wrong-digest=header@/manifests/").await;
    let selector = ManifestSelector::Digest(&image.root.digest);
    let error = client.registry().manifest_head(&app, selector).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadAnswer);
}

#[tokio::test]
async fn no_more_of_a_body_is_read_than_a_config_may_have() {
    let registry = registry(Auth::None).await;
    let client = Client::new(&[&registry]);
    let bytes: Arc<[u8]> = vec![b' '; (8 << 20) + 1].into();
    let (app, digest) = (path("acme/app"), Digest::of(&bytes));
    registry.store().put_blob(&app, digest.clone(), bytes);
    let error = client.registry().blob_get(&app, &digest).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadAnswer);
    assert!(error.to_string().contains("more than 8388608 bytes"), "{error}");
    assert_eq!(count(&registry, "GET /v2/acme/app/blobs/"), 1);
}
