//! `tags doctor`: what it finds out, what it blocks, how it ends, and that it tells no secret.

use serde_json::Value;
use tags::policy::RegistryKind;

use crate::service::Service;
use crate::support::{
    policy,
    program::{Home, Run},
};
use crate::world::World;

const RATE: &str = "GET /rate_limit";
const OWNER: &str = "GET /users/acme";
const VERSIONS: &str = "GET /orgs/acme/packages/container/backend/versions";
const REGISTRIES: &str = "GET /v2/registries";
const TAGS: &str = "GET /v2/registries/acme/repositories/backend/tags";
const DENIED: &str = r#"{"message":"denied"}"#;

fn world(kind: RegistryKind, service: &Service, rules: &str) -> Home {
    Home::of(&(policy::one("it", kind, &format!("http://{}", service.addr)) + rules))
}

const RETENTION: &str = "\n[[retention]]\nenvironments = [\"prod\"]\nkeep-last = 5\n";

fn doctor(world: &Home, token: Option<(&str, &str)>) -> Run {
    world.run(&["doctor", "--format", "json"], |command| command.envs(token))
}

fn check<'a>(json: &'a Value, name: &str) -> &'a Value {
    let checks = json["registries"][0]["checks"].as_array().expect("checks");
    checks.iter().find(|check| check["check"] == name).expect("the check")
}

fn statuses(json: &Value, names: &[&str]) -> Vec<String> {
    names
        .iter()
        .map(|name| check(json, name)["status"].as_str().expect("text").to_owned())
        .collect()
}

/// GitHub, for a token with these scopes.
fn ghcr(scopes: Option<&str>) -> Service {
    let service = Service::start();
    let mut headers = vec![
        ("x-ratelimit-limit", "5000"),
        ("x-ratelimit-remaining", "4321"),
        ("x-ratelimit-reset", "1796000000"),
    ];
    headers.extend(scopes.map(|scopes| ("x-oauth-scopes", scopes)));
    service.answer("GET /v2/", 200, "{}").answer_with(RATE, 200, &headers, "{}");
    service.answer(OWNER, 200, r#"{"type":"Organization"}"#).answer(VERSIONS, 200, "[]");
    service
}

fn docr(names: &[&str]) -> Service {
    let service = Service::start();
    let names: Vec<String> = names.iter().map(|name| format!(r#"{{"name":"{name}"}}"#)).collect();
    let body = format!(r#"{{"registries":[{}]}}"#, names.join(","));
    let headers = [("ratelimit-limit", "5000"), ("ratelimit-remaining", "12")];
    service.answer("GET /v2/", 200, "{}").answer_with(REGISTRIES, 200, &headers, &body);
    service.answer(TAGS, 200, r#"{"tags":[],"meta":{"total":0}}"#);
    service
}

#[test]
fn a_classic_token_tells_its_rights() {
    let service = ghcr(Some("repo, read:packages, delete:packages"));
    let world = world(RegistryKind::Ghcr, &service, RETENTION);
    let run = doctor(&world, Some(("GITHUB_TOKEN", "ghp_verysecret")));
    assert_eq!(run.code, 0, "{run:?}");
    let json = run.json();
    assert_eq!((&json["version"], &json["outcome"]), (&1.into(), &"ok".into()));
    assert_eq!(json["registries"][0]["host"], service.addr.to_string());
    let names = [
        "reachable",
        "api-reachable",
        "authenticated",
        "token-kind",
        "may-read",
        "may-list",
        "may-delete",
        "rate-limit",
        "clock",
    ];
    assert_eq!(statuses(&json, &names), ["ok"; 9], "{}", run.stdout);
    assert!(
        check(&json, "authenticated")["detail"]
            .as_str()
            .is_some_and(|t| t.contains("$GITHUB_TOKEN"))
    );
    assert!(
        check(&json, "rate-limit")["detail"].as_str().is_some_and(|t| t.contains("4321 of 5000"))
    );
    assert!(!run.stdout.contains("verysecret"));
    assert!(
        service
            .received()
            .iter()
            .all(|r| r.what.starts_with("GET ") || r.what.starts_with("HEAD "))
    );
}

#[test]
fn a_right_that_only_cleanup_needs_is_missing_only_where_the_policy_cleans_up() {
    for (rules, status, code) in [(RETENTION, "missing", 4), ("", "warning", 0)] {
        let service = ghcr(Some("read:packages"));
        let run =
            doctor(&world(RegistryKind::Ghcr, &service, rules), Some(("GITHUB_TOKEN", "ghp_x")));
        assert_eq!(run.code, code, "{run:?}");
        let json = run.json();
        let delete = check(&json, "may-delete");
        assert_eq!((&delete["status"], &delete["blocks"][0]), (&status.into(), &"cleanup".into()));
        assert!(delete["hint"].as_str().is_some_and(|hint| hint.contains("delete:packages")));
    }
}

#[test]
fn other_github_tokens_are_known_by_their_beginning() {
    let service = ghcr(None);
    let installation =
        doctor(&world(RegistryKind::Ghcr, &service, RETENTION), Some(("GITHUB_TOKEN", "ghs_x")));
    assert_eq!(installation.code, 0, "{installation:?}");
    assert_eq!(check(&installation.json(), "may-delete")["status"], "unknown");

    let service = Service::start();
    service.answer("GET /v2/", 200, "{}").answer(RATE, 200, "{}").answer(
        OWNER,
        200,
        r#"{"type":"User"}"#,
    );
    service.answer("GET /users/acme/packages/container/backend/versions", 403, DENIED);
    let fine = doctor(&world(RegistryKind::Ghcr, &service, ""), Some(("GH_TOKEN", "github_pat_x")));
    assert_eq!((fine.code, fine.json()["outcome"].as_str()), (4, Some("failed")), "{fine:?}");
    assert_eq!(statuses(&fine.json(), &["token-kind", "may-list"]), ["missing", "missing"]);
}

#[test]
fn digital_ocean_tells_the_registries_of_the_account() {
    let token = Some(("DIGITALOCEAN_ACCESS_TOKEN", "dop_v1_x"));
    let service = docr(&["acme", "other"]);
    let run = doctor(&world(RegistryKind::Docr, &service, RETENTION), token);
    assert_eq!(run.code, 0, "{run:?}");
    let json = run.json();
    assert!(
        check(&json, "registries")["detail"].as_str().is_some_and(|t| t.ends_with("2 registries"))
    );
    assert_eq!(
        statuses(&json, &["registries", "may-delete", "rate-limit"]),
        ["ok", "unknown", "warning"]
    );
    assert_eq!(check(&json, "rate-limit")["blocks"][3], "gc");

    let run = doctor(&world(RegistryKind::Docr, &docr(&["other"]), ""), token);
    assert_eq!((run.code, run.json()["outcome"].as_str()), (3, Some("unknown")), "{run:?}");
    assert_eq!(check(&run.json(), "registries")["status"], "missing");

    let nobody = doctor(&world(RegistryKind::Docr, &docr(&["acme"]), ""), None);
    assert_eq!(nobody.code, 4, "{nobody:?}");
    assert_eq!(check(&nobody.json(), "authenticated")["blocks"][4], "gc");
}

#[test]
fn a_refused_token_is_4_and_a_registry_that_is_away_is_3() {
    let token = Some(("DIGITALOCEAN_ACCESS_TOKEN", "dop_v1_x"));
    let service = Service::start();
    service.answer("GET /v2/", 200, "{}").answer(REGISTRIES, 401, DENIED).answer(TAGS, 401, DENIED);
    let run = doctor(&world(RegistryKind::Docr, &service, ""), token);
    assert_eq!(run.code, 4, "{run:?}");
    assert_eq!(
        statuses(&run.json(), &["reachable", "authenticated", "may-list"]),
        ["ok", "missing", "missing"]
    );

    let world = World::empty().policy(|text| {
        let (head, rest) = text.split_once("url = \"").expect("a url");
        let (_, rest) = rest.split_once('"').expect("its end");
        format!("{head}url = \"http://127.0.0.1:9\"{rest}")
    });
    let run = world.tags(&["doctor", "--format", "json"]);
    assert_eq!((run.code, run.json()["outcome"].as_str()), (3, Some("unknown")), "{run:?}");
    assert_eq!(statuses(&run.json(), &["reachable", "may-list"]), ["missing", "unknown"]);
    assert_eq!(run.json()["registries"][1]["checks"][0]["status"], "ok");
}

#[test]
fn every_format_shows_the_checks_and_a_wrong_clock() {
    let service = ghcr(Some("read:packages"));
    let late = Service::start();
    late.answer_with("GET /v2/", 200, &[("date", "Sat, 10 Jan 2026 12:00:00 GMT")], "{}");
    let world = world(RegistryKind::Ghcr, &service, RETENTION);
    let policy = world.read("tags.toml");
    world.policy(&policy.replacen(&service.addr.to_string(), &late.addr.to_string(), 1));
    for (format, expected) in [
        ("human", "may-delete"),
        ("markdown", "| may-delete | missing |"),
        ("github", "::error title=it%3A may-delete::"),
        ("json", "ahead of"),
    ] {
        let run = world.run(&["doctor", "--format", format], |c| c.env("GITHUB_TOKEN", "ghp_x"));
        assert_eq!(run.code, 4, "{run:?}");
        assert!(run.stdout.contains(expected), "{format}: {}", run.stdout);
        assert!(run.stdout.contains("clock is"), "{format}: {}", run.stdout);
    }
}

#[test]
fn a_registry_that_lets_anybody_delete_lacks_nothing() {
    let world = World::filled().policy(|text| text + RETENTION);
    let run = world.tags(&["doctor", "--format", "json"]);
    assert_eq!((run.code, run.json()["outcome"].as_str()), (0, Some("ok")), "{run:?}");
    let json = run.json();
    let delete = check(&json, "may-delete");
    assert_eq!((&delete["status"], &delete["blocks"][0]), (&"unknown".into(), &"cleanup".into()));
    assert!(
        delete["detail"].as_str().is_some_and(|text| text.starts_with("not tried")),
        "{delete}"
    );
    assert!(delete["hint"].as_str().is_some_and(|hint| hint.contains("docker login")), "{delete}");
    // Where nothing can be deleted without a token, that is still said.
    let ghcr = doctor(&self::world(RegistryKind::Ghcr, &ghcr(None), RETENTION), None);
    assert_eq!((ghcr.code, &check(&ghcr.json(), "may-delete")["status"]), (4, &"missing".into()));
}
