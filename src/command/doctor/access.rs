//! Checks whether a registry is reachable, takes the credentials, and lets tags be read and listed.

use super::{ALL, LISTING, RegistryCase};
use crate::model::{HostAnswer, Probe};
use crate::report::{Check, CheckStatus};

/// Whether the registry and its management API answer.
pub(super) fn reached(case: &RegistryCase<'_>) -> Vec<Check> {
    let mut checks = vec![host("reachable", &case.found.registry, case.and_gc(&ALL))];
    if let Some(api) = &case.found.api {
        checks.push(host("api-reachable", api, case.and_gc(&LISTING)));
    }
    checks
}

fn host(name: &'static str, host: &HostAnswer, blocks: Vec<&'static str>) -> Check {
    match &host.answer {
        Ok(_) => Check::ok(name, format!("{} answers", host.host)),
        // An unreachable host is what this check looks for, so it is not `unknown` here.
        Err(why) => Check { status: CheckStatus::Missing, ..Check::failed(name, why, blocks) },
    }
}

/// Which credentials are used, and whether the management API accepts them.
pub(super) fn authenticated(case: &RegistryCase<'_>) -> Vec<Check> {
    const NAME: &str = "authenticated";
    let has_api = case.found.api.is_some();
    let fact = match &case.found.credential {
        Err(why) => return vec![Check::failed(NAME, why, case.and_gc(&ALL))],
        Ok(None) if !case.registry.kind.has_anonymous_access() => {
            let service = case.registry.kind.service();
            let detail = format!("no credentials, and {service} has no anonymous access");
            let check = Check::missing(NAME, detail).blocking(case.and_gc(&ALL));
            return vec![check.hint(case.set_token())];
        }
        Ok(None) => {
            let check = Check::new(NAME, CheckStatus::Warning, "no credentials: anonymous access");
            return vec![check.blocking(vec!["cleanup"]).hint(case.set_token())];
        }
        Ok(Some(fact)) => fact,
    };
    if has_api && !fact.sent_to_api {
        let detail = format!(
            "the credentials from {} work for the registry only, not for its management API: no push times, no deletion",
            fact.origin
        );
        let check = Check::missing(NAME, detail).blocking(case.and_gc(&["cleanup"]));
        return vec![check.hint(case.set_token()).unless_needed(case.context.cleans_up)];
    }
    match &case.found.accepted {
        Some(Err(why)) => vec![Check::failed(NAME, why, case.and_gc(&LISTING))],
        Some(Ok(())) => vec![Check::ok(NAME, format!("with the credentials from {}", fact.origin))],
        None => vec![by_use(case, &fact.origin)],
    }
}

/// Where no API checks credentials: they are accepted if a request with them succeeded.
fn by_use(case: &RegistryCase<'_>, origin: &str) -> Check {
    const NAME: &str = "authenticated";
    let probes = [&case.found.read, &case.found.list];
    if probes.iter().any(|probe| matches!(probe, Some(Ok(())))) {
        return Check::ok(NAME, format!("with the credentials from {origin}"));
    }
    let detail = format!("there are credentials from {origin}, but no request with them succeeded");
    Check::new(NAME, CheckStatus::Unknown, detail)
}

/// Whether tags can be read and listed, which every policy needs.
pub(super) fn usable(case: &RegistryCase<'_>) -> Vec<Check> {
    vec![
        probed(case, ("may-read", "a tag of the policy was looked up"), &case.found.read)
            .blocking_if_failed(&["verify", "rollback-target", "cleanup"]),
        probed(case, ("may-list", "a repository of the policy was listed"), &case.found.list)
            .blocking_if_failed(&LISTING),
    ]
}

const MOVES: [&str; 4] = ["rollback", "promote", "repair", "undo"];

/// Whether something can be pushed. Tried only where the policy lets releases be promoted, since it
/// takes more than reading; elsewhere the scopes of a GitHub token tell it, if they are known.
pub(super) fn push(case: &RegistryCase<'_>) -> Check {
    const NAME: &str = "may-push";
    let check = match (&case.found.scopes, case.context.promotes) {
        (_, true) => probed(case, (NAME, "an upload was started and cancelled"), &case.found.push),
        (Some(scopes), false) if scopes.contains("write:packages") => Check::ok(
            NAME,
            "the token has write:packages; its user must be able to write the package too",
        ),
        (Some(_), false) => Check::missing(NAME, "the token has no scope write:packages")
            .hint("for those commands, give the classic token the scope write:packages")
            .unless_needed(false),
        (None, false) => {
            let why = "not tried: only a push shows it";
            Check::new(NAME, CheckStatus::Unknown, why)
        }
    };
    check.blocking_if_failed(&MOVES)
}

/// The result of a request that was tried; `done` says what succeeded.
fn probed(case: &RegistryCase<'_>, (name, done): (&'static str, &str), probe: &Probe) -> Check {
    match probe {
        Some(Ok(())) => Check::ok(name, done),
        Some(Err(why)) => Check::failed(name, why, Vec::new()),
        None => {
            let answers = |host: &HostAnswer| host.answer.is_ok();
            let reached =
                answers(&case.found.registry) && case.found.api.as_ref().is_none_or(answers);
            let why = if reached {
                "not tried: no environment has an image there"
            } else {
                "not tried: the registry cannot be reached"
            };
            Check::new(name, CheckStatus::Unknown, why)
        }
    }
}

impl Check {
    fn blocking_if_failed(self, blocks: &[&'static str]) -> Self {
        if self.status == CheckStatus::Ok { self } else { self.blocking(blocks.to_vec()) }
    }
}
