//! GitHub Enterprise: an API below a path, names with slashes, numbers as large as they come, and
//! answers that mean harm.

use crate::service::Service;
use crate::support::program::{Home, Run};

const OWNER: &str = "GET /api/v3/users/acme";
const VERSIONS: &str = "GET /api/v3/orgs/acme/packages/container/team%2Fback%2Fend/versions";
const SHA: &str = "0000000000000000000000000000000000000001";

/// An organization with one version, and the image under its latest tag.
fn service() -> Service {
    let service = Service::start();
    let manifest = r#"{"mediaType":"application/vnd.oci.image.manifest.v1+json","layers":[]}"#;
    let digest = service.manifest("acme/team/back/end", "prod-latest", manifest);
    let version = format!(
        r#"[{{"id":18446744073709551615,"name":"{digest}","created_at":"2026-01-10T12:00:00Z","updated_at":"2026-01-10T12:00:00Z","metadata":{{"container":{{"tags":["prod-{SHA}","prod-latest"]}}}}}}]"#
    );
    service.answer("GET /v2/", 200, "{}").answer(OWNER, 200, r#"{"type":"Organization"}"#);
    service.answer(VERSIONS, 200, &version);
    service
}

/// The policy says where the registry is, and the environment where the API is.
fn run(service: &Service, arguments: &[&str]) -> Run {
    let addr = service.addr;
    let text = format!(
        r#"version = 1
[registry.it]
kind = "ghcr"
namespace = "acme"
url = "http://{addr}"
[image.backend]
repositories = {{ it = "team/back/end" }}
[environment.prod]
sha-tag = "prod-{{sha}}"
latest-tag = "prod-latest"
"#
    );
    Home::of(&text).run(arguments, |command| {
        command
            .env("GITHUB_API_URL", format!("http://{addr}/api/v3"))
            .env("GITHUB_TOKEN", "ghp_verysecret")
    })
}

#[test]
fn releases_are_listed_and_the_owner_is_told_apart_once() {
    let service = service();
    let list = run(&service, &["list", "prod", "--format", "json"]);
    assert_eq!(list.code, 0, "{list:?}");
    assert_eq!(list.json()["releases"][0]["sha"], SHA);
    assert_eq!(list.json()["releases"][0]["time_source"], "pushed");
    assert_eq!((service.count(OWNER), service.count(VERSIONS)), (1, 1));
    // Without rate limits there is nothing at /rate_limit, and that is no fault of the token.
    let doctor = run(&service, &["doctor", "--format", "json"]);
    assert_eq!((doctor.code, service.count("GET /api/v3/rate_limit")), (0, 1), "{doctor:?}");
    assert!(service.received().iter().all(|request| !request.what.contains("/referrers/")));
}

#[test]
fn hostile_words_of_the_api_stay_words_in_every_format() {
    let refusal = r#"{"message":"\u001b[31mno\u0007 \u202e::error::x\n::set-output name=outcome::ok\n##[error]y|<b>"}"#;
    let versions = r#"[{"id":1,"name":"x","created_at":"","updated_at":"","metadata":{"container":{"tags":["a\u001b[2J\n::error::x"]}}}]"#;
    for (status, body) in [(403, refusal), (200, versions), (200, "<html>")] {
        let service = Service::start();
        service.answer("GET /v2/", 200, "{}").answer(OWNER, 200, r#"{"type":"Organization"}"#);
        service.answer(VERSIONS, status, body);
        for command in [&["doctor"][..], &["list", "prod"], &["rollback-target", "prod"]] {
            for format in ["human", "github", "markdown", "json"] {
                let run = run(&service, &[command, &["--format", format]].concat());
                assert!(matches!(run.code, 3 | 4), "{run:?}");
                let text = format!("{}{}", run.stdout, run.stderr);
                let harmful = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
                assert!(!text.contains(harmful), "{format}: {text:?}");
                assert!(!text.contains("##[") && !text.contains("verysecret"), "{text:?}");
                let forged = |line: &str| line.starts_with("::set-output") || line == "::error::x";
                assert!(!text.lines().any(forged), "{text}");
            }
        }
    }
}

#[test]
fn the_token_for_ghcr_io_goes_to_no_enterprise_server() {
    let service = service();
    let text = r#"version = 1
[registry.it]
kind = "ghcr"
namespace = "acme"
[image.backend]
repositories = { it = "team/back/end" }
[environment.prod]
sha-tag = "prod-{sha}"
latest-tag = "prod-latest"
"#;
    let world = Home::of(text);
    let run = world.run(&["list", "prod"], |command| {
        command
            .env("GITHUB_API_URL", format!("http://{}/api/v3", service.addr))
            .env("GITHUB_TOKEN", "ghp_verysecret")
            // Nothing leaves this machine for the test.
            .env("HTTPS_PROXY", "http://127.0.0.1:9")
    });
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stderr.contains("https://api.github.com/"), "{run:?}");
    assert!(service.received().is_empty(), "{:?}", service.received());
}
