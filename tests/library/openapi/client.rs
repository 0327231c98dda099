//! The requests of the library to both management APIs: each must be one that is described.

use std::process::Command;

use tags::registry::{DeletionAnswer, ManifestToDelete};
use tags::sandbox::Sandbox;
use tags::sandbox::docr::DocrSettings;
use tags::sandbox::ghcr::{GhcrSettings, OwnerKind};

use crate::managed::world::{DOCR_TOKEN, GHCR_TOKEN, World, registry};
use crate::openapi::description::Description;
use crate::support::path;

#[tokio::test]
async fn every_request_of_the_library_is_described() {
    let (Some(docr), Some(ghcr)) = (Description::docr(), Description::ghcr()) else { return };
    let world = World::empty().fill(|_| false);
    world.inventory("prod").await;
    assert!(check(&world.docr, &docr) > 1 && check(&world.ghcr, &ghcr) > 1);
}

#[tokio::test]
async fn every_request_that_deletes_or_brings_back_is_described() {
    let (Some(docr), Some(ghcr)) = (Description::docr(), Description::ghcr()) else { return };
    for kind in [OwnerKind::Organization, OwnerKind::User] {
        let settings = GhcrSettings::new("acme-inc", kind, GHCR_TOKEN);
        let world = World::with(DocrSettings::new("acme", DOCR_TOKEN), settings).fill(|_| false);
        for (name, repository) in [("docr", "acme/backend"), ("ghcr", "acme-inc/backend")] {
            let (name, repository) = (registry(name), path(repository));
            let list = world.connections.registry(&name).expect("a list");
            let listed = list.manifest_list(&repository).await.expect("a token").manifests;
            let one = listed.iter().find(|one| !one.tags.is_empty()).expect("a tagged one");
            let delete = world.connections.registry(&name).expect("a way");
            delete.tag_delete(&repository, &one.tags[0].name).await.expect("an answer");
            let doomed = ManifestToDelete { digest: &one.digest, version: one.version };
            let answer = delete.manifest_delete(&repository, doomed).await.expect("an answer");
            assert_eq!(answer, DeletionAnswer::Accepted);
            if let (Some(restore), Some(version)) = (world.connections.registry(&name), one.version)
            {
                assert!(restore.version_restore(&repository, version).await.expect("an answer"));
            }
        }
        assert!(check(&world.docr, &docr) > 3 && check(&world.ghcr, &ghcr) > 3);
    }
}

#[tokio::test]
async fn every_request_of_doctor_and_gc_is_described() {
    let (Some(docr), Some(ghcr)) = (Description::docr(), Description::ghcr()) else { return };
    let world = World::empty().fill(|_| false);
    for arguments in [&["doctor"][..], &["gc", "docr", "--wait", "2s"]] {
        run(&world, arguments);
    }
    assert!(check(&world.docr, &docr) > 3 && check(&world.ghcr, &ghcr) > 1);
    let sent = world.docr.requests();
    assert!(sent.iter().any(|r| r.method == "POST" && r.path().ends_with("/garbage-collection")));
}

/// How many requests of a management API a registry got; each must be described.
fn check(sandbox: &Sandbox, description: &Description) -> usize {
    let of_api = ["/v2/registries", "/orgs/", "/users/", "/rate_limit"];
    let requests = sandbox.requests();
    let requests = requests.iter().filter(|r| of_api.iter().any(|api| r.path().starts_with(api)));
    requests.map(|r| description.assert_requested(&r.method, &r.target)).count()
}

/// The program, on a policy for both registries.
fn run(world: &World, arguments: &[&str]) {
    let (docr, ghcr) = (world.docr.url(), world.ghcr.url());
    let policy = include_str!("../../../policies/sandbox-docr-ghcr.toml")
        .replace("http://127.0.0.1:5055", &docr)
        .replace("http://127.0.0.1:5056", &ghcr)
        .replacen("TAGS_SANDBOX_TOKEN\"\n\n[registry", "DOCR\"\n\n[registry", 1)
        .replacen("token-env = \"TAGS_SANDBOX_TOKEN\"", "token-env = \"GHCR\"", 1);
    let room = tempfile::tempdir().expect("a folder");
    let path = room.path().join("tags.toml");
    std::fs::write(&path, policy).expect("a policy");
    let output = Command::new(env!("CARGO_BIN_EXE_tags"))
        .args(arguments)
        .env("TAGS_POLICY", &path)
        .env("DOCR", DOCR_TOKEN)
        .env("GHCR", GHCR_TOKEN)
        .output()
        .expect("a run");
    assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
}
