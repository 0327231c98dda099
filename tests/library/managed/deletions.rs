//! What can be deleted over the management APIs, what they keep, and what they bring back.

use std::collections::BTreeSet;
use std::time::Duration;

use tags::http::TransportSettings;
use tags::model::{CollectionKind, Digest, RepositoryPath, TagName, VersionId};
use tags::registry::{
    ConnectSettings, Connections, ContentCache, DeletionAnswer, ErrorKind, GarbageCollect as _,
    ListedManifest, ManifestToDelete, RequestError, anonymous,
};
use tags::sandbox::docr::{DocrScope, DocrSettings, StateDuration};
use tags::sandbox::ghcr::{GhcrSettings, MissingRight, OwnerKind, PackageScope};
use tags::sandbox::history::History;

use crate::connect::now;
use crate::managed::world::{DOCR_TOKEN, GHCR_TOKEN, World, garbage, registry};
use crate::support::path;
use crate::support::registries::asked;

fn ghcr_settings() -> GhcrSettings {
    GhcrSettings::new("acme-inc", OwnerKind::Organization, GHCR_TOKEN)
}

fn docr_settings() -> DocrSettings {
    DocrSettings::new("acme", DOCR_TOKEN)
}

/// The repository of the backend in a registry.
pub(crate) fn backend(name: &str) -> RepositoryPath {
    path(if name == "docr" { "acme/backend" } else { "acme-inc/backend" })
}

pub(crate) async fn listed(connections: &Connections, name: &str) -> Vec<ListedManifest> {
    let list = connections.registry(&registry(name)).expect("a list");
    let listing = list.manifest_list(&backend(name)).await.expect("a token");
    assert!(listing.broken.is_none(), "{name}: {:?}", listing.broken);
    listing.manifests
}

async fn delete(
    world: &World,
    name: &str,
    manifest: &ListedManifest,
) -> Result<DeletionAnswer, RequestError> {
    let doomed = ManifestToDelete { digest: &manifest.digest, version: manifest.version };
    let delete = world.connections.registry(&registry(name)).expect("a way");
    delete.manifest_delete(&backend(name), doomed).await
}

async fn tag_delete(world: &World, name: &str, tag: &str) -> Result<DeletionAnswer, RequestError> {
    let delete = world.connections.registry(&registry(name)).expect("a way");
    let tag = TagName::parse(tag).expect("a tag");
    delete.tag_delete(&backend(name), &tag).await
}

async fn restore(world: &World, version: VersionId) -> Result<bool, RequestError> {
    let restore = world.connections.registry(&registry("ghcr")).expect("a way");
    restore.version_restore(&backend("ghcr"), version).await
}

/// The manifest that has a tag.
fn tagged<'a>(listed: &'a [ListedManifest], name: &str) -> &'a ListedManifest {
    let has = |one: &&ListedManifest| one.tags.iter().any(|tag| tag.name.as_str() == name);
    listed.iter().find(has).expect("a manifest")
}

#[tokio::test]
async fn ghcr_brings_a_deleted_version_back_with_its_tags_once() {
    let world = World::empty().fill(|_| false);
    let before = listed(&world.connections, "ghcr").await;
    let doomed = tagged(&before, "prod-latest").clone();
    assert_eq!(delete(&world, "ghcr", &doomed).await.expect("done"), DeletionAnswer::Accepted);
    assert_eq!(listed(&world.connections, "ghcr").await.len(), before.len() - 1);
    assert_eq!(delete(&world, "ghcr", &doomed).await.expect("told"), DeletionAnswer::NotFound);
    let version = doomed.version.expect("a number");
    assert!(restore(&world, version).await.expect("back"));
    let after = listed(&world.connections, "ghcr").await;
    assert_eq!(tagged(&after, "prod-latest"), &doomed);
    assert_eq!(after.len(), before.len());
    assert!(!restore(&world, version).await.expect("told"), "it is back already");
}

#[tokio::test]
async fn ghcr_keeps_what_its_own_rules_keep_and_says_which() {
    let history = History::ending_at(now());
    let sha = history.current("prod").expect("a release");
    let world = World::empty().fill(|_| false);
    let popular = tagged(&listed(&world.connections, "ghcr").await, &format!("prod-{sha}")).clone();
    let mut settings = ghcr_settings();
    settings.downloads.insert(popular.digest.clone(), 5001);
    let world = World::with(docr_settings(), settings).fill(|_| false);
    let all = listed(&world.connections, "ghcr").await;
    let popular = all.iter().find(|one| one.digest == popular.digest).expect("the same image");
    match delete(&world, "ghcr", popular).await.expect("told") {
        DeletionAnswer::Retained(words) => assert!(words.contains("5000 downloads"), "{words}"),
        other => panic!("{other:?}"),
    }
    let single = World::empty();
    let image = history.steps.first().expect("an image").image.clone();
    let tag = TagName::parse("only").expect("a tag");
    single.ghcr.store().push(&backend("ghcr"), &image, &[tag], Some(now()));
    let listed = listed(&single.connections, "ghcr").await;
    let last = listed.iter().find(|one| !one.tags.is_empty()).expect("a tagged one");
    match delete(&single, "ghcr", last).await.expect("told") {
        DeletionAnswer::Retained(words) => {
            assert!(words.contains("last tagged version"), "{words}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn ghcr_is_asked_for_no_single_tag_and_for_no_version_without_a_number() {
    let world = World::empty().fill(|_| false);
    let digest = tagged(&listed(&world.connections, "ghcr").await, "prod-latest").digest.clone();
    world.clear();
    let answer = tag_delete(&world, "ghcr", "prod-latest").await.expect("told");
    assert!(matches!(answer, DeletionAnswer::Unsupported(_)), "{answer:?}");
    let none = ListedManifest { digest, tags: vec![], pushed: None, bytes: None, version: None };
    let error = delete(&world, "ghcr", &none).await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Client, "{error}");
    assert_eq!(asked(&world.ghcr), Vec::<String>::new());
}

#[tokio::test]
async fn a_missing_right_to_delete_is_named() {
    let mut docr = docr_settings();
    docr.scopes.remove(&DocrScope::Delete);
    let read_only = BTreeSet::from([PackageScope::Read]);
    let ghcr = GhcrSettings { scopes: read_only, ..ghcr_settings() };
    for missing_right in [MissingRight::Forbidden, MissingRight::NotFound] {
        let ghcr = GhcrSettings { missing_right, ..ghcr.clone() };
        let world = World::with(docr.clone(), ghcr).fill(|_| false);
        let all = listed(&world.connections, "docr").await;
        let refused = [
            delete(&world, "docr", tagged(&all, "prod-latest")).await.expect_err("refused"),
            tag_delete(&world, "docr", "prod-latest").await.expect_err("refused"),
        ];
        for error in refused {
            assert_eq!(error.kind(), ErrorKind::Credentials, "{error}");
            assert!(error.hint().expect("a hint").contains("registry:delete"), "{error}");
        }
        let all = listed(&world.connections, "ghcr").await;
        let answer = delete(&world, "ghcr", tagged(&all, "prod-latest")).await;
        match missing_right {
            MissingRight::NotFound => assert_eq!(answer.expect("told"), DeletionAnswer::NotFound),
            MissingRight::Forbidden => {
                let error = answer.expect_err("refused");
                assert_eq!((error.kind(), error.status()), (ErrorKind::Credentials, Some(403)));
                assert!(error.hint().expect("a hint").contains("delete:packages"));
                let version = all[0].version.expect("a number");
                let error = restore(&world, version).await.expect_err("refused");
                assert!(error.hint().expect("a hint").contains("write:packages"));
            }
        }
        assert_eq!(listed(&world.connections, "ghcr").await, all, "nothing went");
    }
}

#[tokio::test]
async fn a_limit_that_github_calls_403_is_told_with_its_wait_and_not_called_a_missing_right() {
    let world = World::empty().fill(|_| false);
    let all = listed(&world.connections, "ghcr").await;
    world.ghcr.faults().add("403:retry-after=1@DELETE:/versions/".parse().expect("a fault"));
    world.clear();
    let doomed = tagged(&all, "prod-latest");
    // Whoever waits has to look again, so the wait is not the transport's.
    let error = delete(&world, "ghcr", doomed).await.expect_err("a limit");
    assert_eq!((error.kind(), error.had_no_effect()), (ErrorKind::RateLimited, true), "{error}");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(1)));
    assert_eq!(asked(&world.ghcr).len(), 1);
    assert_eq!(delete(&world, "ghcr", doomed).await.expect("done"), DeletionAnswer::Accepted);
    assert_eq!(asked(&world.ghcr).len(), 2);
    world.ghcr.faults().add("403:retry-after=3600@DELETE:/versions/".parse().expect("a fault"));
    let error = delete(&world, "ghcr", doomed).await.expect_err("too long");
    assert_eq!(error.kind(), ErrorKind::RateLimited, "{error}");
    assert!(error.had_no_effect() && error.to_string().contains("3600s"), "{error}");
}

#[tokio::test]
async fn docr_leaves_the_manifest_of_a_deleted_tag_and_lists_it_without_one() {
    let world = World::empty().fill(|_| false);
    let before = listed(&world.connections, "docr").await;
    let manifest = tagged(&before, "prod-latest").clone();
    assert!(manifest.tags.len() > 1 && manifest.tags.iter().all(|tag| tag.pushed.is_some()));
    for tag in &manifest.tags {
        let answer = tag_delete(&world, "docr", tag.name.as_str()).await.expect("done");
        assert_eq!(answer, DeletionAnswer::Accepted);
    }
    let after = listed(&world.connections, "docr").await;
    let left = after.iter().find(|one| one.digest == manifest.digest).expect("still there");
    assert_eq!((left.tags.len(), left.pushed), (0, manifest.pushed));
    assert_eq!(after.len(), before.len());
    assert_eq!(delete(&world, "docr", left).await.expect("done"), DeletionAnswer::Accepted);
    assert_eq!(delete(&world, "docr", left).await.expect("told"), DeletionAnswer::NotFound);
}

#[tokio::test]
async fn what_docr_refuses_during_a_collection_is_an_error_in_its_words() {
    let mut docr = docr_settings();
    docr.collection.state_duration = StateDuration::Time(Duration::from_mins(10));
    let world = World::with(docr, ghcr_settings()).fill(|_| false);
    let all = listed(&world.connections, "docr").await;
    let docr = garbage(&world.connections);
    docr.collection_start(CollectionKind::UnreferencedBlobs).await.expect("begun");
    for refused in [
        delete(&world, "docr", tagged(&all, "prod-latest")).await,
        tag_delete(&world, "docr", "prod-latest").await,
    ] {
        let error = refused.expect_err("refused");
        assert_eq!(error.status(), Some(409));
        assert!(error.had_no_effect() && error.to_string().contains("under way"), "{error}");
    }
}

#[tokio::test]
async fn without_a_token_for_the_api_no_manifests_are_listed_and_none_deleted() {
    let world = World::empty().fill(|_| false);
    let settings = ConnectSettings {
        transport: TransportSettings::default(),
        keychain: anonymous(),
        cache: ContentCache::in_memory(),
    };
    let connections = Connections::new(&world.policy, settings);
    for name in ["docr", "ghcr"] {
        let list = connections.registry(&registry(name)).expect("a list");
        assert!(list.manifest_list(&backend(name)).await.is_none(), "{name}");
        let delete = connections.registry(&registry(name)).expect("a way");
        let digest = &Digest::of(b"any");
        let doomed = ManifestToDelete { digest, version: Some(VersionId(1)) };
        let error = delete.manifest_delete(&backend(name), doomed).await.expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Credentials, "{error}");
        assert!(error.hint().expect("a hint").contains("token variable"), "{error}");
    }
    assert_eq!((asked(&world.docr).len(), asked(&world.ghcr).len()), (0, 0));
}
