//! Every quirk, seen from the client.

use reqwest::Method;
use tags::sandbox::docr::DocrSettings;
use tags::sandbox::ghcr::{GhcrSettings, OwnerKind};
use tags::sandbox::{Quirk, Settings};

use crate::sandbox::support::{Registry, TOKEN, image, now};
use crate::support::{path, tag};

/// A registry of each kind with a quirk, and another version so that one may be deleted.
async fn each(quirk: Quirk) -> [Registry; 3] {
    let docr = Settings::docr(DocrSettings::new("acme", TOKEN), now());
    let ghcr = GhcrSettings::new("acme", OwnerKind::Organization, TOKEN);
    let ghcr = Settings::ghcr(ghcr, now());
    let start = async |settings: Settings| {
        let quirks = [quirk.clone()].into();
        let registry = Registry::filled(Settings { quirks, ..settings }).await;
        let two = image("two");
        registry.sandbox.store().push(&path("acme/app"), &two, &[tag("two")], Some(now()));
        registry
    };
    [start(Settings::default()).await, start(docr).await, start(ghcr).await]
}

#[tokio::test]
async fn a_deletion_that_does_nothing_is_answered_as_done() {
    let [oci, docr, ghcr] = each(Quirk::DeleteDoesNothing).await;
    let digest = image("two").root.digest;
    let by_digest = format!("/v2/acme/app/manifests/{digest}");
    for path in ["/v2/acme/app/manifests/two", &by_digest] {
        assert_eq!(oci.status(Method::DELETE, path).await, 202);
    }
    assert_eq!(oci.status(Method::DELETE, "/v2/acme/app/manifests/none").await, 404);

    let repository = "/v2/registries/acme/repositories/app";
    for place in [format!("{repository}/tags/two"), format!("{repository}/digests/{digest}")] {
        assert_eq!(docr.manage(Method::DELETE, &place).await.0, 204);
    }

    let versions = "/orgs/acme/packages/container/app/versions";
    let (_, listed) = ghcr.manage(Method::GET, versions).await;
    let is_two = |version: &&serde_json::Value| version["name"] == digest.to_string();
    let id = listed.as_array().unwrap().iter().find(is_two).unwrap()["id"].clone();
    assert_eq!(ghcr.manage(Method::DELETE, &format!("{versions}/{id}")).await.0, 204);

    for registry in [oci, docr, ghcr] {
        let there = registry.sandbox.store().resolve(&path("acme/app"), &tag("two"));
        assert_eq!(there.as_ref(), Some(&digest));
        assert!(registry.sandbox.store().manifest(&path("acme/app"), &digest).is_some());
    }
}

#[tokio::test]
async fn pages_can_be_smaller_than_was_asked_for() {
    let [_, docr, ghcr] = each(Quirk::MaxPageEntries(1)).await;
    let tags = "/v2/registries/acme/repositories/app/tags?per_page=100";
    let (_, page) = docr.manage(Method::GET, tags).await;
    assert_eq!(page["tags"].as_array().unwrap().len(), 1);
    assert_eq!(page["meta"]["total"], 2);
    let versions = "/orgs/acme/packages/container/app/versions?per_page=100";
    let page = ghcr.managed(Method::GET, versions).await;
    assert!(page.headers().contains_key("link"));
    assert_eq!(page.json::<serde_json::Value>().await.unwrap().as_array().unwrap().len(), 1);
}
