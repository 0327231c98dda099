//! What others do to a registry between two requests.

use std::sync::{Arc, Mutex};

use reqwest::{Method, StatusCode};
use tags::sandbox::docr::DocrSettings;
use tags::sandbox::ghcr::{GhcrSettings, OwnerKind};
use tags::sandbox::{Quirk, Settings};

use crate::sandbox::support::{Registry, TOKEN, header_of, image, index, now};
use crate::support::{path, tag};

const MANIFEST: &str = "/v2/acme/app/manifests/latest";
const DOCR_TAGS: &str = "/v2/registries/acme/repositories/app/tags";
const GHCR_VERSIONS: &str = "/orgs/acme/packages/container/app/versions";

fn docr() -> Settings {
    Settings::docr(DocrSettings::new("acme", TOKEN), now())
}

fn ghcr() -> Settings {
    Settings::ghcr(GhcrSettings::new("acme", OwnerKind::Organization, TOKEN), now())
}

#[tokio::test]
async fn an_action_comes_before_the_request_that_was_counted_and_once() {
    let registry = Registry::filled(Settings::default()).await;
    let moved = image("two").root.digest;
    registry.sandbox.faults().before_nth(2, move |request, access| {
        assert_eq!((request.method.as_str(), request.path()), ("HEAD", MANIFEST));
        access.push(&path("acme/app"), &image("two"), &[tag("latest")]);
    });
    for expected in [image("one").root.digest, moved.clone(), moved] {
        let answer = registry.ask(Method::HEAD, MANIFEST).send().await.unwrap();
        assert_eq!(header_of(&answer, "docker-content-digest"), expected.to_string());
    }
}

#[tokio::test]
async fn an_action_before_each_request_sees_them_all_until_it_is_cleared() {
    let registry = Registry::filled(docr()).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let writing = Arc::clone(&seen);
    registry.sandbox.faults().before_each(move |request, _| {
        writing.lock().unwrap().push(request.path().to_owned());
    });
    registry.manage(Method::GET, DOCR_TAGS).await;
    registry.get(MANIFEST).await;
    registry.sandbox.faults().clear();
    registry.get(MANIFEST).await;
    assert_eq!(*seen.lock().unwrap(), [DOCR_TAGS, MANIFEST]);
}

#[tokio::test]
async fn what_an_action_does_is_in_every_listing() {
    for (settings, list, entries) in [(docr(), DOCR_TAGS, "/tags"), (ghcr(), GHCR_VERSIONS, "")] {
        let registry = Registry::filled(settings).await;
        registry.sandbox.faults().before_nth(1, |_, access| {
            let one = image("one").root.digest;
            access.push(&path("acme/app"), &index("three"), &[]);
            assert!(access.set_tag(&path("acme/app"), &tag("again"), &one));
            assert!(access.delete_tag(&path("acme/app"), &tag("latest")));
        });
        let (status, listed) = registry.manage(Method::GET, list).await;
        assert_eq!(status, 200);
        let text = listed.pointer(entries).unwrap().to_string();
        assert!(text.contains("again") && !text.contains("latest"), "{text}");

        let access = registry.sandbox.access();
        assert!(access.delete_manifest(&path("acme/app"), &image("one").root.digest));
        assert!(!access.set_tag(&path("acme/app"), &tag("x"), &image("one").root.digest));
        let (_, listed) = registry.manage(Method::GET, list).await;
        assert!(!listed.to_string().contains("again"), "{listed}");
    }
}

#[tokio::test]
async fn an_action_may_make_its_own_request_fail_and_plan_further_actions() {
    let registry = Registry::filled(Settings::default()).await;
    registry.sandbox.faults().before_nth(1, |_, access| {
        access.faults().add("503".parse().unwrap());
        access.faults().before_nth(1, |_, access| {
            access.quirks().switch_on(Quirk::DeleteDoesNothing);
        });
    });
    let status = registry.status(Method::GET, MANIFEST).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(registry.status(Method::GET, MANIFEST).await, StatusCode::OK);
    assert!(registry.sandbox.quirks().has(&Quirk::DeleteDoesNothing));
}

#[tokio::test]
async fn an_action_may_change_what_its_request_is_answered() {
    let registry = Registry::filled(ghcr()).await;
    registry.sandbox.faults().before_nth(1, |_, access| {
        access.change_answer(|reply| {
            reply.change_json(|list| list[0]["metadata"] = serde_json::Value::Null);
            reply.set_header("x-lie", "yes");
        });
    });
    let lie = registry.managed(Method::GET, GHCR_VERSIONS).await;
    assert_eq!((lie.status(), header_of(&lie, "x-lie")), (StatusCode::OK, "yes"));
    let listed: serde_json::Value = lie.json().await.unwrap();
    assert!(listed[0]["metadata"].is_null() && listed[0]["name"].is_string());
    let (_, listed) = registry.manage(Method::GET, GHCR_VERSIONS).await;
    assert!(listed[0]["metadata"].is_object());

    registry.sandbox.faults().before_nth(1, |_, access| {
        access.change_answer(|reply| reply.status = 404);
    });
    assert_eq!(registry.status(Method::HEAD, MANIFEST).await, StatusCode::NOT_FOUND);
    assert_eq!(registry.sandbox.requests().last().unwrap().status, Some(404));
}
