//! What had to survive, looked at after the deletions: latest tags, current releases and rollback
//! floors, in the repositories that lost something.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, stream};

use super::{ApplyJob, Survivor};
use crate::collect::content_check;
use crate::model::{Digest, EnvironmentName, Repository, TagKind, TagName};
use crate::registry::tag_digest;
use crate::retention::{Decision, KeepCode, PlanEntry, ReasonCode};

/// How many survivors are looked at at once.
const AT_ONCE: usize = 8;

/// A tag that must be whole.
struct Wanted<'a> {
    environment: &'a EnvironmentName,
    repository: &'a Repository,
    tag: &'a TagName,
}

/// Looks at what had to survive, in the given repositories.
pub(super) async fn survivors_check(
    job: &ApplyJob<'_>,
    touched: &BTreeSet<Repository>,
) -> Vec<Survivor> {
    let entries = job.plan.plan().entries.iter();
    let entries = entries.filter(|e| touched.contains(&e.repository) && must_survive(e));
    let wanted: Vec<Wanted<'_>> = entries.flat_map(|entry| wanted(job, entry)).collect();
    job.collector.progress.expect(wanted.len(), "survivors");
    let mut survivors: Vec<Survivor> =
        stream::iter(wanted).map(|one| look(job, one)).buffer_unordered(AT_ONCE).collect().await;
    survivors.sort_by(|a, b| {
        (&a.environment, &a.repository, &a.tag).cmp(&(&b.environment, &b.repository, &b.tag))
    });
    survivors
}

fn must_survive(entry: &PlanEntry) -> bool {
    let held = matches!(
        entry.reason.code,
        ReasonCode::Keep(KeepCode::LatestTag | KeepCode::CurrentRelease | KeepCode::RollbackFloor)
    );
    // What lost a tag may hold another that matters, whatever the reason says.
    held || matches!(entry.decision, Decision::Untag(_))
}

/// The tags that a manifest keeps, with the environments that they belong to.
fn wanted<'a>(job: &ApplyJob<'a>, entry: &'a PlanEntry) -> Vec<Wanted<'a>> {
    let environments = job.policy.environments.values();
    let environments = environments.filter(|environment| environment.uses(&entry.repository));
    environments
        .flat_map(|environment| {
            let is_its = |tag: &&TagName| {
                let going = matches!(&entry.decision, Decision::Untag(tags) if tags.contains(tag));
                let kind = environment.scheme.classify(tag);
                !going && matches!(kind, TagKind::Sha(_) | TagKind::Latest)
            };
            entry.tags.iter().filter(is_its).map(|tag| Wanted {
                environment: &environment.name,
                repository: &entry.repository,
                tag,
            })
        })
        .collect()
}

async fn look(job: &ApplyJob<'_>, wanted: Wanted<'_>) -> Survivor {
    let (damage, unread) = match tag_read(job, &wanted).await {
        Ok(Some(digest)) => {
            let report = content_check(job.collector, wanted.repository, &digest).await;
            let missing: Vec<String> = report.missing.iter().map(ToString::to_string).collect();
            let damage = (!missing.is_empty()).then(|| format!("missing: {}", missing.join(", ")));
            (damage, report.unread.first().map(|unread| unread.message.clone()))
        }
        Ok(None) => (Some("the tag is gone".to_owned()), None),
        Err(unread) => (None, Some(unread)),
    };
    job.collector.progress.advance();
    Survivor {
        environment: wanted.environment.clone(),
        repository: wanted.repository.clone(),
        tag: wanted.tag.clone(),
        damage,
        unread,
    }
}

/// What the tag points to now: content is only as good as the way to it.
async fn tag_read(job: &ApplyJob<'_>, wanted: &Wanted<'_>) -> Result<Option<Digest>, String> {
    let name = &wanted.repository.registry;
    let Some(registry) = job.collector.connections.registry(name) else {
        return Err(format!("the policy has no registry `{name}`"));
    };
    // A tag is called gone only when GET says so as well.
    let found = tag_digest(registry, &wanted.repository.path, wanted.tag).await;
    found.map_err(|error| error.to_unread().message)
}
