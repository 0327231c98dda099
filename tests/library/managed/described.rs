//! Tokens go to their own registry only, and every request is one that the APIs know.

use crate::managed::world::{DOCR_TOKEN, GHCR_TOKEN, World};

#[tokio::test]
async fn each_registry_sees_its_own_token_and_no_other() {
    let world = World::empty().fill(|_| false);
    world.inventory("prod").await;
    for (sandbox, foreign) in [(&world.docr, GHCR_TOKEN), (&world.ghcr, DOCR_TOKEN)] {
        for request in sandbox.requests() {
            let shown = format!("{request:?}");
            assert!(!shown.contains(foreign), "{} {}", request.method, request.target);
        }
    }
}

#[tokio::test]
async fn no_path_of_docr_is_without_the_registrys_name() {
    let world = World::empty().fill(|_| false);
    world.inventory("prod").await;
    for request in world.docr.requests() {
        let path = request.path();
        let api = path.starts_with("/v2/registries") || path.starts_with("/v2/registry");
        assert!(
            !api || path.starts_with("/v2/registries/acme/") || path == "/v2/registry/auth",
            "{path}"
        );
    }
}
