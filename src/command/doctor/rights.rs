//! Checks the kind and the permissions of the token, as far as possible without deleting anything.

use super::{ALL, LISTING, RegistryCase};
use crate::model::{TokenKind, UnreadCause};
use crate::policy::RegistryKind;
use crate::report::{Check, CheckStatus};

/// The kind of a GitHub token: not every kind works with packages.
pub(super) fn token_kind(case: &RegistryCase<'_>) -> Option<Check> {
    const NAME: &str = "token-kind";
    if case.registry.kind != RegistryKind::Ghcr {
        return None;
    }
    let fact = case.found.credential.as_ref().ok()?.as_ref()?;
    Some(match fact.token {
        TokenKind::Classic => Check::ok(NAME, "a classic personal access token"),
        TokenKind::Installation => Check::ok(NAME, "GITHUB_TOKEN, or that of a GitHub App"),
        TokenKind::OAuth => Check::ok(NAME, "an OAuth token, such as that of `gh auth login`"),
        TokenKind::Other => Check::new(NAME, CheckStatus::Unknown, "unknown token prefix"),
        TokenKind::FineGrained => {
            let detail = "a fine-grained token, which GitHub Packages does not accept";
            // Public packages can be read with any token.
            let works = |probe: &crate::model::Probe| matches!(probe, Some(Ok(())));
            let needed =
                case.context.cleans_up || !works(&case.found.read) || !works(&case.found.list);
            Check::missing(NAME, detail)
                .blocking(ALL.to_vec())
                .hint(
                    "create a classic token with read:packages; in GitHub Actions use GITHUB_TOKEN",
                )
                .unless_needed(needed)
        }
    })
}

/// Whether the token may delete.
pub(super) fn delete(case: &RegistryCase<'_>) -> Check {
    const NAME: &str = "may-delete";
    let unknown = |detail: &str| Check::new(NAME, CheckStatus::Unknown, detail);
    let fact = case.found.credential.as_ref().ok().and_then(Option::as_ref);
    let check = match (case.registry.kind, fact) {
        // Some registries let everyone delete.
        (RegistryKind::Oci, None) if matches!(case.found.credential, Ok(None)) => {
            unknown("not tried: without credentials, only a deletion shows it")
                .hint(case.set_token())
        }
        (_, None) => Check::missing(NAME, "requires credentials").hint(case.set_token()),
        (RegistryKind::Docr, _) => unknown("not tried: only a deletion shows it")
            .hint("a token with custom scopes needs registry:delete, and registry:update for gc"),
        (RegistryKind::Oci, _) => unknown("not tried: only a deletion shows it")
            .hint("many registries do not delete unless their configuration allows it"),
        (RegistryKind::Ghcr, Some(fact)) => match (&case.found.scopes, fact.token) {
            (_, TokenKind::FineGrained) => Check::missing(NAME, "not possible with a fine-grained token")
                .hint("create a classic token with read:packages and delete:packages"),
            (_, TokenKind::Installation) => unknown("the API does not report the permissions of GITHUB_TOKEN").hint(
                "give the job `permissions: packages: write`, and the repository the role Admin in the package's settings, under Manage Actions access",
            ),
            (Some(scopes), _) if scopes.contains("delete:packages") => {
                let detail = "the token has delete:packages; its user must be an admin of the package too";
                return Check::ok(NAME, detail);
            }
            (Some(_), _) => Check::missing(NAME, "the token does not have the scope delete:packages")
                .hint("give the classic token the scopes read:packages and delete:packages"),
            (None, _) => unknown("the API did not report the token's scopes")
                .hint("a classic token needs read:packages and delete:packages"),
        },
    };
    check.blocking(vec!["cleanup"]).unless_needed(case.context.cleans_up)
}

/// How many registries the DigitalOcean account has, and whether the policy's is one of them.
pub(super) fn registries(case: &RegistryCase<'_>) -> Option<Check> {
    const NAME: &str = "registries";
    let Ok(names) = case.found.registries.as_ref()? else {
        // The refusal itself is reported by the check of the credentials.
        return Some(Check::new(NAME, CheckStatus::Unknown, "the list could not be read"));
    };
    let count = match names.len() {
        1 => "1 registry".to_owned(),
        count => format!("{count} registries"),
    };
    let ours = case.registry.namespace.as_ref()?;
    if names.iter().any(|name| name == ours.as_str()) {
        return Some(Check::ok(NAME, format!("{ours} belongs to the account, which has {count}")));
    }
    let detail = format!("{ours} does not belong to the account, which has {count}");
    let check = Check::missing(NAME, detail).blocking(case.and_gc(&LISTING));
    Some(
        Check { cause: Some(UnreadCause::NotFound), ..check }
            .hint("check `namespace` in the policy, and that the token belongs to the right team"),
    )
}
