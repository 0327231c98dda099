//! `tags gc`: what it refuses, what it sends, how it follows, and how it ends.

use std::process::Stdio;

use tags::policy::RegistryKind;

use crate::service::Service;
use crate::support::{
    policy,
    program::{Home, Run, in_time, signal},
};

pub(crate) const ACTIVE: &str = "GET /v2/registries/acme/garbage-collection";
pub(crate) const START: &str = "POST /v2/registries/acme/garbage-collection";
pub(crate) const ALL: &str = "GET /v2/registries/acme/garbage-collections";
pub(crate) const CANCEL: &str = "PUT /v2/registries/acme/garbage-collection/eff0-1";
const NONE: &str = r#"{"id":"not_found","message":"not found"}"#;

pub(crate) fn world(service: &Service) -> Home {
    let url = format!("http://{}", service.addr);
    let plain = policy::registry("plain", RegistryKind::Oci, &url);
    Home::of(&(policy::one("docr", RegistryKind::Docr, &url) + &plain))
}

pub(crate) fn gc(service: &Service, arguments: &[&str]) -> Run {
    let arguments: Vec<&str> = ["gc"].iter().chain(arguments).copied().collect();
    world(service)
        .run(&arguments, |command| command.env("DIGITALOCEAN_ACCESS_TOKEN", "dop_v1_secret"))
}

pub(crate) fn one(status: &str) -> String {
    format!(r#"{{"garbage_collection":{}}}"#, entry(status))
}

pub(crate) fn entry(status: &str) -> String {
    format!(
        r#"{{"uuid":"eff0-1","registry_name":"acme","status":"{status}","created_at":"2026-01-10T12:00:00Z","updated_at":"2026-01-10T12:00:01Z","blobs_deleted":42,"freed_bytes":1536}}"#
    )
}

pub(crate) fn listed(entries: &[String]) -> String {
    let count = entries.len();
    format!(r#"{{"garbage_collections":[{}],"meta":{{"total":{count}}}}}"#, entries.join(","))
}

/// No collection goes on, and there was none before.
pub(crate) fn idle() -> Service {
    let service = Service::start();
    service.answer(ACTIVE, 404, NONE).answer(ALL, 200, &listed(&[]));
    service
}

#[test]
fn a_collection_is_started_once_with_the_harmless_type_and_followed_through_unknown_states() {
    for success in ["success", "succeeded"] {
        let service = idle();
        service.answer(START, 201, &one("requested"));
        service.answer(ACTIVE, 200, &one("counting \\u001b[31msheep")).answer(ACTIVE, 404, NONE);
        service.answer(ALL, 200, &listed(&[entry(success)]));
        let run = gc(&service, &["docr", "--format", "json"]);
        assert_eq!(run.code, 0, "{run:?}");
        let json = run.json();
        assert_eq!((&json["command"], &json["outcome"]), (&"gc".into(), &"ok".into()));
        assert_eq!(json["type"], "unreferenced-blobs");
        assert_eq!(json["collection"]["blobs_deleted"], 42);
        assert_eq!(json["collection"]["freed_bytes"], 1536);
        assert!(run.stderr.contains("read-only") && run.stderr.contains("sheep"), "{run:?}");
        assert!(!run.stderr.contains('\u{1b}') && !run.stderr.contains("continues"), "{run:?}");
        let sent: Vec<_> = service.received().into_iter().filter(|r| r.what == START).collect();
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].body, r#"{"type":"unreferenced blobs only"}"#);
        assert!(
            service.received().iter().all(|r| r.what.contains("/v2/registries/acme/")),
            "{:?}",
            service.received()
        );
    }
}

#[test]
fn none_is_started_beside_another_and_the_active_one_can_be_cancelled() {
    let service = Service::start();
    service.answer(ACTIVE, 200, &one("scanning manifests"));
    let run = gc(&service, &["docr"]);
    assert_eq!((run.code, service.count(START)), (5, 0), "{run:?}");
    assert!(
        run.stdout.contains("scanning manifests") && run.stdout.contains("--cancel"),
        "{run:?}"
    );
    assert!(run.stderr.starts_with("refused: docr: not started, because"), "{run:?}");

    service.answer(CANCEL, 200, &one("cancelling"));
    service.answer(ACTIVE, 404, NONE);
    service.answer(ALL, 200, &listed(&[entry("cancelled")]));
    // The first answer of the two was the guard's; the next one finds nothing to cancel any more.
    let run = gc(&service, &["docr", "--cancel", "--format", "json"]);
    assert_eq!((run.code, run.json()["outcome"].as_str()), (0, Some("cancelled")), "{run:?}");
    let put = service.received().into_iter().find(|r| r.what == CANCEL).expect("a PUT");
    assert_eq!(put.body, r#"{"cancel":true}"#);

    let nothing = gc(&service, &["docr", "--follow", "--format", "json"]);
    assert_eq!((nothing.code, nothing.json()["outcome"].as_str()), (0, Some("idle")));
}

#[test]
fn following_has_a_limit_and_failures_are_said() {
    let service = Service::start();
    service.answer(ACTIVE, 404, NONE).answer(ALL, 200, &listed(&[]));
    service.answer(START, 201, &one("requested"));
    service.answer(ACTIVE, 200, &one("waiting for write JWTs to expire"));
    let run = gc(&service, &["docr", "--wait", "1s"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stdout.contains("running") && run.stdout.contains("--follow"), "{run:?}");

    let service = idle();
    service.answer(START, 201, &one("failed"));
    let run = gc(&service, &["docr", "--format", "json"]);
    assert_eq!((run.code, run.json()["outcome"].as_str()), (1, Some("failed")), "{run:?}");
}

#[test]
fn a_start_that_is_refused_or_lost_is_not_sent_again() {
    for (status, code) in [(403, 4), (500, 3), (429, 3)] {
        let service = idle();
        service.answer(START, status, r#"{"id":"x","message":"no"}"#);
        let run = gc(&service, &["docr"]);
        assert_eq!((run.code, service.count(START)), (code, 1), "{status}: {run:?}");
    }
    let service = Service::start();
    service.answer(ACTIVE, 404, NONE).answer(ALL, 200, &listed(&[]));
    service.answer(START, 412, r#"{"id":"precondition_failed","message":"no"}"#);
    service.answer(ACTIVE, 200, &one("requested"));
    let run = gc(&service, &["docr"]);
    assert_eq!((run.code, service.count(START)), (5, 1), "{run:?}");
}

#[test]
fn other_kinds_other_names_and_missing_tokens_are_told_apart() {
    let service = Service::start();
    assert_eq!(gc(&service, &["plain"]).code, 2);
    assert_eq!(gc(&service, &["nowhere"]).code, 2);
    assert_eq!(gc(&service, &["docr", "--cancel", "--follow"]).code, 2);
    let wrong_name = gc(&service, &["docr"]);
    assert_eq!((wrong_name.code, service.count(START)), (3, 0), "{wrong_name:?}");
    assert!(wrong_name.stdout.contains("namespace"), "{wrong_name:?}");
    let anonymous = world(&service).tags(&["gc", "docr"]);
    assert_eq!(anonymous.code, 4, "{anonymous:?}");
    assert!(anonymous.stdout.contains("DIGITALOCEAN_ACCESS_TOKEN"), "{anonymous:?}");
}

/// A registry of two pages of repositories, the second with a tagged index of one child.
pub(crate) fn with_index(child_is_tagged: bool) -> Service {
    let service = idle();
    let child = r#"{"mediaType":"application/vnd.oci.image.manifest.v1+json","layers":[]}"#;
    let digest = service.manifest("acme/team/app", "part", child);
    let index = format!(
        r#"{{"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{{"digest":"{digest}"}}]}}"#
    );
    let top = service.manifest("acme/team/app", "v1", &index);
    let repositories = "GET /v2/registries/acme/repositoriesV2";
    let next = r#""links":{"pages":{"next":"https://api.digitalocean.com/v2/registry/acme/repositoriesV2?page=2&page_token=abc&per_page=200"}}"#;
    service.answer(
        repositories,
        200,
        &format!(r#"{{"repositories":[{{"name":"empty"}}],"meta":{{"total":2}},{next}}}"#),
    );
    service.answer(
        repositories,
        200,
        r#"{"repositories":[{"name":"team/app"}],"meta":{"total":2}}"#,
    );
    let empty = r#"{"tags":null,"meta":{"total":0}}"#;
    service.answer("GET /v2/registries/acme/repositories/empty/tags", 200, empty);
    let tag =
        |tag: &str, digest: &str| format!(r#"{{"tag":"{tag}","manifest_digest":"{digest}"}}"#);
    let mut tags = vec![tag("v1", &top)];
    if child_is_tagged {
        tags.push(tag("part", &digest));
    }
    let (count, tags) = (tags.len(), tags.join(","));
    let body = format!(r#"{{"tags":[{tags}],"meta":{{"total":{count}}}}}"#);
    service.answer("GET /v2/registries/acme/repositories/team%2Fapp/tags", 200, &body);
    service.answer("GET /v2/", 200, "{}").answer(START, 201, &one("succeeded"));
    service
}

pub(crate) const RISKY: [&str; 3] = ["docr", "--type", "untagged-manifests-and-unreferenced-blobs"];

#[test]
fn untagged_manifests_stay_while_a_tagged_index_anywhere_needs_one() {
    let service = with_index(false);
    let run = gc(&service, &[&RISKY[..], &["--format", "json"]].concat());
    assert_eq!((run.code, service.count(START)), (5, 0), "{run:?}");
    let json = run.json();
    assert_eq!(json["outcome"], "refused");
    assert_eq!(json["at_risk"][0]["repository"], "acme/team/app");
    assert_eq!(json["at_risk"][0]["tag"], "v1");
    assert_eq!(json["at_risk"][0]["untagged_children"].as_array().map(Vec::len), Some(1));

    let told = gc(&service, &[&RISKY[..], &["--may-break-multi-arch-images"]].concat());
    assert_eq!((told.code, service.count(START)), (0, 1), "{told:?}");
    let sent = service.received().into_iter().find(|r| r.what == START).expect("a POST");
    assert_eq!(sent.body, r#"{"type":"untagged manifests and unreferenced blobs"}"#);

    let service = with_index(true);
    let safe = gc(&service, &RISKY);
    assert_eq!((safe.code, service.count(START)), (0, 1), "{safe:?}");
}

#[test]
fn what_cannot_be_read_is_not_collected() {
    let service = with_index(false);
    let broken = "GET /v2/registries/acme/repositories/empty/tags";
    service.answer(broken, 404, NONE);
    // The first answer is still the good one; the second is for the run that counts.
    assert_eq!(gc(&service, &RISKY).code, 5);
    let run = gc(&service, &RISKY);
    assert_eq!((run.code, service.count(START)), (3, 0), "{run:?}");
}

#[test]
fn an_interrupt_leaves_the_collection_and_says_so() {
    let service = Service::start();
    service.answer(ACTIVE, 404, NONE).answer(ALL, 200, &listed(&[]));
    service.answer(START, 201, &one("requested"));
    service.answer(ACTIVE, 200, &one("scanning manifests"));
    let world = world(&service);
    let child = world
        .command(&["gc", "docr"])
        .env("DIGITALOCEAN_ACCESS_TOKEN", "dop_v1_secret")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a run");
    assert!(in_time(|| service.count(ACTIVE) > 1), "it is not followed");
    signal("INT", child.id());
    let end = child.wait_with_output().expect("an end");
    let said = String::from_utf8(end.stderr).expect("text");
    assert_eq!(end.status.code(), Some(130), "{said}");
    assert!(said.contains("continues") && said.contains("--follow") && said.contains("--cancel"));
    assert_eq!(service.count(CANCEL), 0);
}
