//! Checks the kind and the permissions of the token, as far as possible without deleting anything.

use super::{ALL, LISTING, RegistryCase};
use crate::model::{CredentialFact, TokenKind, UnreadCause};
use crate::report::{Check, CheckStatus};

/// The kind of a GitHub token: not every kind works with packages.
pub(super) fn token_kind(case: &RegistryCase<'_>) -> Option<Check> {
    const NAME: &str = "token-kind";
    if !case.registry.kind.has_github_tokens() {
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
    let kind = case.registry.kind;
    let is_plain = !case.capabilities.lists_manifests;
    let check = match fact {
        // Some plain registries let everyone delete.
        None if is_plain && matches!(case.found.credential, Ok(None)) => {
            unknown("not tried: only a deletion shows whether it works without credentials")
                .hint(case.set_token())
        }
        None => Check::missing(NAME, "not possible without credentials").hint(case.set_token()),
        Some(fact) if kind.has_github_tokens() => github_delete(case, fact),
        Some(_) => unknown("not tried: only a deletion shows it").hint(kind.deletion_help()),
    };
    if check.status == CheckStatus::Ok {
        return check;
    }
    check.blocking(vec!["cleanup"]).unless_needed(case.context.cleans_up)
}

/// Whether a GitHub token may delete, by its kind and its scopes.
fn github_delete(case: &RegistryCase<'_>, fact: &CredentialFact) -> Check {
    const NAME: &str = "may-delete";
    let unknown = |detail: &str| Check::new(NAME, CheckStatus::Unknown, detail);
    match (&case.found.scopes, fact.token) {
        (_, TokenKind::FineGrained) => Check::missing(NAME, "not possible with a fine-grained token")
            .hint("create a classic token with read:packages and delete:packages"),
        (_, TokenKind::Installation) => unknown("the API does not report the permissions of GITHUB_TOKEN").hint(
            "give the job `permissions: packages: write`, and the repository the role Admin in the package's settings, under Manage Actions access",
        ),
        (Some(scopes), _) if scopes.contains("delete:packages") => {
            let detail = "the token has delete:packages; its user must be an admin of the package too";
            Check::ok(NAME, detail)
        }
        (Some(_), _) => Check::missing(NAME, "the token has no scope delete:packages")
            .hint("give the classic token the scopes read:packages and delete:packages"),
        (None, _) => unknown("the API did not report the token's scopes")
            .hint(case.registry.kind.deletion_help()),
    }
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
