//! What is said when a management API refuses, is down or breaks off: unread, with the reason.

use std::collections::BTreeSet;

use tags::model::{Unread, UnreadCause};
use tags::sandbox::docr::DocrSettings;
use tags::sandbox::ghcr::{GhcrSettings, OwnerKind};

use crate::world::{DOCR_TOKEN, GHCR_TOKEN, World, registry};

/// Why a registry is unread, if it is.
async fn unread(world: &World, name: &str) -> Option<Unread> {
    world.inventory("prod").await.unread().get(&registry(name)).map(|why| (*why).clone())
}

#[tokio::test]
async fn a_wrong_token_is_a_matter_of_credentials_and_never_shown() {
    let docr = DocrSettings::new("acme", "dop_v1_another");
    let ghcr = GhcrSettings::new("acme-inc", OwnerKind::Organization, "ghp_another");
    let world = World::with(docr, ghcr).fill(|_| false);
    for name in ["docr", "ghcr"] {
        let why = unread(&world, name).await.expect("unread");
        assert_eq!(why.cause, UnreadCause::Credentials, "{name}: {}", why.message);
        assert!(why.message.contains("$TOKEN") && why.hint.is_some(), "{name}: {}", why.message);
        assert!(!why.message.contains(DOCR_TOKEN) && !why.message.contains(GHCR_TOKEN));
    }
}

#[tokio::test]
async fn a_404_that_means_a_missing_right_is_said_as_that() {
    let mut ghcr = GhcrSettings::new("acme-inc", OwnerKind::Organization, GHCR_TOKEN);
    ghcr.scopes = BTreeSet::new();
    ghcr.public = true;
    let world = World::with(DocrSettings::new("acme", DOCR_TOKEN), ghcr).fill(|_| false);
    let why = unread(&world, "ghcr").await.expect("unread");
    assert_eq!(why.cause, UnreadCause::Credentials, "{}", why.message);
    assert!(why.hint.expect("a hint").contains("read:packages"), "{}", why.message);
}

#[tokio::test]
async fn a_package_that_is_not_there_is_not_called_empty() {
    let world = World::empty();
    for name in ["docr", "ghcr"] {
        let why = unread(&world, name).await.expect("unread");
        assert_eq!(why.cause, UnreadCause::NotFound, "{name}: {}", why.message);
    }
}

#[tokio::test]
async fn a_page_that_fails_leaves_the_registry_unread_and_the_other_alone() {
    for fault in [
        "500@/repositories/*always",
        "429:retry-after=3600@/repositories/*always",
        "cut@/repositories/*always",
    ] {
        let world = World::empty().fill(|_| false);
        world.docr.faults().add(fault.parse().expect("a fault"));
        let inventory = world.inventory("prod").await;
        let names: Vec<String> = inventory.unread().keys().map(ToString::to_string).collect();
        assert_eq!(names, ["docr"], "{fault}");
        let cause = inventory.unread()[&registry("docr")].cause;
        assert_eq!(cause, UnreadCause::Unreachable, "{fault}");
    }
}

#[tokio::test]
async fn a_users_packages_are_found_as_well_as_an_organizations() {
    let ghcr = GhcrSettings::new("acme-inc", OwnerKind::User, GHCR_TOKEN);
    let world = World::with(DocrSettings::new("acme", DOCR_TOKEN), ghcr).fill(|_| false);
    assert_eq!(unread(&world, "ghcr").await, None);
    let lines = crate::world::asked(&world.ghcr);
    let owners = lines.iter().filter(|line| line.as_str() == "GET /users/acme-inc").count();
    assert_eq!(owners, 1, "told apart once: {lines:?}");
    assert!(
        lines
            .iter()
            .any(|line| line.contains("/users/acme-inc/packages/container/backend/versions"))
    );
}

#[tokio::test]
async fn no_figure_of_a_server_breaks_the_program() {
    for fault in ["429:retry-after=18446744073709551615@/repositories/*always"] {
        let world = World::empty().fill(|_| false);
        world.docr.faults().add(fault.parse().expect("a fault"));
        let why = unread(&world, "docr").await.expect("unread");
        assert_eq!(why.cause, UnreadCause::Unreachable, "{}", why.message);
    }
}
