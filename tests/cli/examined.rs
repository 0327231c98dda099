//! `tags doctor` against the embedded DOCR and GHCR: every line of it, and every right that may lack.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use tags::sandbox::docr::DocrScope;
use tags::sandbox::ghcr::{MissingRight, PackageScope, TokenKind};

use crate::both::{Both, DO_TOKEN, RETENTION};
use crate::support::program::now;

/// What every command needs that lists, in DOCR.
const LISTING: [&str; 4] = ["rollback-target", "list", "cleanup", "gc"];

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
        "acme belongs to the account, which has 1 registry"
    );
    assert_eq!(found.text("ghcr", "token-kind", "detail"), "a classic personal access token");
    assert_eq!(found.status("docr", "may-delete"), "unknown", "no way to know without deleting");
    assert!(found.text("docr", "may-delete", "hint").contains("registry:delete"));
    assert_eq!(found.status("ghcr", "may-delete"), "ok");
    for registry in ["docr", "ghcr"] {
        let left = found.text(registry, "rate-limit", "detail");
        assert!(left.contains(" of 5000 requests left, resets at "), "{left}");
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
    assert!(human.stdout.ends_with("all required access is there\n"), "{}", human.stdout);
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
    let both = Both::good().showing(["dop_v1_expired", "ghp_expired"]);
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
        "amce does not belong to the account, which has 2 registries"
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
        let (code, found) = both.showing([DO_TOKEN, token]).found();
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
    let both = Both::good().showing(["dop_v1\nbroken", "ghp_broken\nin_two"]);
    let (code, found) = both.found();
    assert_eq!(code, 4, "{}", found.0);
    for registry in ["docr", "ghcr"] {
        for name in ["authenticated", "may-list"] {
            assert_eq!(found.status(registry, name), "missing", "{registry} {name}: {}", found.0);
            assert!(found.text(registry, name, "hint").contains("line break"), "{}", found.0);
        }
    }
    found.is_told_whole();

    let blank = Both::good().showing([" \n", " "]);
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
            let left = r"\d+ of (\d+) requests left, resets at [-0-9: ]* UTC";
            settings.add_filter(left, "N of $1 requests left, resets at TIME");
            settings.add_filter(r"(89|90) minutes", "90 minutes");
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            let text = both.settled(&text);
            settings.bind(|| insta::assert_snapshot!(format!("{name}-{format}"), text));
        }
    }
}
