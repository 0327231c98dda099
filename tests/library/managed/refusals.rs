//! What is said when a management API refuses, is down or breaks off: unread, with the reason.

use std::collections::BTreeSet;

use tags::model::{Unread, UnreadCause};
use tags::registry::GarbageCollect as _;
use tags::sandbox::docr::DocrSettings;
use tags::sandbox::ghcr::{GhcrSettings, OwnerKind};

use crate::managed::world::{DOCR_TOKEN, GHCR_TOKEN, World, connected, garbage, policy, registry};

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
    let pages = crate::support::registries::asked(&world.ghcr);
    let pages = pages.iter().filter(|line| line.contains("/v2/acme-inc/backend/tags/list"));
    assert_eq!(pages.count(), 1, "one page of the registry's own list is enough to know");
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
    let lines = crate::support::registries::asked(&world.ghcr);
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

#[tokio::test]
async fn an_owner_or_an_api_that_moved_is_not_followed_with_the_token() {
    let world = World::empty().fill(|_| false);
    for sandbox in [&world.docr, &world.ghcr] {
        for part in ["/repositories/", "/packages/"] {
            let moved = format!("redirect={}@{part}*always", "http://127.0.0.1:1");
            sandbox.faults().add(moved.parse().expect("a fault"));
        }
    }
    for name in ["docr", "ghcr"] {
        let why = unread(&world, name).await.expect("unread");
        let hint = why.hint.expect("a hint");
        assert!(hint.contains("`namespace`") && hint.contains("`api-url`"), "{name}: {hint}");
    }
}

#[tokio::test]
async fn several_registries_are_blamed_only_where_docr_says_so() {
    let world = World::empty().fill(|_| false);
    world.docr.faults().add("412@POST:/garbage-collection*always".parse().expect("a fault"));
    let docr = garbage(&world.connections);
    let kind = tags::model::CollectionKind::UnreferencedBlobs;
    let error = docr.collection_start(kind).await.expect_err("refused");
    assert_eq!(error.status(), Some(412));
    assert!(!error.hint().expect("a hint").contains("several registries"), "{error}");
}

#[tokio::test]
async fn a_collection_behind_a_page_with_a_broken_entry_is_found() {
    let entry = |id: usize| format!(r#"{{"uuid":"{id}","status":"succeeded"}}"#);
    let address = crate::managed::paging::server(move |_, target| {
        let all: Vec<String> = match target {
            _ if target.contains("page=1&") => {
                (1000..1199).map(entry).chain([entry(0).replace('0', "../x")]).collect()
            }
            _ => vec![entry(1)],
        };
        (String::new(), format!(r#"{{"garbage_collections":[{}]}}"#, all.join(",")))
    });
    let connections = connected(&policy(&address, "http://127.0.0.1:1"));
    let docr = garbage(&connections);
    let found = docr.collection_find("1").await.expect("an answer");
    assert_eq!(found.map(|collection| collection.id).as_deref(), Some("1"));
}
