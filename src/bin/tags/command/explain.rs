//! `tags explain`: why something stays or goes, by the plan that `tags cleanup` would make now.

use tags::change::journal::JournalRecords;
use tags::collect::Collector;
use tags::model::{EnvironmentName, RestoredManifest, Sha, Unfinished, UnreadCause};
use tags::policy::Policy;
use tags::report;
use tags::retention::{InUse, Plan, Subject, explain, matching_releases};

use super::applying::earlier;
use super::explain_target::{ExplainTarget, explain_target};
use super::plan_input::{check_in_use, read_in_use};
use super::planning::Planning;
use crate::args::{Explain, Global};
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::output::{self, Rendered};
use crate::progress;

pub(crate) async fn run(global: &Global, args: &Explain) -> Result<Exit, Failure> {
    let context = Context::new(global)?;
    let policy = &context.policy;
    let target = explain_target(policy, &args.target, args.sha.as_deref())?;
    let in_use = match &args.in_use {
        Some(path) => read_in_use(path, false, policy).await?,
        None => InUse::default(),
    };
    let journals = earlier(None, &context.policy_digest)?;
    let left: Vec<Unfinished> = journals.iter().flat_map(JournalRecords::unfinished).collect();
    let put_back: Vec<RestoredManifest> =
        journals.iter().flat_map(JournalRecords::restored_manifests).collect();
    let progress = progress::new(global);
    let collector = Collector { connections: &context.connections, progress: progress.as_ref() };
    let planning = Planning {
        context: &context,
        collector,
        in_use: &in_use,
        unfinished: &left,
        put_back: &put_back,
        at: args.at,
    };
    let planned = planning.run().await;
    check_in_use(&planned.in_use, false)?;
    drop(progress);
    context.log_traffic();
    let subject = match target {
        ExplainTarget::Tag(repository, tag) => Subject::Tag(repository, tag),
        ExplainTarget::Manifest(repository, digest) => Subject::Manifest(repository, digest),
        ExplainTarget::Release(environment, sha) => {
            release(policy, &planned.plan, environment, sha)?
        }
        ExplainTarget::Commit(sha) => {
            let environment = environment_of(policy, &planned.plan, &sha)?;
            release(policy, &planned.plan, environment, sha)?
        }
    };
    let explanation = explain(&planned.contents, policy, &planned.plan, subject);
    let rendered = Rendered {
        human: report::human::explain(&explanation),
        json: report::json::explain(&explanation),
        annotations: report::github::explain(&explanation),
        annotates_by_itself: false,
        outputs: String::new(),
        markdown: report::markdown::explain(&explanation),
    };
    output::write(&rendered, global.format)?;
    let unread = planned.plan.coverage.iter().filter_map(|coverage| coverage.unread.as_ref());
    Ok(match (explanation.manifests.is_empty(), unread.map(|why| why.cause).min()) {
        (false, _) => Exit::Ok,
        (true, Some(UnreadCause::Credentials)) => Exit::Credentials,
        (true, Some(_)) => Exit::Unreadable,
        (true, None) => Exit::Fails,
    })
}

/// The one environment that has a release of this SHA.
fn environment_of(policy: &Policy, plan: &Plan, sha: &Sha) -> Result<EnvironmentName, Failure> {
    let has = |name: &&EnvironmentName| !matching_releases(policy, plan, name, sha).is_empty();
    let mut having: Vec<&EnvironmentName> = policy.environments.keys().filter(has).collect();
    match (having.pop(), having.as_slice()) {
        (Some(one), []) => Ok(one.clone()),
        (Some(last), others) => {
            let names: Vec<&str> = others.iter().map(|name| name.as_str()).collect();
            let message = format!("`{sha}` is a release of {} and {last}", names.join(", "));
            Err(Failure::usage(message).hint(format!("say of which: `tags explain {last} {sha}`")))
        }
        (None, _) => {
            let unread = plan.coverage.iter().filter_map(|coverage| coverage.unread.as_ref());
            let exit = unread.map(|why| why.cause).min().map_or(Exit::Fails, Exit::unread);
            let message = match exit {
                Exit::Fails => format!("no environment has a release `{sha}`"),
                _ => format!("no environment has a release `{sha}` in what could be read"),
            };
            Err(Failure::new(exit, message)
                .hint("`tags list ENVIRONMENT` shows the releases; a tag is named REPOSITORY:TAG"))
        }
    }
}

/// The release that is meant by a SHA or the beginning of one.
fn release(
    policy: &Policy,
    plan: &Plan,
    environment: EnvironmentName,
    sha: Sha,
) -> Result<Subject, Failure> {
    let mut meant = matching_releases(policy, plan, &environment, &sha);
    if meant.len() > 1 {
        let names: Vec<&str> = meant.iter().take(10).map(Sha::as_str).collect();
        let message = format!("`{sha}` may be {} releases: {}", meant.len(), names.join(", "));
        return Err(Failure::usage(message).hint("give more digits"));
    }
    Ok(Subject::Release(environment, meant.pop().unwrap_or(sha)))
}
