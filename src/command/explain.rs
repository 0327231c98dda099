//! `explain`: why a tag or a release is kept or deleted, by the plan that `cleanup` would make now.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::deployed::{of_release, unread_text};
use super::explain_target::{ExplainTarget, explain_target};
use super::journals::earlier_journals;
use super::planning::{Decided, Planning};
use super::{CommandError, GitLogs, InUseList, Session, State};
use crate::model::{Deployment, EnvironmentName, Repository, Sha, UnreadCause};
use crate::policy::Policy;
use crate::report::{self, Exit};
use crate::retention::{Plan, RuleLabels, Subject, matching_releases};

/// Asks for an explanation.
pub struct Request<'a> {
    /// A manifest as `REPOSITORY:TAG` or `REPOSITORY@DIGEST`, an environment, or a SHA. The
    /// repository may begin with the registry's name, or be only the end of the address.
    pub target: String,
    /// The SHA of a release or the beginning of one, where the target is an environment.
    pub sha: Option<String>,
    /// Running images, which are kept.
    pub in_use: InUseList,
    /// What git says about the branch of each environment.
    pub git: GitLogs,
    /// Where this machine keeps its state.
    pub state: &'a dyn State,
    /// The time to plan for; by default the current time of the servers.
    pub at: Option<DateTime<Utc>>,
}

/// Explains why a tag, a manifest or a release is kept or deleted.
///
/// # Errors
/// [`CommandError`] when the target cannot be understood, a journal cannot be read, the list of
/// running images protects nothing, or a SHA names no release or several.
pub async fn explain(
    session: &Session,
    request: &Request<'_>,
) -> Result<report::Explain, CommandError> {
    let target = explain_target(&session.policy, &request.target, request.sha.as_deref())?;
    let journals = earlier_journals(session, request.state, None)?;
    let planning = Planning {
        session,
        in_use: &request.in_use,
        git: &request.git,
        journals: &journals,
        state: request.state,
        at: request.at,
    };
    let decided = planning.run().await?;
    let (policy, plan) = (&session.policy, &decided.plan);
    let subject = match target {
        ExplainTarget::Tag(repository, tag) => Subject::Tag(repository, tag),
        ExplainTarget::Manifest(repository, digest) => Subject::Manifest(repository, digest),
        ExplainTarget::Release(environment, sha) => release(policy, plan, environment, sha)?,
        ExplainTarget::Commit(sha) => {
            let environment = environment_of(policy, plan, &sha)?;
            release(policy, plan, environment, sha)?
        }
    };
    let deployments = match &subject {
        Subject::Release(name, sha) => deployments(session, &decided, (name, sha)).await,
        Subject::Tag(..) | Subject::Manifest(..) => None,
    };
    session.finish_requests();
    let explanation = crate::retention::explain(&decided.contents, policy, plan, subject);
    let unread = unread(session, plan, &explanation.subject);
    let rules = RuleLabels::new(policy);
    Ok(report::Explain { explanation, unread, deployments, rules })
}

/// The gravest cause for which a repository that the subject may be in could not be read completely. Each
/// reason is warned about once.
fn unread(session: &Session, plan: &Plan, subject: &Subject) -> Option<UnreadCause> {
    let concerns = |repository: &Repository| match subject {
        Subject::Tag(of, _) | Subject::Manifest(of, _) => of == repository,
        Subject::Release(name, _) => {
            session.policy.environments.get(name).is_none_or(|one| one.uses(repository))
        }
    };
    let of_subject = plan.coverage.iter().filter(|coverage| concerns(&coverage.repository));
    let reasons: BTreeSet<_> = of_subject
        .filter_map(|coverage| coverage.unread.as_ref())
        .map(|why| (why.cause, &why.message, &why.hint))
        .collect();
    for (_, message, hint) in &reasons {
        let text = format!("not everything that may belong to it could be read: {message}");
        session.warn(text, (*hint).clone());
    }
    reasons.first().map(|(cause, ..)| *cause)
}

/// The deployments of a release, oldest first, where the policy says what deploys to its environment.
async fn deployments(
    session: &Session,
    decided: &Decided<'_>,
    (name, sha): (&EnvironmentName, &Sha),
) -> Option<Vec<Deployment>> {
    let environment = session.policy.environments.get(name)?;
    let known = match decided.deployments.get(name) {
        Some(known) => Ok(known.clone()),
        None if environment.deploys.is_none() => return None,
        None => of_release(session, environment, sha).await,
    };
    let mut found = match known {
        Ok(known) => known.found,
        Err(why) => {
            session.warn(unread_text(name, &why), why.hint);
            return None;
        }
    };
    found.retain(|deployment| deployment.sha.agrees_with(sha));
    found.sort_by_key(|deployment| deployment.time);
    Some(found)
}

/// The one environment that has a release of this SHA.
fn environment_of(
    policy: &Policy,
    plan: &Plan,
    sha: &Sha,
) -> Result<EnvironmentName, CommandError> {
    let has = |name: &&EnvironmentName| !matching_releases(policy, plan, name, sha).is_empty();
    let mut having: Vec<&EnvironmentName> = policy.environments.keys().filter(has).collect();
    match (having.pop(), having.as_slice()) {
        (Some(one), []) => Ok(one.clone()),
        (Some(last), others) => {
            let names: Vec<&str> = others.iter().map(|name| name.as_str()).collect();
            let message = format!("`{sha}` is a release of {} and {last}", names.join(", "));
            Err(CommandError::usage(message)
                .hint(format!("name the environment, such as `tags explain {last} {sha}`")))
        }
        (None, _) => {
            let unread = plan.coverage.iter().filter_map(|coverage| coverage.unread.as_ref());
            let exit = unread.map(|why| why.cause).min().map_or(Exit::Fails, Exit::unread);
            let message = match exit {
                Exit::Fails => format!("no environment has a release `{sha}`"),
                _ => format!(
                    "no environment has a release `{sha}` in the repositories that could be read"
                ),
            };
            Err(CommandError::new(exit, message)
                .hint("`tags list ENVIRONMENT` shows the releases; to explain a tag, write REPOSITORY:TAG"))
        }
    }
}

/// The release that a SHA, or the beginning of one, names.
fn release(
    policy: &Policy,
    plan: &Plan,
    environment: EnvironmentName,
    sha: Sha,
) -> Result<Subject, CommandError> {
    let mut meant = matching_releases(policy, plan, &environment, &sha);
    if meant.len() > 1 {
        let names: Vec<String> = meant.iter().take(10).map(Sha::to_string).collect();
        let message = format!("`{sha}` matches {} releases: {}", meant.len(), names.join(", "));
        return Err(CommandError::usage(message).hint("give more digits"));
    }
    Ok(Subject::Release(environment, meant.pop().unwrap_or(sha)))
}
