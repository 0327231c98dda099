//! Which checks pass or fail for given facts.

use chrono::TimeDelta;

use super::*;
use crate::model::{CredentialFact, HostAnswer, RateLimit, ServerClock, TokenKind};

const POLICY: &str = r#"
version = 1
[registry.it]
kind = "ghcr"
namespace = "acme"
[image.backend]
repositories = { it = "backend" }
[environment.prod]
sha-tag = "prod-{sha}"
latest-tag = "prod-latest"
"#;

fn now() -> DateTime<Utc> {
    "2026-01-10T12:00:00Z".parse().expect("a time")
}

fn host(behind: TimeDelta) -> HostAnswer {
    let clock = ServerClock { time: now() - behind, elapsed: TimeDelta::zero() };
    HostAnswer { host: "api.example".to_owned(), answer: Ok(Some(clock)) }
}

/// All is well, with a token of this kind.
fn found(token: TokenKind) -> Diagnosis {
    let fact = CredentialFact { origin: "$T".to_owned(), sent_to_api: true, token };
    Diagnosis {
        registry: host(TimeDelta::zero()),
        api: Some(host(TimeDelta::zero())),
        credential: Ok(Some(fact)),
        accepted: Some(Ok(())),
        read: Some(Ok(())),
        list: Some(Ok(())),
        push: Some(Ok(())),
        scopes: None,
        budget: Some(RateLimit { remaining: 4000, limit: None, resets: None }),
        registries: None,
    }
}

fn check(found: &Diagnosis, cleans_up: bool, name: &str) -> Check {
    let policy = crate::policy::parse("tags.toml", POLICY).expect("a policy");
    let registry = policy.registries.values().next().expect("a registry");
    let capabilities = Capabilities { lists_manifests: true, ..Capabilities::default() };
    let context = DoctorContext { now: now(), cleans_up, promotes: false };
    let examined = examine(registry, capabilities, found, context);
    examined.checks.into_iter().find(|check| check.name == name).expect("the check")
}

#[test]
fn a_clock_is_judged_by_when_the_answer_came() {
    for (behind, elapsed, status) in [
        (0, 0, CheckStatus::Ok),
        (299, 0, CheckStatus::Ok),
        (301, 0, CheckStatus::Warning),
        (-301, 0, CheckStatus::Warning),
        (-301, 200, CheckStatus::Ok),
    ] {
        let mut registry = host(TimeDelta::seconds(behind));
        if let Ok(Some(clock)) = &mut registry.answer {
            clock.elapsed = TimeDelta::seconds(elapsed);
        }
        let found = Diagnosis { registry, ..found(TokenKind::Classic) };
        assert_eq!(check(&found, false, "clock").status, status, "{behind} {elapsed}");
    }
}

#[test]
fn a_fine_grained_token_is_enough_for_what_is_public_and_for_nothing_else() {
    let public = found(TokenKind::FineGrained);
    assert_eq!(check(&public, false, "token-kind").status, CheckStatus::Warning);
    assert_eq!(check(&public, true, "token-kind").status, CheckStatus::Missing);
    assert_eq!(check(&public, true, "may-delete").status, CheckStatus::Missing);
}

#[test]
fn what_nobody_can_know_is_never_said_to_be_fine() {
    for token in [TokenKind::Installation, TokenKind::OAuth, TokenKind::Other] {
        let delete = check(&found(token), true, "may-delete");
        assert_eq!((delete.status, delete.cause), (CheckStatus::Unknown, None), "{token:?}");
        assert!(delete.hint.is_some() && delete.blocks == ["cleanup"]);
    }
}

#[test]
fn trouble_of_the_server_is_no_missing_right() {
    let why = |cause| Unread { cause, message: "no".to_owned(), hint: None };
    for (cause, status) in [
        (UnreadCause::Credentials, CheckStatus::Missing),
        (UnreadCause::NotFound, CheckStatus::Missing),
        (UnreadCause::Unreachable, CheckStatus::Unknown),
    ] {
        let found = Diagnosis { list: Some(Err(why(cause))), ..found(TokenKind::Classic) };
        let list = check(&found, false, "may-list");
        assert_eq!((list.status, list.cause), (status, Some(cause)));
        assert_eq!(list.blocks, LISTING);
    }
}

#[test]
fn a_token_that_may_not_push_blocks_what_writes_tags() {
    let why = Unread { cause: UnreadCause::Credentials, message: "no".to_owned(), hint: None };
    let found = Diagnosis { push: Some(Err(why)), ..found(TokenKind::Classic) };
    let push = check(&found, true, "may-push");
    assert_eq!(push.status, CheckStatus::Unknown);
    assert_eq!(push.blocks, ["rollback", "promote", "repair", "undo"]);
}

#[test]
fn the_scopes_of_a_token_tell_whether_it_may_push() {
    let with = |scopes: &[&str]| {
        let scopes = Some(scopes.iter().map(|&scope| scope.to_owned()).collect());
        check(&Diagnosis { scopes, ..found(TokenKind::Classic) }, false, "may-push")
    };
    assert_eq!(with(&["read:packages", "write:packages"]).status, CheckStatus::Ok);
    let without = with(&["read:packages"]);
    assert_eq!((without.status, without.blocks.len()), (CheckStatus::Warning, 4));
}
