//! `tags doctor` against the embedded DOCR and GHCR: every line of it, and every right that may lack.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tags::model::RepositoryPath;
use tags::sandbox::content::{BuiltImage, Format};
use tags::sandbox::docr::{DocrScope, DocrSettings};
use tags::sandbox::ghcr::{GhcrSettings, MissingRight, OwnerKind, PackageScope, TokenKind};
use tags::sandbox::{Fault, Sandbox, Settings, Store};

use crate::world::{NEW, Run, World, build, tag_name};

const DO_TOKEN: &str = "dop_v1_0123456789abcdef";
const GH_TOKEN: &str = "ghp_0123456789abcdef";
const RETENTION: &str = "\n[[retention]]\nenvironments = [\"prod\"]\nkeep-last = 5\n";
/// What every command needs that lists, in DOCR.
const LISTING: [&str; 4] = ["rollback-target", "list", "cleanup", "gc"];

fn now() -> DateTime<Utc> {
    #[expect(clippy::disallowed_methods, reason = "registries whose clocks are right")]
    Utc::now()
}

/// Both registries with an image each, a policy for both, and the two tokens.
struct Both {
    docr: Sandbox,
    ghcr: Sandbox,
    world: World,
    tokens: [&'static str; 2],
}

impl Both {
    fn good() -> Self {
        Self::with(|_, _| now())
    }

    /// Changes the settings, and says what the registries' clocks show.
    fn with(change: impl FnOnce(&mut DocrSettings, &mut GhcrSettings) -> DateTime<Utc>) -> Self {
        let mut docr = DocrSettings::new("acme", DO_TOKEN);
        let mut ghcr = GhcrSettings::new("acme-inc", OwnerKind::Organization, GH_TOKEN);
        let clock = change(&mut docr, &mut ghcr);
        let start = |settings| {
            let listen = ([127, 0, 0, 1], 0).into();
            Sandbox::start_in_background(listen, settings, Store::new()).expect("a registry")
        };
        let docr = start(Settings::docr(docr, clock));
        let ghcr = start(Settings::ghcr(ghcr, clock));
        let image = BuiltImage::single(&build("backend", NEW, TimeDelta::days(1)), Format::Oci);
        for (registry, path) in [(&docr, "acme/team/backend"), (&ghcr, "acme-inc/team/backend")] {
            let path = RepositoryPath::parse(path).expect("a path");
            registry.store().push(&path, &image, &[tag_name("prod-latest")], Some(clock));
        }
        let text = policy(&docr.url(), &ghcr.url());
        let world = World::empty().policy(|_| text);
        Self { docr, ghcr, world, tokens: [DO_TOKEN, GH_TOKEN] }
    }

    fn policy(self, change: impl FnOnce(String) -> String) -> Self {
        Self { world: self.world.policy(change), ..self }
    }

    fn fault(&self, text: &str) {
        for registry in [&self.docr, &self.ghcr] {
            registry.faults().add(text.parse::<Fault>().expect("a fault"));
        }
    }

    fn doctor(&self, format: &str) -> Run {
        let [docr, ghcr] = self.tokens;
        let run = self.world.run(&["doctor", "--format", format], |command| {
            command.env("DIGITALOCEAN_ACCESS_TOKEN", docr).env("GITHUB_TOKEN", ghcr)
        });
        for secret in [DO_TOKEN, GH_TOKEN, docr, ghcr] {
            let said = run.stdout.contains(secret) || run.stderr.contains(secret);
            assert!(secret.trim().is_empty() || !said, "{run:?}");
        }
        let records = [self.docr.requests(), self.ghcr.requests()].concat();
        let only_asks = |method: &str| matches!(method, "GET" | "HEAD");
        assert!(records.iter().all(|record| only_asks(record.method.as_str())), "{records:?}");
        run
    }

    /// The same in JSON, with its exit code.
    fn found(&self) -> (i32, Found) {
        let run = self.doctor("json");
        (run.code, Found(run.json()))
    }

    fn settled(&self, text: &str) -> String {
        text.replace(&self.docr.addr().to_string(), "DOCR")
            .replace(&self.ghcr.addr().to_string(), "GHCR")
    }
}

fn policy(docr: &str, ghcr: &str) -> String {
    format!(
        r#"version = 1

[registry.docr]
kind = "docr"
namespace = "acme"
url = "{docr}"
api-url = "{docr}"

[registry.ghcr]
kind = "ghcr"
namespace = "acme-inc"
url = "{ghcr}"
api-url = "{ghcr}"

[image.backend]
repositories = {{ docr = "team/backend", ghcr = "team/backend" }}

[environment.prod]
sha-tag = "prod-{{sha}}"
latest-tag = "prod-latest"
{RETENTION}"#
    )
}

struct Found(Value);

impl Found {
    fn check(&self, registry: &str, name: &str) -> &Value {
        let registries = self.0["registries"].as_array().expect("registries");
        let found = registries.iter().find(|entry| entry["registry"] == registry);
        let checks = found.expect("the registry")["checks"].as_array().expect("checks");
        checks.iter().find(|check| check["check"] == name).expect("the check")
    }

    fn text(&self, registry: &str, name: &str, key: &str) -> &str {
        self.check(registry, name)[key].as_str().unwrap_or_default()
    }

    fn status(&self, registry: &str, name: &str) -> &str {
        self.text(registry, name, "status")
    }

    fn blocks(&self, registry: &str, name: &str) -> Vec<&str> {
        let blocks = self.check(registry, name)["blocks"].as_array().expect("commands");
        blocks.iter().filter_map(Value::as_str).collect()
    }

    /// Whatever lacks says which command it blocks and how to grant it.
    fn is_told_whole(&self) {
        for registry in self.0["registries"].as_array().expect("registries") {
            for check in registry["checks"].as_array().expect("checks") {
                if matches!(check["status"].as_str(), Some("missing" | "warning")) {
                    assert!(
                        check["blocks"].as_array().is_some_and(|all| !all.is_empty()),
                        "{check}"
                    );
                    assert!(check["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{check}");
                }
            }
        }
    }
}

#[test]
fn good_tokens_are_told_line_by_line() {
    let both = Both::good();
    let (code, found) = both.found();
    assert_eq!((code, found.0["outcome"].as_str()), (0, Some("ok")), "{}", found.0);
    for registry in ["docr", "ghcr"] {
        for name in [
            "reachable",
            "api-reachable",
            "authenticated",
            "may-read",
            "may-list",
            "rate-limit",
            "clock",
        ] {
            assert_eq!(found.status(registry, name), "ok", "{registry} {name}: {}", found.0);
        }
    }
    assert!(found.text("docr", "reachable", "detail").contains(&both.docr.addr().to_string()));
    let origin = |registry| found.text(registry, "authenticated", "detail");
    assert!(origin("docr").ends_with("$DIGITALOCEAN_ACCESS_TOKEN"), "{}", found.0);
    assert!(origin("ghcr").ends_with("$GITHUB_TOKEN"), "{}", found.0);
    assert_eq!(
        found.text("docr", "registries", "detail"),
        "1 registry on the account, acme among them"
    );
    assert_eq!(found.text("ghcr", "token-kind", "detail"), "a classic personal access token");
    assert_eq!(found.status("docr", "may-delete"), "unknown", "no way to know without deleting");
    assert!(found.text("docr", "may-delete", "hint").contains("registry:delete"));
    assert_eq!(found.status("ghcr", "may-delete"), "ok");
    for registry in ["docr", "ghcr"] {
        let left = found.text(registry, "rate-limit", "detail");
        assert!(left.contains(" of 5000 requests left, more at "), "{left}");
    }
    found.is_told_whole();

    let human = both.doctor("human");
    for line in [
        "reachable",
        "authenticated",
        "token-kind",
        "may-read",
        "may-list",
        "may-delete",
        "registries",
    ] {
        assert!(human.stdout.contains(line), "{line}: {}", human.stdout);
    }
    assert!(human.stdout.ends_with("nothing that is needed is missing\n"), "{}", human.stdout);
}

#[test]
fn a_token_that_only_reads_lacks_deletion_where_that_can_be_known() {
    let both = Both::with(|docr, ghcr| {
        docr.scopes = BTreeSet::from([DocrScope::Read]);
        ghcr.scopes = BTreeSet::from([PackageScope::Read]);
        now()
    });
    let (code, found) = both.found();
    assert_eq!((code, found.0["outcome"].as_str()), (4, Some("failed")), "{}", found.0);
    assert_eq!(found.status("ghcr", "may-delete"), "missing");
    assert_eq!(found.blocks("ghcr", "may-delete"), ["cleanup"]);
    assert!(found.text("ghcr", "may-delete", "hint").contains("delete:packages"));
    assert_eq!(found.status("ghcr", "may-list"), "ok");
    assert_eq!(found.status("docr", "may-delete"), "unknown");
    found.is_told_whole();

    let without = both.policy(|text| text.replace(RETENTION, ""));
    let (code, found) = without.found();
    assert_eq!((code, found.status("ghcr", "may-delete")), (0, "warning"), "{}", found.0);
}

#[test]
fn a_token_that_may_not_read_is_told_what_it_needs() {
    for missing_right in [MissingRight::NotFound, MissingRight::Forbidden] {
        let both = Both::with(|docr, ghcr| {
            docr.scopes = BTreeSet::from([DocrScope::Update]);
            ghcr.scopes = BTreeSet::from([PackageScope::Write]);
            ghcr.missing_right = missing_right;
            now()
        });
        let (code, found) = both.found();
        assert_eq!(code, 4, "{}", found.0);
        assert_eq!(found.status("docr", "may-list"), "missing", "{}", found.0);
        assert!(found.text("docr", "may-list", "hint").contains("registry:read"), "{}", found.0);
        assert_eq!(found.blocks("docr", "authenticated"), LISTING);
        // The packages are public, so that only the management API needs the right.
        assert_eq!(found.status("ghcr", "may-read"), "ok");
        assert_eq!(found.status("ghcr", "may-list"), "missing", "{}", found.0);
        assert!(found.text("ghcr", "may-list", "hint").contains("read:packages"), "{}", found.0);
        found.is_told_whole();
    }
}

#[test]
fn an_expired_token_is_refused_everywhere_and_4() {
    let both = Both { tokens: ["dop_v1_expired", "ghp_expired"], ..Both::good() };
    let (code, found) = both.found();
    assert_eq!((code, found.0["outcome"].as_str()), (4, Some("failed")), "{}", found.0);
    for registry in ["docr", "ghcr"] {
        assert_eq!(found.status(registry, "reachable"), "ok");
        for name in ["authenticated", "may-read", "may-list"] {
            assert_eq!(found.status(registry, name), "missing", "{registry} {name}: {}", found.0);
        }
        assert!(found.text(registry, "authenticated", "hint").contains("expired"));
    }
    found.is_told_whole();
}

#[test]
fn a_namespace_that_is_not_there_is_3_and_said() {
    let wrong =
        |text: String| text.replace("\"acme\"", "\"amce\"").replace("\"acme-inc\"", "\"amce-inc\"");
    let both = Both::with(|docr, _| {
        docr.other_registries = vec!["second".to_owned()];
        now()
    });
    let (code, found) = both.policy(wrong).found();
    assert_eq!((code, found.0["outcome"].as_str()), (3, Some("unknown")), "{}", found.0);
    assert_eq!(found.status("docr", "registries"), "missing");
    assert_eq!(
        found.text("docr", "registries", "detail"),
        "2 registries on the account, and amce is none of them"
    );
    assert_eq!(found.blocks("docr", "registries"), LISTING);
    assert_eq!(found.status("ghcr", "may-list"), "missing", "{}", found.0);
    assert!(found.text("ghcr", "may-list", "hint").contains("namespace"), "{}", found.0);
    found.is_told_whole();
}

#[test]
fn a_wrong_clock_and_a_budget_that_ends_are_warnings() {
    let both = Both::with(|docr, ghcr| {
        docr.hourly_limit = 60;
        ghcr.hourly_limit = 60;
        now() - TimeDelta::minutes(90)
    });
    let (code, found) = both.found();
    assert_eq!((code, found.0["outcome"].as_str()), (0, Some("ok")), "{}", found.0);
    for registry in ["docr", "ghcr"] {
        assert_eq!(found.status(registry, "clock"), "warning");
        let skew = found.text(registry, "clock", "detail");
        let ahead = skew.contains("90 minutes ahead of") || skew.contains("89 minutes ahead of");
        assert!(ahead, "{skew}");
        assert_eq!(found.blocks(registry, "clock"), ["cleanup"]);
        assert_eq!(found.status(registry, "rate-limit"), "warning");
        assert!(found.text(registry, "rate-limit", "detail").contains(" of 60 requests left"));
    }
    assert_eq!(found.blocks("docr", "rate-limit"), LISTING);
    found.is_told_whole();
}

#[test]
fn a_budget_that_is_used_up_is_no_missing_right() {
    let both = Both::with(|docr, ghcr| {
        docr.hourly_limit = 0;
        ghcr.hourly_limit = 0;
        now()
    });
    let (code, found) = both.found();
    assert_eq!((code, found.0["outcome"].as_str()), (3, Some("unknown")), "{}", found.0);
    for registry in ["docr", "ghcr"] {
        assert_eq!(found.status(registry, "reachable"), "ok");
        assert_eq!(found.status(registry, "may-list"), "unknown", "{}", found.0);
        assert!(found.text(registry, "may-list", "hint").starts_with("wait "), "{}", found.0);
    }
}

#[test]
fn the_kinds_of_github_tokens_are_told_apart() {
    for (token, kind, status, expected) in [
        ("ghs_workflow", TokenKind::Actions, "ok", 0),
        ("gho_gh_auth", TokenKind::Classic, "ok", 0),
        ("github_pat_fine", TokenKind::Actions, "missing", 4),
    ] {
        let both = Both::with(|_, ghcr| {
            ghcr.token = token.to_owned();
            ghcr.token_kind = kind;
            now()
        });
        let (code, found) = Both { tokens: [DO_TOKEN, token], ..both }.found();
        assert_eq!((code, found.status("ghcr", "token-kind")), (expected, status), "{}", found.0);
        found.is_told_whole();
        if token.starts_with("github_pat_") {
            assert_eq!(found.status("ghcr", "may-delete"), "missing");
            assert_eq!(
                found.blocks("ghcr", "token-kind"),
                ["verify", "rollback-target", "list", "cleanup"]
            );
            assert!(found.text("ghcr", "token-kind", "hint").contains("classic"));
        }
        if token.starts_with("ghs_") {
            assert_eq!(found.status("ghcr", "may-delete"), "unknown");
            assert!(found.text("ghcr", "may-delete", "hint").contains("packages: write"));
        }
    }
}

#[test]
fn credentials_that_nothing_took_are_not_called_good() {
    let both = Both::good();
    both.fault("drop*always");
    both.fault("drop@/*always");
    let (code, found) = both.found();
    assert_eq!(code, 3, "{}", found.0);
    for registry in ["docr", "ghcr"] {
        assert_eq!(found.status(registry, "reachable"), "missing", "{}", found.0);
        assert_ne!(found.status(registry, "authenticated"), "ok", "{}", found.0);
        assert_eq!(found.status(registry, "may-list"), "unknown", "{}", found.0);
    }
}

#[test]
fn a_token_that_cannot_be_sent_is_said_and_a_blank_one_is_none() {
    let both = Both { tokens: ["dop_v1\nbroken", "ghp_broken\nin_two"], ..Both::good() };
    let (code, found) = both.found();
    assert_eq!(code, 4, "{}", found.0);
    for registry in ["docr", "ghcr"] {
        for name in ["authenticated", "may-list"] {
            assert_eq!(found.status(registry, name), "missing", "{registry} {name}: {}", found.0);
            assert!(found.text(registry, name, "hint").contains("line break"), "{}", found.0);
        }
    }
    found.is_told_whole();

    let blank = Both { tokens: [" \n", " "], ..Both::good() };
    let (code, found) = blank.found();
    assert_eq!((code, found.status("docr", "authenticated")), (4, "missing"), "{}", found.0);
    assert!(found.text("ghcr", "authenticated", "detail").starts_with("no credentials"));
}

/// One right lacking, one registry that has another name, a clock that is wrong.
fn ill() -> Both {
    let both = Both::with(|docr, ghcr| {
        docr.other_registries = vec!["second".to_owned()];
        ghcr.scopes = BTreeSet::from([PackageScope::Read]);
        ghcr.hourly_limit = 50;
        now() - TimeDelta::minutes(90)
    });
    both.policy(|text| text.replace("\"acme\"", "\"amce\""))
}

#[test]
fn doctor_in_every_format() {
    for (name, both) in [("doctor-good", Both::good()), ("doctor-ill", ill())] {
        for format in ["human", "json", "github", "markdown"] {
            let run = both.doctor(format);
            let text = format!("exit code: {}\n--- stdout\n{}", run.code, run.stdout);
            let mut settings = insta::Settings::clone_current();
            let left = r"\d+ of (\d+) requests left, more at [-0-9: ]* UTC";
            settings.add_filter(left, "N of $1 requests left, more at TIME");
            settings.add_filter(r"(89|90) minutes", "90 minutes");
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            let text = both.settled(&text);
            settings.bind(|| insta::assert_snapshot!(format!("{name}-{format}"), text));
        }
    }
}
