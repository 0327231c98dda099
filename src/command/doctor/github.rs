//! Checks the access to the repository on GitHub: runs, logs and deployments.

use super::{Session, limits};
use crate::github::{GitHubDiagnosis, Permission};
use crate::model::{Probe, ReleaseOrder, TokenKind, UnreadCause};
use crate::policy::{GitHubSettings, Policy, RecordStore};
use crate::report::{Check, CheckStatus, GitHubChecks};

/// Checks what `[github]` needs; none if the policy does not have it.
pub(super) async fn github(session: &Session) -> Option<GitHubChecks> {
    let settings = session.policy.github.as_ref()?;
    let host = crate::http::authority(&settings.api_url);
    let case = GitHubCase { policy: &session.policy, settings };
    let Some(github) = &session.github else {
        return Some(GitHubChecks { repository: None, host, checks: vec![case.unknown(session)] });
    };
    let first = session.policy.environments.keys().next().map_or("prod", |name| name.as_str());
    let found = github.diagnose(case.workflow(), &format!("tags-{first}")).await;
    let repository = Some(github.repository().to_string());
    Some(GitHubChecks { repository, host, checks: case.checks(&found) })
}

/// What the policy says about GitHub.
struct GitHubCase<'a> {
    policy: &'a Policy,
    settings: &'a GitHubSettings,
}

impl GitHubCase<'_> {
    fn checks(&self, found: &GitHubDiagnosis) -> Vec<Check> {
        let mut checks = vec![self.reached(found)];
        checks.extend(self.authenticated(found));
        checks.extend(token_kind(found));
        let done = match self.workflow() {
            Some(_) => "the runs of a workflow were listed",
            None => "the workflows were listed",
        };
        checks.push(probed(("may-read-runs", done), &found.runs, self.with_order(&RUNS)));
        checks.push(logs(found));
        if self.settings.records == RecordStore::Deployments {
            checks.push(self.deployments(found));
            checks.push(write(found));
        }
        let blocks = self.with_order(&RUNS);
        checks.push(limits::remaining(found.budget, blocks));
        checks
    }

    fn unknown(&self, session: &Session) -> Check {
        let error = session.no_repository();
        let check = Check::missing("repository", error.message);
        let check = Check { cause: Some(UnreadCause::NotFound), hint: error.hint, ..check };
        check.blocking(self.with_order(&RUNS))
    }

    fn reached(&self, found: &GitHubDiagnosis) -> Check {
        const NAME: &str = "api-reachable";
        match &found.api.answer {
            Ok(_) => Check::ok(NAME, format!("{} answers", found.api.host)),
            Err(why) => {
                let check = Check::failed(NAME, why, self.with_order(&RUNS));
                Check { status: CheckStatus::Missing, ..check }
            }
        }
    }

    fn authenticated(&self, found: &GitHubDiagnosis) -> Option<Check> {
        const NAME: &str = "authenticated";
        let Some(fact) = &found.credential else {
            let detail = "no token: only what is public can be read, without logs";
            let hint = format!("set {}", self.settings.token_env.join(" or "));
            return Some(Check::new(NAME, CheckStatus::Warning, detail).hint(hint));
        };
        Some(match (&found.accepted, &found.runs) {
            (Some(Err(why)), _) => Check::failed(NAME, why, self.with_order(&RUNS)),
            (Some(Ok(())), _) | (None, Some(Ok(()))) => {
                Check::ok(NAME, format!("with the token from {}", fact.origin))
            }
            _ => return None,
        })
    }

    /// Records are read by the commands that compare with them; the order `deployed` needs them.
    fn deployments(&self, found: &GitHubDiagnosis) -> Check {
        let named = ("may-read-deployments", "deployments were listed");
        let blocks = self.with_order(&["verify --require-record"]);
        let check = probed(named, &found.deployments, blocks);
        if self.orders_by_deployment() { check } else { optional(check) }
    }

    /// These commands, and those that need the order of deployments.
    fn with_order(&self, commands: &[&'static str]) -> Vec<&'static str> {
        let ordered: &[&str] =
            if self.orders_by_deployment() { &["list", "rollback-target", "cleanup"] } else { &[] };
        ordered.iter().chain(commands).copied().collect()
    }

    fn orders_by_deployment(&self) -> bool {
        let mut environments = self.policy.environments.values();
        environments.any(|environment| environment.order == ReleaseOrder::Deployed)
    }

    /// A workflow that deploys.
    fn workflow(&self) -> Option<&str> {
        let mut deploys = self.policy.environments.values().filter_map(|one| one.deploys.as_ref());
        deploys.find_map(|deploys| deploys.workflows.first()).map(String::as_str)
    }
}

/// The commands that read runs whatever the order is: `rollback` and `promote` wait for a deploy under way.
const RUNS: [&str; 3] = ["runs", "rollback", "promote"];

/// The kind of the token. Unlike packages, runs and deployments can be read with every kind.
fn token_kind(found: &GitHubDiagnosis) -> Option<Check> {
    const NAME: &str = "token-kind";
    let detail = match found.credential.as_ref()?.token {
        TokenKind::Classic => "a classic personal access token",
        TokenKind::Installation => "GITHUB_TOKEN, or that of a GitHub App",
        TokenKind::OAuth => "an OAuth token, such as that of `gh auth login`",
        TokenKind::FineGrained => "a fine-grained token, which works here",
        TokenKind::Other => {
            return Some(Check::new(NAME, CheckStatus::Unknown, "unknown token prefix"));
        }
    };
    Some(Check::ok(NAME, detail))
}

fn logs(found: &GitHubDiagnosis) -> Check {
    let named = ("may-read-logs", "the log of a job was opened");
    match (&found.runs, &found.logs) {
        (Some(Ok(())), None) => {
            let why = "not tried: no run of a workflow of the policy has ended";
            Check::new(named.0, CheckStatus::Unknown, why)
        }
        _ => optional(probed(named, &found.logs, vec!["runs"])),
    }
}

/// Whether deployments can be created. That is not tried, since it could not be undone.
fn write(found: &GitHubDiagnosis) -> Check {
    const NAME: &str = "may-write-deployments";
    let needed = Permission::DeploymentsWrite;
    let blocks = vec!["verify --record"];
    let scopes = found.scopes.as_ref();
    let grants = |scope: &&str| scopes.is_some_and(|scopes| scopes.contains(*scope));
    match (scopes, ["repo", "repo_deployment", "public_repo"].iter().find(|scope| grants(scope))) {
        (Some(_), Some(scope)) => Check::ok(NAME, format!("the token has the scope {scope}")),
        (Some(_), None) => {
            let check = Check::missing(NAME, "the token has no scope repo_deployment");
            optional(check.blocking(blocks).hint(needed.hint()))
        }
        (None, _) => {
            let why = "not tried: only a record shows it";
            let check = Check::new(NAME, CheckStatus::Unknown, why);
            check.blocking(blocks).hint(needed.hint())
        }
    }
}

/// A check of something that the policy can do without: it never fails.
fn optional(check: Check) -> Check {
    let status = match check.status {
        CheckStatus::Missing => CheckStatus::Warning,
        other => other,
    };
    Check { status, cause: None, ..check }
}

/// The result of a request that was tried; `done` says what succeeded.
fn probed((name, done): (&'static str, &str), probe: &Probe, blocks: Vec<&'static str>) -> Check {
    match probe {
        Some(Ok(())) => Check::ok(name, done),
        Some(Err(why)) => Check::failed(name, why, blocks),
        None => {
            let why = "not tried: GitHub cannot be reached, or does not accept the token";
            Check::new(name, CheckStatus::Unknown, why).blocking(blocks)
        }
    }
}
